/** What the Git host's checks say of the head of a change: asked of the host, each a link to it. */

import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { call } from "../api/client";
import type { Served } from "../api/types";
import type { Change } from "../api/types-more";
import { StateBadge } from "../design/state-badge";
import { t } from "../i18n";
import { failing, LOOK_MS, lookAgain, STATES } from "./check-states";

export type Found = Served["GitChecks"];

type Props = {
  change: Change;
  /** The pull request is closed: its checks are not asked for again. */
  isOver?: boolean;
};

export function useChecks({ change, isOver = false }: Props) {
  return useQuery({
    queryKey: ["checks", change.id],
    enabled: !isOver || !change.checks,
    staleTime: LOOK_MS.pending,
    initialData: change.checks,
    initialDataUpdatedAt: change.checks && Date.parse(change.checks.at),
    refetchInterval: ({ state: { data, dataUpdateCount, errorUpdateCount } }) =>
      !isOver && lookAgain(data?.state, dataUpdateCount + errorUpdateCount),
    queryFn: ({ signal }) => call<Found>("GET", `/gitops/changes/${change.id}/checks`, { signal }),
  });
}

/** All of them in a word, and the names of those that failed. */
export function Checks(props: Props) {
  const { data: found, error } = useChecks(props);
  if (!found) return <span className="muted">{error?.message}</span>;
  const badge = (
    <StateBadge state={STATES[found.state]} word={t(`checks.${found.state}`, failing(found))} />
  );
  if (found.error) return <span title={found.error}>{badge}</span>;
  return found.url ? <CheckLink url={found.url}>{badge}</CheckLink> : badge;
}

/** Each by its name. */
export function ChecksList(props: Props) {
  const { data: found } = useChecks(props);
  if (!found) return null;
  return (
    <>
      <p role="status">
        {t("checks.label")} <Checks {...props} />
      </p>
      {found.error && <p className="muted">{found.error}</p>}
      {found.checks.length > 0 && (
        <ul className="checks">
          {found.checks.map(({ name, state, url }) => (
            <li key={`${name} ${url}`}>
              <StateBadge state={STATES[state]} word={t(`check.${state}`)} />{" "}
              {url ? <CheckLink url={url}>{name}</CheckLink> : name}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function CheckLink({ url, children }: { url: string; children: React.ReactNode }) {
  return (
    <Anchor href={url} underline="always" target="_blank" rel="noreferrer">
      {children}
    </Anchor>
  );
}
