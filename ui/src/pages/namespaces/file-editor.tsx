/** One file: edited as text where it is text, else looked at, downloaded and replaced. */

import { useQuery } from "@tanstack/react-query";
import { call, send } from "../../api/client";
import type { FileEntry } from "../../api/types-more";
import { changeName } from "../../changes/change-drafts";
import { ownedOf, useOrigin } from "../../changes/origin";
import { Loaded, Panel } from "../../design/panel";
import { useUrl } from "../../design/search";
import { BinaryFile } from "./binary-file";
import { imageOf, MOST_BYTES, textOf } from "./file-content";
import { FileText } from "./file-text";

type Props = { namespace: string; path: string };
/** The text of a file, or its picture; neither where it is something else or too large. */
export type Content = { text: string | null; image: string | null; size: number };

export function FileEditor({ namespace, path }: Props) {
  const query = useQuery({
    queryKey: ["file", namespace, path],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }): Promise<Content> => {
      const below = `/namespaces/${namespace}/files`;
      const asked = { signal, query: { path } };
      const { size } = await call<FileEntry>("GET", `${below}/stats`, asked);
      if (size > MOST_BYTES) return { text: null, image: null, size };
      const bytes = await (await send("GET", below, asked)).arrayBuffer();
      const text = textOf(bytes);
      return { text, image: imageOf(path, bytes), size };
    },
  });
  return (
    <Panel title={path}>
      <Loaded query={query}>
        {(content) => <Shown namespace={namespace} path={path} content={content} />}
      </Loaded>
    </Panel>
  );
}

function Shown({ namespace, path, content }: Props & { content: Content }) {
  const [search] = useUrl();
  const key = `${namespace}:${path.replace(/^\//, "")}`;
  const query = useOrigin("FILE", key);
  const origin = ownedOf(query.data);
  if (query.isPending) return null;
  const { text } = content;
  if (text === null) return <BinaryFile {...{ namespace, path, content, origin }} />;
  const drafting = origin !== null && search.change === "true";
  const name = drafting ? changeName(origin.binding, "FILE", key) : `file:${namespace}${path}`;
  return (
    <FileText
      key={name}
      {...{ namespace, path, origin, drafting, name }}
      saved={text}
      fileKey={key}
    />
  );
}
