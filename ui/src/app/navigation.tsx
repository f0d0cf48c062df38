/** The left navigation. */

import { Link } from "@tanstack/react-router";
import {
  BookOpen,
  Boxes,
  CalendarClock,
  FlaskConical,
  FolderTree,
  GitBranch,
  House,
  LayoutTemplate,
  type LucideIcon,
  Play,
  ScrollText,
  Server,
  Settings,
  ShieldCheck,
} from "lucide-react";
import { type Key, t } from "../i18n";
import { useNavCounts } from "./nav-counts";

/** `to` is a route below the tenant; `hotkey` follows a `g`. */
export type Destination = { to: string; label: Key; icon: LucideIcon; hotkey?: string };

export const DESTINATIONS: Destination[] = [
  { to: "/main/dashboards", label: "nav.home", icon: House, hotkey: "h" },
  { to: "/main/flows", label: "nav.flows", icon: Boxes, hotkey: "f" },
  { to: "/main/executions", label: "nav.executions", icon: Play, hotkey: "e" },
  { to: "/main/logs", label: "nav.logs", icon: ScrollText, hotkey: "l" },
  { to: "/main/triggers", label: "nav.triggers", icon: CalendarClock, hotkey: "t" },
  { to: "/main/tests", label: "nav.tests", icon: FlaskConical },
  { to: "/main/git", label: "nav.git", icon: GitBranch, hotkey: "g" },
  { to: "/main/namespaces", label: "nav.namespaces", icon: FolderTree, hotkey: "n" },
  { to: "/main/workers", label: "nav.workers", icon: Server, hotkey: "w" },
  { to: "/main/plugins", label: "nav.plugins", icon: BookOpen },
  { to: "/main/blueprints", label: "nav.blueprints", icon: LayoutTemplate },
  { to: "/main/admin", label: "nav.admin", icon: ShieldCheck },
  { to: "/main/settings", label: "nav.settings", icon: Settings },
];

const many = (count: number) => (count > 999 ? "999+" : String(count));

export function Navigation({ folded, onFollow }: { folded: boolean; onFollow?: () => void }) {
  const counts = useNavCounts();
  return (
    <nav aria-label={t("app.navigation")} className="navigation" data-folded={folded || undefined}>
      {DESTINATIONS.map(({ to, label, icon: Icon }) => (
        <Link key={to} to={to} onClick={onFollow} title={folded ? t(label) : undefined}>
          <Icon size={16} aria-hidden="true" />
          <span className={folded ? "visually-hidden" : undefined}>{t(label)}</span>
          {(counts[to] ?? 0) > 0 && (
            <span className="nav-count">
              <span aria-hidden="true">{many(counts[to] ?? 0)}</span>
              <span className="visually-hidden">
                {t(to === "/main/git" ? "nav.toSettle" : "nav.failed", { count: counts[to] ?? 0 })}
              </span>
            </span>
          )}
        </Link>
      ))}
    </nav>
  );
}
