/** Where in a suite's text an assertion stands, and which of them did not hold. */

import { LineCounter, parseDocument } from "yaml";
import type { Problem } from "../../editor/problems";
import type { Result } from "../../suites/model";

/** What did not hold, as problems at the lines of `text`, which is the one that ran. */
export function failuresIn(text: string, result: Result): Problem[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const cases = (document.toJS() as { testCases?: { id?: string }[] } | null)?.testCases ?? [];
  const at = (testId: string, ...below: (string | number)[]): Partial<Problem> => {
    const index = cases.findIndex(({ id }) => id === testId);
    const node = document.getIn(["testCases", index, ...below], true);
    const begin = (node as { range?: [number, number, number] } | undefined)?.range?.[0];
    if (begin === undefined) return {};
    const { line, col } = lines.linePos(begin);
    return { line, column: col };
  };
  return result.results.flatMap(({ testId, assertionResults, errors }) => [
    ...errors.map(
      ({ message }): Problem => ({ severity: "error", path: testId, message, ...at(testId) }),
    ),
    ...assertionResults
      .filter(({ isSuccess }) => !isSuccess)
      .map(
        ({ assertion, errorMessage, description }): Problem => ({
          severity: "error",
          path: testId,
          message: errorMessage ?? description ?? "",
          ...at(testId, "assertions", assertion),
        }),
      ),
  ]);
}
