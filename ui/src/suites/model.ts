/** Test suites of flows and how their runs went, as the API has them. */

export type Suite = {
  id: string;
  namespace: string;
  flowId: string;
  source: string;
  updatedDate: string;
};
/** A suite of a list; without `lastState` it has not run yet. */
export type ListedSuite = Suite & { lastState?: string; lastDate?: string };

export type Judgement = {
  /** The place of the assertion in its case, from 0. */
  assertion: number;
  operator: string;
  expected?: unknown;
  actual?: unknown;
  isSuccess: boolean;
  description?: string;
  errorMessage?: string;
};
export type CaseResult = {
  testId: string;
  state: string;
  executionId?: string;
  assertionResults: Judgement[];
  errors: { message: string }[];
};
export type Result = {
  id: string;
  namespace: string;
  flowId: string;
  state: string;
  startDate: string;
  endDate: string;
  results: CaseResult[];
};

export const pathOf = ({ namespace, id }: { namespace: string; id: string }) =>
  `/tests/${namespace}/${id}`;
export const pageOf = ({ namespace, id }: { namespace: string; id: string }) =>
  `/main/tests/${namespace}/${id}`;
export const suiteKey = (namespace: string, id: string) => ["suite", namespace, id];
export const holds = ({ state }: Result): boolean => state === "SUCCESS" || state === "SKIPPED";
