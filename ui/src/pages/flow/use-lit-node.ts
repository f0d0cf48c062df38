/** Lights the node of the task that the cursor stands in, in whatever picture is drawn by then. */

import { type RefObject, useEffect } from "react";

export function useLitNode(place: RefObject<HTMLElement | null>, task: string | undefined): void {
  useEffect(() => {
    const root = place.current;
    if (!root) return;
    const light = () => {
      for (const node of root.querySelectorAll<HTMLElement>(".graph-node")) {
        const name = node.querySelector("strong")?.textContent ?? node.title;
        if (node.hasAttribute("data-lit") !== (name === task)) {
          node.toggleAttribute("data-lit", name === task);
        }
      }
    };
    light();
    // nodes come later and go: the layout is made in a worker
    const watch = new MutationObserver(light);
    watch.observe(root, { childList: true, subtree: true });
    return () => watch.disconnect();
  }, [place, task]);
}
