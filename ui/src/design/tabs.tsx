/** Tabs that are addresses: each is a link, so that a copied one shows the same. */

import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import "./tabs.css";

/** What is seen of the tab before it: that there is one. */
const EDGE_PX = 48;

/** `to` where a tab is not simply `base/id`. */
export type Tab = { id: string; title: string; to?: string };

export function Tabs({ base, tabs, label }: { base: string; tabs: Tab[]; label: string }) {
  const row = useRef<HTMLElement>(null);
  useEffect(() => {
    // where they do not fit, the chosen one may stand outside of what is seen
    const chosen = row.current?.querySelector<HTMLElement>("[aria-current=page]");
    if (row.current && chosen) row.current.scrollLeft = chosen.offsetLeft - EDGE_PX;
  }, []);
  return (
    <nav ref={row} className="tabs" aria-label={label}>
      {tabs.map((tab) => (
        <Link
          key={tab.id}
          to={(tab.to ?? `${base}/${tab.id}`) as never}
          activeOptions={{ exact: tab.to !== undefined, includeSearch: false }}
        >
          {tab.title}
        </Link>
      ))}
    </nav>
  );
}
