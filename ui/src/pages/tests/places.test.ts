import { expect, test } from "vitest";
import type { Result } from "../../suites/model";
import { failuresIn } from "./places";

const TEXT = `id: suite
testCases:
  - id: first
    assertions:
      - {value: 1, equalTo: 1}
  - id: second
    assertions:
      - {value: 1, equalTo: 1}
      - value: 2
        equalTo: 3
`;
const judged = (assertion: number, isSuccess: boolean) => ({
  assertion,
  operator: "equalTo",
  isSuccess,
  errorMessage: isSuccess ? undefined : "it is not",
});
const result = {
  results: [
    { testId: "first", assertionResults: [], errors: [{ message: "no such input" }] },
    { testId: "second", assertionResults: [judged(0, true), judged(1, false)], errors: [] },
  ],
} as unknown as Result;

test("what did not hold is a problem at the line of its assertion, an error at its case", () => {
  expect(failuresIn(TEXT, result)).toEqual([
    { severity: "error", path: "first", message: "no such input", line: 3, column: 5 },
    { severity: "error", path: "second", message: "it is not", line: 9, column: 9 },
  ]);
});

test("a case that the text does not have any more has no line", () => {
  const found = failuresIn(TEXT.replace("second", "other"), result);

  expect(found[1]).toEqual({ severity: "error", path: "second", message: "it is not" });
});
