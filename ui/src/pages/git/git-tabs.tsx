/** The parts of the Git area. */

import { Tabs } from "../../design/tabs";
import { type Key, t } from "../../i18n";

const PARTS = ["bindings", "sources", "deliveries", "changes"] as const;

/** What stands above a page of the Git area. */
export const ABOVE = { title: t("nav.git"), to: "/main/git" };

export function GitTabs() {
  const tabs = PARTS.map((id) => ({
    id,
    title: t(`git.${id}` as Key),
    to: id === "bindings" ? "/main/git" : `/main/git/${id}`,
  }));
  return <Tabs base="/main/git" tabs={tabs} label={t("git.parts")} />;
}

export const Sha = ({ sha }: { sha?: string }) => (
  <span className="mono" title={sha}>
    {sha?.slice(0, 8) ?? "–"}
  </span>
);
