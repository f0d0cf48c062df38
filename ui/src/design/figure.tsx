/** One number that matters, with what it counts; a link where it leads somewhere. */

import { Link } from "@tanstack/react-router";
import "./figure.css";

type Props = { label: string; value: string | number; family?: string; to?: string };

export function Figure({ label, value, family, to }: Props) {
  const body = (
    <>
      <span
        className="figure-value"
        style={family ? { color: `var(--${family}-text)` } : undefined}
      >
        {typeof value === "number" ? value.toLocaleString("en") : value}
      </span>
      <span className="muted">{label}</span>
    </>
  );
  if (!to) return <div className="figure">{body}</div>;
  return (
    <Link className="figure" to={to as never}>
      {body}
    </Link>
  );
}
