/** Names and values of any JSON, as a table; large ones cut (rule 3). */

import { Fragment } from "react";
import "./values.css";

const MOST = 64 * 1024;

export function valueText(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  if (text === undefined) return "";
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text;
}

export function Values({ values }: { values: Record<string, unknown> }) {
  return (
    <dl className="values">
      {Object.entries(values).map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>
            <pre>{valueText(value)}</pre>
          </dd>
        </Fragment>
      ))}
    </dl>
  );
}
