/** The frame of a page: its title in the tab, one h1, the main actions, the body. */

import { type ReactNode, useEffect } from "react";

type Props = { title: string; lead?: ReactNode; actions?: ReactNode; children: ReactNode };

export function Page({ title, lead, actions, children }: Props) {
  useEffect(() => {
    document.title = `${title} - Trunkline`;
  }, [title]);
  return (
    <>
      <header className="page-head">
        <h1>{title}</h1>
        {lead}
        <div className="actions">{actions}</div>
      </header>
      <div className="page-body">{children}</div>
    </>
  );
}
