/** The frame of a page: its title in the tab, where it stands, one h1, the main actions, the body. */

import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { t } from "../i18n";

/** A page above this one, and its address. */
export type Above = { title: string; to: string };

type Props = {
  title: string;
  /** The outermost first. */
  above?: Above[];
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
};

export function Page({ title, above = [], lead, actions, children }: Props) {
  useEffect(() => {
    document.title = `${title} - Trunkline`;
  }, [title]);
  return (
    <>
      <header className="page-head">
        {above.length > 0 && <Breadcrumb above={above} />}
        <h1>{title}</h1>
        {lead}
        <div className="actions">{actions}</div>
      </header>
      <div className="page-body">{children}</div>
    </>
  );
}

function Breadcrumb({ above }: { above: Above[] }) {
  return (
    <nav className="breadcrumb" aria-label={t("page.above")}>
      <ol>
        {above.map(({ title, to }) => (
          <li key={to}>
            <Link to={to as never}>{title}</Link>
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** A namespace as a page above another. */
export const namespaceAbove = (namespace: string): Above => ({
  title: namespace,
  to: `/main/namespaces/edit/${namespace}/overview`,
});

/** The namespaces that one lies in, the outermost first: of `a.b.c` these are `a` and `a.b`. */
export function parentsOf(namespace: string): Above[] {
  const parts = namespace.split(".");
  return parts.slice(1).map((_, n) => namespaceAbove(parts.slice(0, n + 1).join(".")));
}
