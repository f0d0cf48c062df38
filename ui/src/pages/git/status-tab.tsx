/** How a binding stands: commits, conditions, what is wrong. */

import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Page } from "../../api/types";
import type { Binding, Source, Sync } from "../../api/types-more";
import { Panel } from "../../design/panel";
import { StateBadge } from "../../design/state-badge";
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
          <Repository binding={binding} />
          <dt>{t("git.desired")}</dt>
          <dd>
            <Sha sha={binding.desiredSha} />
          </dd>
          <dt>{t("git.applied")}</dt>
          <dd>
            <Sha sha={binding.appliedSha} /> <Applied binding={binding} />{" "}
            {Boolean(binding.behind) && (
              <strong style={{ color: "var(--warning-text)" }}>
                {t("git.behind", { count: binding.behind ?? 0 })}
              </strong>
            )}
          </dd>
          {binding.pin && (
            <>
              <dt>{t("git.pinned")}</dt>
              <dd>
                <Sha sha={binding.pin.sha} /> {binding.pin.reason}{" "}
                {Boolean(binding.pin.behind) && (
                  <span className="muted">
                    {t("git.pinBehind", { count: binding.pin.behind ?? 0 })}
                  </span>
                )}
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
              <li key={problem}>{problem}</li>
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

/** Which repository, and when it is looked at next; or why it cannot be read. */
function Repository({ binding }: { binding: Binding }) {
  const source = useQuery({
    queryKey: ["sources", "one", binding.sourceId],
    refetchInterval: 10_000,
    queryFn: ({ signal }) => call<Source>("GET", `/gitops/sources/${binding.sourceId}`, { signal }),
  }).data;
  if (!source) return null;
  return (
    <>
      <dt>{t("origin.field.url")}</dt>
      <dd className="mono">{source.url}</dd>
      <dt>{t("git.ref")}</dt>
      <dd>{source.ref}</dd>
      <dt>{t("git.place")}</dt>
      <dd>{`${binding.path || "/"} → ${binding.namespace || t("git.declared")}`}</dd>
      <dt>{t("git.nextLook")}</dt>
      <dd>
        {source.lastError ? <Failed error={source.lastError} /> : <Moment at={source.nextPollAt} />}
      </dd>
    </>
  );
}

function Failed({ error }: { error: string }) {
  return (
    <>
      <StateBadge state="Failed" /> {error}
    </>
  );
}

/** What the last sync says of its commit. */
function Applied({ binding }: { binding: Binding }) {
  const last = useQuery({
    queryKey: ["syncs", binding.name, "last", binding.appliedSha],
    queryFn: ({ signal }) =>
      call<Page<Sync>>("GET", `/gitops/bindings/${binding.name}/history`, {
        signal,
        query: { size: 1, state: "SUCCEEDED" },
      }),
  }).data?.results[0];
  if (!last?.message || last.toSha !== binding.appliedSha) return null;
  return <span>{[last.message.split("\n")[0], last.author].filter(Boolean).join(", ")}</span>;
}

function conditionsOf(conditions: Binding["conditions"]): Record<string, string> {
  const words = Object.entries(conditions ?? {}).map(([name, { status, reason, message }]) => {
    const known = reason === name ? undefined : reason;
    return [name, [status ? "✓" : "✕", known, message].filter(Boolean).join(" ")];
  });
  return Object.fromEntries(words);
}
