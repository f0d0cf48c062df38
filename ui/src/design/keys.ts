/** Single keys do something only where nobody writes: neither in a field nor below a dialog. */

import { look } from "./look";

/** Whether single letters do something: who speaks to their machine may switch them off. */
export const lettersAct = (): boolean => look().letters !== false;

const isText = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) &&
      !["checkbox", "radio", "button"].includes((target as HTMLInputElement).type)));

/** Whether a key belongs to a text, to the browser, or to a dialog that is open. */
export function isTyping(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  return isText(event.target) || isBelowDialog();
}

/** A drawer that is kept, but closed, is no dialog that is open. */
function isBelowDialog(): boolean {
  const dialogs = document.querySelectorAll("[aria-modal=true]");
  return [...dialogs].some((dialog) => dialog.checkVisibility());
}
