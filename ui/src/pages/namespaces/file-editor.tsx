/** One file: edited as text where it is text, else to download and replace. */

import { Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { send } from "../../api/client";
import { changeName } from "../../changes/change-drafts";
import { ownedOf, useOrigin } from "../../changes/origin";
import { Loaded, Panel } from "../../design/panel";
import { useUrl } from "../../design/search";
import { t } from "../../i18n";
import { FileActions } from "./file-actions";
import { FileText } from "./file-text";

const MOST_BYTES = 1_000_000;

type Props = { namespace: string; path: string };

export function FileEditor({ namespace, path }: Props) {
  const query = useQuery({
    queryKey: ["file", namespace, path],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const answer = await send("GET", `/namespaces/${namespace}/files`, {
        signal,
        query: { path },
      });
      return textOf(await answer.arrayBuffer());
    },
  });
  return (
    <Panel title={path}>
      <Loaded query={query}>
        {(text) =>
          text === null ? (
            <>
              <p className="panel-body muted">{t("files.binary")}</p>
              <Group className="panel-body" gap={8}>
                <FileActions namespace={namespace} path={path} isLocked={false} />
              </Group>
            </>
          ) : (
            <TextFile namespace={namespace} path={path} saved={text} />
          )
        }
      </Loaded>
    </Panel>
  );
}

/** The text of bytes; null where they are none, or too many. */
export function textOf(bytes: ArrayBuffer): string | null {
  if (bytes.byteLength > MOST_BYTES) return null;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\0") ? null : text;
  } catch {
    return null;
  }
}

function TextFile({ namespace, path, saved }: Props & { saved: string }) {
  const [search] = useUrl();
  const key = `${namespace}:${path.replace(/^\//, "")}`;
  const query = useOrigin("FILE", key);
  const origin = ownedOf(query.data);
  const drafting = origin !== null && search.change === "true";
  const name = drafting ? changeName(origin.binding, "FILE", key) : `file:${namespace}${path}`;
  if (query.isPending) return null;
  return (
    <FileText key={name} {...{ namespace, path, saved, origin, drafting, name }} fileKey={key} />
  );
}
