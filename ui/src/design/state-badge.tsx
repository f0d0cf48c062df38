/** A state in glyph, word and colour: never colour alone. */

import { familyOf, glyphOf } from "./state";

export function StateBadge({ state }: { state: string }) {
  return (
    <span className="state" style={{ color: `var(--${familyOf(state)}-text)` }}>
      <span aria-hidden="true">{glyphOf(state)}</span> {state}
    </span>
  );
}
