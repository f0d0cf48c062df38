/** A state in glyph, word and colour: never colour alone. */

import { familyOf, glyphOf } from "./state";

/** `word` says it where the state is not what is read. */
export function StateBadge({ state, word = state }: { state: string; word?: string }) {
  return (
    <span className="state" style={{ color: `var(--${familyOf(state)}-text)` }}>
      <span aria-hidden="true">{glyphOf(state)}</span> {word}
    </span>
  );
}
