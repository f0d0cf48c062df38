import { expect, test } from "vitest";
import { asItem } from "./as-item";

test("an example becomes an item of the list around the cursor, with an id of its own", () => {
  const text = "tasks:\n  - id: each\n    tasks:\n      - id: log\n        type: x.Log\n";

  expect(asItem("id: log\ntype: x.Log", text, 5)).toBe("      - id: log-2\n        type: x.Log");
});
