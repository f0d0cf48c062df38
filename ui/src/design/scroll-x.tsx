/** Scrolls what is wider than its place; the keyboard reaches it as the mouse does. */

import type { ReactNode, Ref } from "react";

type Props = {
  label: string;
  children: ReactNode;
  /** What scrolls, for those who make only what is in view. */
  place?: Ref<HTMLElement>;
};

export function ScrollX({ label, children, place }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys
    <section ref={place} className="scroll-x" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
