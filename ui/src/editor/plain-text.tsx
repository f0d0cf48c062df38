/** A text without Monaco: shown while that loads, and what all is done with if it cannot. */

import { type KeyboardEvent, type RefObject, useEffect, useRef } from "react";
import type { CodeEditorProps } from "./code-editor";
import type { EditorHandle } from "./make-editor";
import { endOf, offsetOf } from "./places";

/** `isAll`: nothing better will come, so problems, outline and examples work on this. */
export function PlainText({ isAll, ...props }: CodeEditorProps & { isAll: boolean }) {
  const area = useRef<HTMLTextAreaElement>(null);
  const handlers = useRef(props);
  handlers.current = props;
  useEffect(() => {
    if (isAll) handlers.current.onReady?.(handleOf(area, handlers));
  }, [isAll]);
  const press = (event: KeyboardEvent) => {
    const act = isAll && (event.ctrlKey || event.metaKey) && actOf(event.key, props);
    if (!act) return;
    event.preventDefault();
    act();
  };
  return (
    <textarea
      ref={area}
      aria-label={props.label}
      aria-describedby={props.describedBy}
      value={props.value}
      readOnly={props.readOnly}
      spellCheck={false}
      onChange={(event) => props.onChange?.(event.target.value)}
      onKeyDown={press}
      onSelect={({ currentTarget: { value, selectionStart } }) =>
        props.onLine?.(value.slice(0, selectionStart).split("\n").length)
      }
    />
  );
}

function actOf(key: string, { onSave, onRun }: CodeEditorProps) {
  if (key.toLowerCase() === "s") return onSave ?? (() => undefined);
  return key === "Enter" ? onRun : undefined;
}

function handleOf(
  area: RefObject<HTMLTextAreaElement | null>,
  handlers: RefObject<CodeEditorProps>,
): EditorHandle {
  const select = (first: number, last: number) => {
    area.current?.focus();
    area.current?.setSelectionRange(first, last);
  };
  const text = () => handlers.current.value;
  return {
    goTo: (line, column) => {
      const place = offsetOf(text(), line, column);
      select(place, place);
    },
    select: (first, last) => select(offsetOf(text(), first, 1), endOf(text(), last)),
    insert: (more) => {
      const at = area.current?.selectionEnd ?? 0;
      const line = text().slice(0, at).split("\n").length;
      const end = endOf(text(), line);
      handlers.current.onChange?.(`${text().slice(0, end)}\n${more}${text().slice(end)}`);
    },
  };
}
