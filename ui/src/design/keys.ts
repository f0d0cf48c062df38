/** Single keys do something only where nobody writes: neither in a field nor below a dialog. */

const isText = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** Whether a key belongs to a text, to the browser, or to a dialog that is open. */
export function isTyping(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  return isText(event.target) || document.querySelector("[aria-modal=true]") !== null;
}
