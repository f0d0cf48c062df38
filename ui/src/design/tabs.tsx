/** Tabs that are addresses: each is a link, so that a copied one shows the same. */

import { Link } from "@tanstack/react-router";
import "./tabs.css";

/** `to` where a tab is not simply `base/id`. */
export type Tab = { id: string; title: string; to?: string };

export function Tabs({ base, tabs, label }: { base: string; tabs: Tab[]; label: string }) {
  return (
    <nav className="tabs" aria-label={label}>
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
