/** Finds a file by a part of its path, wherever it lies. */

import { TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/client";
import { t } from "../../i18n";

const SHOWN = 50;

type Props = { namespace: string; onChoose: (path: string) => void };

export function FindFile({ namespace, onChoose }: Props) {
  const [text, setText] = useState("");
  const [settled] = useDebouncedValue(text.trim(), 200);
  const found = useQuery({
    queryKey: ["files", namespace, "search", settled],
    enabled: settled !== "",
    queryFn: ({ signal }) =>
      call<string[]>("GET", `/namespaces/${namespace}/files/search`, {
        signal,
        query: { q: settled },
      }),
  }).data;
  return (
    <div className="panel-body">
      <TextInput
        type="search"
        aria-label={t("files.find")}
        placeholder={t("files.find")}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {settled !== "" && found && (
        <ul className="found-files">
          {found.slice(0, SHOWN).map((path) => (
            <li key={path}>
              <button
                type="button"
                className="plain"
                onClick={() => {
                  setText("");
                  onChoose(path);
                }}
              >
                {path}
              </button>
            </li>
          ))}
          <li className="muted">{t("files.foundCount", { count: found.length })}</li>
        </ul>
      )}
    </div>
  );
}
