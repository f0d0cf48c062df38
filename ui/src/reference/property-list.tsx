/** The properties of a type or an object: each with an anchor, what is inside it folded away. */

import { Button, Group } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Markdown } from "../design/markdown";
import { Panel } from "../design/panel";
import { t } from "../i18n";
import {
  choicesOf,
  type Definitions,
  isType,
  nestedOf,
  type Properties,
  type Property,
  refsOf,
  typeText,
} from "./schema";

type Props = { title: string; anchor: string; of: Properties; known: Definitions };

export function PropertyList({ title, anchor, of, known }: Props) {
  const [isOpen, setOpen] = useState(false);
  const rows = rowsOf(of);
  const hasMore = rows.some(([, property]) => nestedOf(property, known).length > 0);
  return (
    <Panel title={title}>
      {rows.length === 0 ? (
        <p className="panel-body muted">{t("plugins.none")}</p>
      ) : (
        <>
          {hasMore && (
            <Group className="panel-body" gap={8}>
              <Button variant="default" size="compact-xs" onClick={() => setOpen(!isOpen)}>
                {t(isOpen ? "plugins.foldAll" : "plugins.openAll")}
              </Button>
            </Group>
          )}
          <Rows key={String(isOpen)} {...{ rows, of, known, isOpen }} path={anchor} depth={0} />
        </>
      )}
    </Panel>
  );
}

const rowsOf = (of: Properties) =>
  Object.entries(of.properties ?? {}).filter(([name]) => name !== "type");

type RowsProps = {
  rows: [string, Property][];
  of: Properties;
  known: Definitions;
  isOpen: boolean;
  path: string;
  depth: number;
};

/** Objects may hold themselves; deeper than this nobody reads. */
const DEEPEST = 4;

function Rows({ rows, of, known, isOpen, path, depth }: RowsProps) {
  const required = new Set(of.required ?? []);
  return (
    <ul className="properties">
      {rows.map(([name, property]) => {
        const anchor = `${path}.${name}`;
        const nested = depth < DEEPEST ? nestedOf(property, known) : [];
        return (
          <li key={name} id={anchor}>
            <Head {...{ name, property, anchor }} isRequired={required.has(name)} />
            {property.description && <Markdown text={property.description} />}
            <Choices values={choicesOf(property, known)} />
            {nested.map(([title, inner]) => (
              <details key={title} open={isOpen}>
                <summary>{title || t("plugins.inside", { name })}</summary>
                <Rows
                  {...{ known, isOpen }}
                  rows={rowsOf(inner)}
                  of={inner}
                  path={anchor}
                  depth={depth + 1}
                />
              </details>
            ))}
          </li>
        );
      })}
    </ul>
  );
}

type HeadProps = { name: string; property: Property; anchor: string; isRequired: boolean };

function Head({ name, property, anchor, isRequired }: HeadProps) {
  const types = refsOf(property).filter(isType);
  return (
    <p className="property-head">
      <a className="mono" href={`#${anchor}`} onClick={(event) => go(event, anchor)}>
        {name}
      </a>{" "}
      <span className="muted">{typeText(property)}</span>
      {isRequired && <strong> {t("plugins.required")}</strong>}
      {property.$dynamic && <span className="muted"> {t("plugins.dynamic")}</span>}
      {property.$deprecated && <strong> {t("plugins.deprecated")}</strong>}
      {hasDefault(property) && (
        <span className="muted">
          {" "}
          {t("plugins.default")} <code>{JSON.stringify(property.default)}</code>
        </span>
      )}
      {types.map((type) => (
        <Link key={type} to={`/main/plugins/${type}` as never}>
          {" "}
          {type.split(".").at(-1)}
        </Link>
      ))}
    </p>
  );
}

const hasDefault = ({ default: value }: Property) =>
  value !== undefined && value !== null && value !== "";

/** The address gets the anchor; `<base>` would lead a plain `#` to another page. */
function go(event: React.MouseEvent, anchor: string) {
  event.preventDefault();
  window.history.replaceState(null, "", `${location.pathname}${location.search}#${anchor}`);
  document.getElementById(anchor)?.scrollIntoView();
}

function Choices({ values }: { values: unknown[] }) {
  if (values.length === 0) return null;
  return (
    <p className="muted">
      {t("plugins.oneOf")} {values.map(String).join(", ")}
    </p>
  );
}
