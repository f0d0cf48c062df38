/** A panel with tabs of its own and a way to close it. */

import { ActionIcon } from "@mantine/core";
import { X } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useId } from "react";
import { t } from "../i18n";

type Props<Id extends string> = {
  label: string;
  tabs: { id: Id; title: string }[];
  open: Id;
  onOpen: (id: Id) => void;
  onClose: () => void;
  children: ReactNode;
};

const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1 };

export function TabPanel<Id extends string>({ label, tabs, open, ...props }: Props<Id>) {
  const name = useId();
  const move = (event: KeyboardEvent<HTMLElement>) => {
    const step = STEPS[event.key];
    if (!step) return;
    const at = tabs.findIndex(({ id }) => id === open);
    const next = tabs[(at + step + tabs.length) % tabs.length];
    if (!next) return;
    event.preventDefault();
    props.onOpen(next.id);
    const all = event.currentTarget.querySelectorAll<HTMLElement>("[role=tab]");
    all[tabs.indexOf(next)]?.focus();
  };
  return (
    <section className="panel tab-panel" aria-label={label}>
      <div className="tab-strip">
        <div role="tablist" aria-label={label} onKeyDown={move}>
          {tabs.map(({ id, title }) => (
            <button
              key={id}
              type="button"
              role="tab"
              id={`${name}-${id}`}
              aria-selected={id === open}
              aria-controls={`${name}-panel`}
              tabIndex={id === open ? 0 : -1}
              onClick={() => props.onOpen(id)}
            >
              {title}
            </button>
          ))}
        </div>
        <ActionIcon
          className="tab-close"
          variant="subtle"
          aria-label={t("split.close", { name: label })}
          onClick={props.onClose}
        >
          <X size={16} />
        </ActionIcon>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys */}
      <div role="tabpanel" id={`${name}-panel`} aria-labelledby={`${name}-${open}`} tabIndex={0}>
        {props.children}
      </div>
    </section>
  );
}
