/** How checks stand at a Git host: the family of each state, and how often it is asked for. */

type State = "pending" | "success" | "failure" | "none" | "unknown";
type Checks = { checks: readonly { name: string; state: string }[] };

/** The states of the product that look the same. */
export const STATES: Record<State, string> = {
  pending: "RUNNING",
  success: "SUCCESS",
  failure: "FAILED",
  none: "CREATED",
  unknown: "CREATED",
};

/** Milliseconds until it is asked for again: as the server keeps an answer. */
export const LOOK_MS: Record<State, number> = {
  pending: 10_000,
  none: 10_000,
  success: 60_000,
  failure: 60_000,
  unknown: 60_000,
};

const MOST_SOON = 6;

/** Milliseconds until checks are asked for again; none appear soon after a push, or hardly at all. */
export function lookAgain(state: State = "none", times: number): number {
  return state === "none" && times > MOST_SOON ? LOOK_MS.unknown : LOOK_MS[state];
}

const MOST_NAMES = 3;

/** How many checks failed of how many, and the names of the first. */
export function failing({ checks }: Checks): { count: number; of: number; names: string } {
  const failed = checks.filter(({ state }) => state === "failure").map(({ name }) => name);
  const names = failed.slice(0, MOST_NAMES).join(", ");
  return {
    count: failed.length,
    of: checks.length,
    names: failed.length > MOST_NAMES ? `${names}, …` : names,
  };
}
