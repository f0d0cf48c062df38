/** Tabs that are addresses: each is a link, so that a copied one shows the same. */

import { Link } from "@tanstack/react-router";
import "./tabs.css";

export type Tab = { id: string; title: string };

export function Tabs({ base, tabs, label }: { base: string; tabs: Tab[]; label: string }) {
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map((tab) => (
        <Link key={tab.id} to={`${base}/${tab.id}` as never}>
          {tab.title}
        </Link>
      ))}
    </nav>
  );
}
