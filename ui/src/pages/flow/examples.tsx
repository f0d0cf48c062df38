/** Examples to write into a text: of the type at the cursor, and whole flows to begin with. */

import { Button, Group } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { call, send } from "../../api/client";
import type { Page } from "../../api/types";
import { Confirm } from "../../design/confirm";
import { Copy } from "../../design/copy";
import { Loaded } from "../../design/panel";
import { typeAt } from "../../editor/type-at";
import { t } from "../../i18n";
import { exampleOf, type Properties } from "../../reference/schema";
import { asItem } from "./as-item";

type Props = {
  text: string;
  line: number;
  /** Absent where the text may not be changed. */
  onInsert?: (text: string) => void;
  onReplace?: (text: string) => void;
};

export function Examples({ text, line, onInsert, onReplace }: Props) {
  const [place] = useDebouncedValue({ text, line }, 200);
  const type = typeAt(place.text, place.line);
  return (
    <div className="panel-body side-list">
      <h3>{t("examples.ofType")}</h3>
      {type ? (
        <OfType type={type} text={text} line={line} onInsert={onInsert} />
      ) : (
        <p className="muted">{t("side.noType")}</p>
      )}
      <h3>{t("examples.flows")}</h3>
      <Flows onReplace={onReplace} />
    </div>
  );
}

type Documentation = { schema: { properties: Properties } };

function OfType({ type, text, line, onInsert }: Props & { type: string }) {
  const query = useQuery({
    queryKey: ["plugin", type],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => call<Documentation>("GET", `/plugins/${type}`, { signal }),
  });
  return (
    <Loaded query={query}>
      {({ schema }) => {
        const example = exampleOf(type, schema.properties);
        return (
          <>
            <pre className="mono">{example}</pre>
            <Group gap={8}>
              {onInsert && (
                <Button onClick={() => onInsert(asItem(example, text, line))}>
                  {t("examples.insert")}
                </Button>
              )}
              <Copy text={example} />
            </Group>
          </>
        );
      }}
    </Loaded>
  );
}

type Blueprint = { id: string; title: string; description?: string };

const BELOW = "/blueprints/community/flow";

function Flows({ onReplace }: Pick<Props, "onReplace">) {
  const query = useQuery({
    queryKey: ["blueprints", "examples"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => call<Page<Blueprint>>("GET", BELOW, { signal, query: { size: 50 } }),
  });
  const use = async (id: string) =>
    onReplace?.(await (await send("GET", `${BELOW}/${id}/source`)).text());
  return (
    <Loaded
      query={query}
      isEmpty={({ results }) => results.length === 0}
      empty={t("blueprints.empty")}
    >
      {({ results }) => (
        <ul className="side-examples">
          {results.map(({ id, title, description }) => (
            <li key={id}>
              <strong>{title}</strong>
              {description && <p className="muted">{description}</p>}
              {onReplace && (
                <Confirm
                  title={t("examples.use", { title })}
                  text={t("examples.useText")}
                  action={t("examples.useDo")}
                  onConfirm={() => void use(id)}
                >
                  {(open) => (
                    <Button size="compact-xs" variant="default" onClick={open}>
                      {t("examples.begin")}
                    </Button>
                  )}
                </Confirm>
              )}
            </li>
          ))}
        </ul>
      )}
    </Loaded>
  );
}
