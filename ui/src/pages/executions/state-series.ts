/** The parts of the bars above the list of executions: states by family. */

import type { Series } from "../../charts/histogram";
import { type Family, familyOf, glyphOf, STATES } from "../../design/state";

const NAMES: [Family, string][] = [
  ["success", "SUCCESS"],
  ["warning", "WARNING"],
  ["failed", "FAILED"],
  ["running", "RUNNING"],
  ["paused", "PAUSED"],
  ["waiting", "QUEUED"],
  ["killed", "KILLED"],
];

export const STATE_SERIES: readonly Series[] = NAMES.map(([family, state]) => ({
  names: STATES.filter((one) => familyOf(one) === family),
  fill: `var(--${family})`,
  title: `${glyphOf(state)} ${state}`,
}));
