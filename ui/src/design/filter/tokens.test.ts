import { expect, test } from "vitest";
import { accept, offerAt } from "./complete";
import { EXECUTION_FIELDS, exampleOf, FLOW_FIELDS, LOG_FIELDS, TRIGGER_FIELDS } from "./fields";
import { changesTo, filtersIn, parse, queryOf, textOfFilters } from "./tokens";

const asked = (text: string) => queryOf(parse(text, EXECUTION_FIELDS).filters);
const wrong = (text: string) => parse(text, EXECUTION_FIELDS).problems.map(({ why }) => why);

test("a text says what the parameters of the server say", () => {
  const text =
    'state:FAILED,KILLED namespace:a.b* label:team=data start:>-24h flow:x q:"some text"';
  expect(asked(text)).toEqual({
    "filters[state][IN]": "FAILED,KILLED",
    "filters[namespace][STARTS_WITH]": "a.b",
    "filters[labels][EQUALS][team]": "data",
    "filters[timeRange][EQUALS]": "PT24H",
    "filters[flowId][EQUALS]": "x",
    "filters[q][EQUALS]": "some text",
  });
});

test.each([
  ["state:FAILED,KILLED namespace:a.* flow:x"],
  ["-state:FAILED,KILLED -flow:x"],
  ["namespace:*b* flow:*x"],
  ["namespace:/a[.]b+/"],
  ["label:team=data label:stage=a,b"],
  ["-label:team=*data"],
  ["start:>=2026-11-22T09:30:00Z end:<2026-12-01"],
  ["start:>-7d"],
  ["start:>-PT1H30M"],
  ['q:"a: \\"b\\" \\\\ c"'],
  ['flow:"a*",b revision:3,4'],
])("%s comes back from the address as it was typed", (text) => {
  const { filters, problems } = parse(text, EXECUTION_FIELDS);
  const search = changesTo({}, EXECUTION_FIELDS, filters);
  const back = filtersIn(search, EXECUTION_FIELDS);
  expect(problems).toEqual([]);
  expect(queryOf(back)).toEqual(queryOf(filters));
  expect(asked(textOfFilters(back, EXECUTION_FIELDS))).toEqual(queryOf(filters));
});

test("words without a name are searched for, and quotes keep signs from meaning anything", () => {
  expect(asked("nightly load")).toEqual({ "filters[q][EQUALS]": "nightly load" });
  expect(asked('"state:FAILED"')).toEqual({ "filters[q][EQUALS]": "state:FAILED" });
  expect(asked('flow:"a*"')).toEqual({ "filters[flowId][EQUALS]": "a*" });
  expect(asked("state:failed")).toEqual({ "filters[state][EQUALS]": "FAILED" });
});

test("what cannot be meant is told, and what is half written waits", () => {
  expect(wrong("stat:FAILED")).toEqual(["unknown"]);
  expect(wrong("state:FA")).toEqual(["value"]);
  expect(wrong("label:team")).toEqual(["label"]);
  expect(wrong("start:yesterday")).toEqual(["moment"]);
  expect(wrong("start:>-24h start:>=2026-11-22")).toEqual(["twice"]);
  expect(wrong("flow:a flow:b")).toEqual(["twice"]);
  expect(parse("level:INFO,WARN", LOG_FIELDS).problems[0]?.why).toBe("list");
  expect(parse("state:", EXECUTION_FIELDS)).toEqual({ filters: [], problems: [] });
});

test("older links mean what they meant, and are replaced by a change", () => {
  const search = { state: "FAILED", namespace: "a.b", label: "team:data", from: "2026-01-01" };
  const filters = filtersIn({ ...search, page: "2", sort: "x:asc" }, EXECUTION_FIELDS);
  expect(textOfFilters(filters, EXECUTION_FIELDS)).toBe(
    "state:FAILED namespace:a.b.* label:team=data start:>=2026-01-01",
  );
  expect(changesTo(search, EXECUTION_FIELDS, [])).toEqual({
    page: undefined,
    state: undefined,
    namespace: undefined,
    label: undefined,
    from: undefined,
  });
  expect(filtersIn({ label: "team" }, EXECUTION_FIELDS)).toEqual([]);
});

test("a filter that no text can say stays in the address", () => {
  const search = {
    "filters[and][0][or][1][state][EQUALS]": "FAILED",
    "filters[scope][EQUALS]": "USER",
  };
  const filters = filtersIn(search, FLOW_FIELDS);
  expect(queryOf(filters)).toEqual({ "filters[scope][EQUALS]": "USER" });
  expect(textOfFilters(filters, FLOW_FIELDS)).toBe("");
});

test("names are offered, then values, and the part at the caret is replaced", () => {
  const at = (text: string, caret = text.length) => offerAt(text, caret, EXECUTION_FIELDS);
  const texts = (text: string) => at(text).options.map((option) => option.text);
  expect(texts("sta")).toEqual(["state:", "start:"]);
  expect(texts("state:FAILED,KILL")).toEqual(["state:FAILED,KILLING", "state:FAILED,KILLED"]);
  expect(texts("-sta")).toEqual(["-state:", "-start:"]);
  expect(texts("start:>")).toContain("start:>-24h");
  expect(at("namespace:com").ask).toEqual({ kind: "namespace", text: "com", before: "namespace:" });
  expect(accept("sta flow:x", at("sta flow:x", 2), "state:")).toEqual({
    text: "state: flow:x",
    caret: 6,
  });
});

test.each([
  ["executions", EXECUTION_FIELDS, "state:FAILED"],
  ["flows", FLOW_FIELDS, "namespace:company.*"],
  ["logs", LOG_FIELDS, "level:WARN"],
  ["triggers", TRIGGER_FIELDS, "state:DISABLED"],
] as const)("the example of %s is a filter of that list", (_list, fields, first) => {
  const example = exampleOf(fields);
  expect(example.split(" ")[0]).toBe(first);
  expect(parse(example, fields).problems).toEqual([]);
});
