import { expect, test } from "vitest";
import {
  carriedOver,
  changedOf,
  choicesOf,
  flatOf,
  formOf,
  initialOf,
  isOptional,
  usedOf,
} from "./inputs";

test("a default fills its field, lists as JSON", () => {
  expect(initialOf({ id: "a", type: "STRING", defaults: "x" })).toBe("x");
  expect(initialOf({ id: "a", type: "ARRAY", defaults: [1, 2] })).toBe("[1,2]");
  expect(initialOf({ id: "a", type: "BOOLEAN", defaults: false })).toBe("false");
  expect(initialOf({ id: "a", type: "STRING" })).toBe("");
  expect(initialOf({ id: "a", type: "DATE", defaults: "{{ now() }}" })).toBe("");
});

test("an input without a default has to be filled unless it says otherwise", () => {
  expect(isOptional({ id: "a", type: "INT" })).toBe(false);
  expect(isOptional({ id: "a", type: "INT", required: false })).toBe(true);
  expect(isOptional({ id: "a", type: "INT", defaults: 0 })).toBe(true);
});

test("what was typed goes along to the inputs of another revision, their defaults do not", () => {
  const from = [
    { id: "typed", type: "STRING", defaults: "a" },
    { id: "left", type: "STRING", defaults: "a" },
    { id: "other", type: "STRING" },
    { id: "gone", type: "STRING" },
  ];
  const to = [
    { id: "typed", type: "STRING", defaults: "b" },
    { id: "left", type: "STRING", defaults: "b" },
    { id: "other", type: "INT", defaults: 7 },
    { id: "new", type: "STRING" },
  ];

  const filled = carriedOver(from, { typed: "mine", left: "a", other: "x", gone: "y" }, to);

  expect(filled).toEqual({ typed: "mine", left: "b", other: "7", new: "" });
});

test("files travel under the id of their input and empty fields stay home", () => {
  const file = new File(["x"], "local-name.csv");
  const inputs = [
    { id: "data", type: "FILE" },
    { id: "day", type: "DATE" },
    { id: "none", type: "STRING" },
  ];

  const form = formOf(inputs, { data: file, day: "2026-11-24", none: "" });

  expect((form.get("files") as File).name).toBe("data");
  expect(form.get("day")).toBe("2026-11-24");
  expect(form.has("none")).toBe(false);
});

test("the inputs of a form are fields of their own under the form's name", () => {
  const inner = [
    { id: "country", type: "STRING", displayName: "Land" },
    { id: "lines", type: "FORM", inputs: [{ id: "first", type: "STRING" }] },
  ];

  const fields = flatOf([
    { id: "a", type: "INT" },
    { id: "address", type: "FORM", inputs: inner },
  ]);

  expect(fields.map((field) => field.id)).toEqual(["a", "address.country", "address.lines.first"]);
  expect(fields[1]?.displayName).toBe("address: Land");
});

test("a choice is a text, or a value with a label", () => {
  const values = ["x", 3, { value: "v", label: "Vee" }, { value: "w" }];

  expect(choicesOf({ id: "a", type: "SELECT", values })).toEqual([
    { value: "x", label: "x" },
    { value: "3", label: "3" },
    { value: "v", label: "Vee" },
    { value: "w", label: "w" },
  ]);
});

test("a prefill is shown where there is no default", () => {
  expect(initialOf({ id: "a", type: "STRING", prefill: "p", required: false })).toBe("p");
});

test("what an execution had fills its fields, but neither a secret nor a file", () => {
  const inputs = [
    "day:DATE",
    "n:INT",
    "key:SECRET",
    "data:FILE",
    "at:DATETIME",
    "form.x:STRING",
  ].map((text) => ({ id: text.split(":")[0] ?? "", type: text.split(":")[1] ?? "" }));
  const values = { day: "2026-05-01", n: 3, key: "******", data: "kestra:///x", form: { x: "y" } };

  const used = usedOf(inputs, { ...values, at: "2026-05-01T10:00:00Z" });

  expect(used).toEqual({
    day: "2026-05-01",
    n: "3",
    key: "",
    data: "",
    at: "2026-05-01T10:00:00",
    "form.x": "y",
  });
});

test("only what was changed is sent with a replay", () => {
  const inputs = ["a", "b", "c"].map((id) => ({ id, type: "STRING" }));

  const changed = changedOf(inputs, { a: "1", b: "2", c: "3" }, { a: "1", b: "4", c: "" });

  expect(changed.map(({ id }) => id)).toEqual(["b"]);
});
