/** How a binding stands: commits, conditions, what is wrong. */

import type { Binding } from "../../api/types-more";
import { Panel } from "../../design/panel";
import { Moment } from "../../design/time";
import { Values } from "../../design/values";
import { t } from "../../i18n";
import { Sha } from "./git-tabs";

export function StatusTab({ binding }: { binding: Binding }) {
  const problems = binding.problems ?? [];
  return (
    <>
      <Panel title={t("git.status")}>
        <dl className="values panel-body">
          <dt>{t("git.desired")}</dt>
          <dd>
            <Sha sha={binding.desiredSha} />
          </dd>
          <dt>{t("git.applied")}</dt>
          <dd>
            <Sha sha={binding.appliedSha} />
          </dd>
          {binding.pin && (
            <>
              <dt>{t("git.pinned")}</dt>
              <dd>
                <Sha sha={binding.pin.sha} /> {binding.pin.reason}
              </dd>
            </>
          )}
          <dt>{t("git.syncedAt")}</dt>
          <dd>
            <Moment at={binding.syncedAt} absolute />
          </dd>
        </dl>
      </Panel>
      {problems.length > 0 && (
        <Panel title={t("git.problems")}>
          <ul className="panel-body problem-list">
            {problems.map((problem) => (
              <li key={JSON.stringify(problem)}>{textOf(problem)}</li>
            ))}
          </ul>
        </Panel>
      )}
      {binding.conditions && Object.keys(binding.conditions).length > 0 && (
        <Panel title={t("git.conditions")}>
          <div className="panel-body">
            <Values values={conditionsOf(binding.conditions)} />
          </div>
        </Panel>
      )}
    </>
  );
}

function textOf(problem: unknown): string {
  if (typeof problem === "string") return problem;
  const { path, line, message } = problem as { path?: string; line?: number; message?: string };
  return [path, line, message].filter((part) => part !== undefined).join(": ");
}

function conditionsOf(conditions: Binding["conditions"]): Record<string, string> {
  const words = Object.entries(conditions ?? {}).map(([name, { status, reason, message }]) => {
    const known = reason === name ? undefined : reason;
    return [name, [status ? "✓" : "✕", known, message].filter(Boolean).join(" ")];
  });
  return Object.fromEntries(words);
}
