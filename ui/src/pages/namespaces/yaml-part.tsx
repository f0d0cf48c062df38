/** A part of a namespace's record as YAML: read, edited, saved; what is unsaved is kept. */

import { Alert, Button, Group } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { useState } from "react";
import { parse, stringify } from "yaml";
import { call } from "../../api/client";
import type { Namespace } from "../../api/types-more";
import { Loaded, Panel } from "../../design/panel";
import { useAct } from "../../design/receipt";
import { CodeEditor } from "../../editor/code-editor";
import { DraftOffer } from "../../editor/draft-offer";
import { dropDraft, isSame, useDraft } from "../../editor/drafts";
import { usePartSchema } from "../../editor/use-schema";
import { t } from "../../i18n";
import { useRecord } from "./record";

type Part = "variables" | "pluginDefaults";
type Props = { record: Namespace; part: Part; title: string; hint: string };

const SETTLED_MS = 400;
const emptyOf = (value: unknown) =>
  value === undefined || value === null || Object.keys(value as object).length === 0;

/** The YAML of a part; nothing where it holds nothing. */
export const yamlOf = (value: unknown): string => (emptyOf(value) ? "" : stringify(value));

/** What a text says, and where it cannot be read. A text without anything takes the part away. */
export function partOf(text: string, part: Part): { value?: unknown; error?: string } {
  try {
    const value: unknown = parse(text) ?? undefined;
    const fits = part === "variables" ? isMap(value) : Array.isArray(value);
    if (value !== undefined && !fits) return { error: t(`namespace.wrong.${part}`) };
    return { value };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

const isMap = (value: unknown) => typeof value === "object" && !Array.isArray(value);

/** The same, once the record is there. */
export function OwnPart({ namespace, ...part }: Omit<Props, "record"> & { namespace: string }) {
  const record = useRecord(namespace);
  return <Loaded query={record}>{(found) => <YamlPart record={found} {...part} />}</Loaded>;
}

function YamlPart({ record, part, title, hint }: Props) {
  const base = yamlOf(record[part]);
  const [text, setText] = useState(base);
  const client = useQueryClient();
  const name = `namespace:${record.id}:${part}`;
  const dirty = !isSame(text, base);
  const { value, error } = partOf(text, part);
  useDraft(name, text, base);
  const [settled] = useDebouncedValue(text, SETTLED_MS);
  usePartSchema(part, settled);
  useBlocker({
    shouldBlockFn: ({ current, next }) =>
      dirty && current.pathname !== next.pathname && !window.confirm(t("namespace.leave")),
  });
  const save = useAct({
    act: async () => {
      const latest = await call<Namespace>("GET", `/namespaces/${record.id}`);
      await call("PUT", `/namespaces/${record.id}`, { json: { ...latest, [part]: value } });
      await dropDraft(name);
      await client.invalidateQueries({ queryKey: ["namespace", record.id] });
    },
    done: () => t("namespace.saved", { name: record.id }),
    stale: [["namespaces"]],
  });
  return (
    <Panel title={title}>
      <p className="panel-body muted">{hint}</p>
      <div className="panel-body">
        <DraftOffer name={name} base={base} text={text} onTake={setText} />
      </div>
      {error && (
        <Alert color="red" role="alert">
          <pre className="mono">{error}</pre>
        </Alert>
      )}
      <div className="file-frame record-frame">
        <CodeEditor
          label={title}
          path={`${record.id}.${part}.yaml`}
          value={text}
          onChange={setText}
          onSave={() => save.mutate()}
        />
      </div>
      <Group className="panel-body" gap={8}>
        <Button
          disabled={!dirty || error !== undefined}
          loading={save.isPending}
          onClick={() => save.mutate()}
        >
          {t("editor.save")}
        </Button>
        <span className="muted">{dirty ? t("editor.unsaved") : t("editor.savedState")}</span>
      </Group>
    </Panel>
  );
}
