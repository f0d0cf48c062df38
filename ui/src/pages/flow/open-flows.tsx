/** The flows that were opened in this tab of the browser, to switch between their sources. */

import { ActionIcon } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { X } from "lucide-react";
import { useEffect, useState } from "react";
import type { Flow } from "../../api/types";
import { t } from "../../i18n";

const KEPT = "openFlows";
const MOST = 12;

function read(): string[] {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
    return Array.isArray(found) ? found.map(String) : [];
  } catch {
    return [];
  }
}

function write(names: string[]): string[] {
  sessionStorage.setItem(KEPT, JSON.stringify(names));
  return names;
}

/** With the name, in the order in which they were opened; the oldest go where they are too many. */
export const opened = (names: string[], name: string): string[] =>
  names.includes(name) ? names : [...names, name].slice(-MOST);

export function OpenFlows({ flow }: { flow: Flow }) {
  const own = `${flow.namespace}/${flow.id}`;
  const [names, setNames] = useState(() => opened(read(), own));
  useEffect(() => {
    setNames(write(opened(read(), own)));
  }, [own]);
  if (names.length < 2) return null;
  return (
    <nav className="tabs open-flows" aria-label={t("editor.open")}>
      {names.map((name) => (
        <span key={name}>
          <Link
            to={`/main/flows/edit/${name}/edit` as never}
            activeOptions={{ includeSearch: false }}
            title={name}
          >
            {name.split("/").at(-1)}
          </Link>
          {name !== own && (
            <ActionIcon
              size={24}
              variant="subtle"
              aria-label={t("editor.closeFlow", { name })}
              onClick={() => setNames(write(names.filter((one) => one !== name)))}
            >
              <X size={14} />
            </ActionIcon>
          )}
        </span>
      ))}
    </nav>
  );
}
