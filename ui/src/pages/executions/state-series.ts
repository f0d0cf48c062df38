/** The parts of the bars above the list of executions: states by family. */

import type { Series } from "../../charts/histogram";
import { familyOf, glyphOf, LEGEND, STATES } from "../../design/state";

export const STATE_SERIES: readonly Series[] = LEGEND.map(([family, state]) => ({
  names: STATES.filter((one) => familyOf(one) === family),
  fill: `var(--${family})`,
  title: `${glyphOf(state)} ${state}`,
}));
