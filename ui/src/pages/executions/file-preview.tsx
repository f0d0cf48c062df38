/** The beginning of a stored file: text, a table of 100 rows, a picture, Markdown, JSON; and all of it to keep. */

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { addressOf, call } from "../../api/client";
import { Markdown } from "../../design/markdown";
import { pairs } from "../../design/pairs";
import { Loaded } from "../../design/panel";
import { ScrollX } from "../../design/scroll-x";
import { valueText } from "../../design/values";
import { sizeText } from "../../forms/size";
import { t } from "../../i18n";

const ROWS = 100;

type Preview = {
  extension: string;
  type: "TEXT" | "LIST" | "IMAGE" | "MARKDOWN" | "PDF";
  content: unknown;
  truncated?: boolean;
};

type Props = { executionId: string; uri: string };

export function FilePreview({ executionId, uri }: Props) {
  const place = `/executions/${executionId}/file`;
  const size = useQuery({
    queryKey: ["fileSize", uri],
    queryFn: ({ signal }) =>
      call<{ size: number }>("GET", `${place}/metas`, { signal, query: { path: uri } }),
  });
  const query = useQuery({
    queryKey: ["filePreview", uri],
    queryFn: ({ signal }) =>
      call<Preview>("GET", `${place}/preview`, { signal, query: { path: uri, maxRows: ROWS } }),
  });
  return (
    <>
      <p>
        <span className="mono">{uri.split("/").at(-1)}</span>{" "}
        {size.data && <span className="muted">{sizeText(size.data.size)}</span>}
      </p>
      <Button
        component="a"
        variant="default"
        leftSection={<Download size={14} />}
        href={addressOf(place, { path: uri })}
        mb={8}
      >
        {t("logs.download")}
      </Button>
      <Loaded query={query}>
        {(found) => (
          <>
            <Shown preview={found} name={uri.split("/").at(-1) ?? ""} />
            {found.truncated && <p className="muted">{t("outputs.cut", { count: ROWS })}</p>}
          </>
        )}
      </Loaded>
    </>
  );
}

function Shown({ preview, name }: { preview: Preview; name: string }) {
  const { type, content, extension } = preview;
  if (type === "LIST") return <Rows rows={content as unknown[]} name={name} />;
  if (type === "MARKDOWN") return <Markdown text={String(content)} />;
  if (type === "PDF") return <p className="muted">{t("outputs.noPreview")}</p>;
  if (type === "IMAGE") {
    const kind = extension === "svg" ? "svg+xml" : extension;
    return <img className="preview" alt={name} src={`data:image/${kind};base64,${content}`} />;
  }
  const text = String(content);
  return <pre className="mono preview">{extension === "json" ? indented(text) : text}</pre>;
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // cut, or no JSON after all
  }
}

/** Rows that are maps have a column for each key; others one column. */
function Rows({ rows, name }: { rows: readonly unknown[]; name: string }) {
  const isMap = (row: unknown): row is Record<string, unknown> =>
    typeof row === "object" && row !== null && !Array.isArray(row);
  const columns = [...new Set(rows.flatMap((row) => (isMap(row) ? Object.keys(row) : [])))];
  return (
    <div className="preview">
      <ScrollX label={name}>
        <table className="data" {...pairs(columns.length)}>
          <caption className="visually-hidden">{name}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, n) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a row of a file is known by its place
              <tr key={n}>
                {isMap(row) ? (
                  columns.map((column) => <td key={column}>{valueText(row[column] ?? "")}</td>)
                ) : (
                  <td>{valueText(row)}</td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollX>
    </div>
  );
}
