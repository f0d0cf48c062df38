/** Resources of a plan or sync, each with the difference that it makes: Git left, live right. */

import type { SyncItem } from "../../api/types-more";
import { DiffView } from "../../design/diff-view";
import { StateBadge } from "../../design/state-badge";
import { t } from "../../i18n";
import "./items.css";
import { sidesOf } from "./sides";

export function Items({ items }: { items: SyncItem[] }) {
  if (items.length === 0) return <p className="panel-body muted">{t("git.noItems")}</p>;
  return (
    <div className="items">
      {items.map((item) => (
        <details key={`${item.kind} ${item.key}`} open={items.length <= 3}>
          <summary>
            <StateBadge state={item.state} /> <strong>{item.action.toLowerCase()}</strong>{" "}
            <span className="muted">{item.kind.toLowerCase()}</span> {item.key}
          </summary>
          {item.problems?.map((problem) => (
            <p key={problem} className="panel-body">
              {problem}
            </p>
          ))}
          <Difference diff={item.diff} />
        </details>
      ))}
    </div>
  );
}

export function Difference({ diff }: { diff?: string }) {
  if (!diff) return <p className="panel-body muted">{t("diff.none")}</p>;
  const { git, live } = sidesOf(diff);
  return (
    <>
      <div className="sides muted">
        <span>{t("git.sideGit")}</span>
        <span>{t("git.sideLive")}</span>
      </div>
      <DiffView left={git} right={live} />
    </>
  );
}
