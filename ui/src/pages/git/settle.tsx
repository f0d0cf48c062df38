/** How one resource that differs is settled: Git wins, what runs here is proposed, or it is let go. */

import { Button } from "@mantine/core";
import { useState } from "react";
import { call, send } from "../../api/client";
import type { Binding, SyncItem } from "../../api/types-more";
import type { ChangedFile } from "../../changes/change-drafts";
import { type Kind, type Origin, type Owned, ownedOf } from "../../changes/origin";
import { ProposeDialog } from "../../changes/propose-dialog";
import { Confirm } from "../../design/confirm";
import { tellFailure, useAct } from "../../design/receipt";
import { t } from "../../i18n";
import { Ignoring } from "./ignoring";
import { gitText } from "./sides";
import { STALE } from "./stale";

type One = Pick<SyncItem, "kind" | "key" | "state"> & { diff?: string };
type Props = { binding: Binding; item: One };

export function Settle({ binding, item }: Props) {
  const { kind, key, state } = item;
  const act = useAct({
    act: (what: string) =>
      call("POST", `/gitops/bindings/${binding.name}/${what}`, { json: { keys: [{ kind, key }] } }),
    done: () => t("git.settled"),
    stale: STALE(binding.name),
  });
  return (
    <>
      {state !== "Synced" && (
        <Button size="compact-xs" loading={act.isPending} onClick={() => act.mutate("take")}>
          {t("git.take")}
        </Button>
      )}
      {item.diff && (kind === "FLOW" || kind === "FILE") && (
        <ProposeLive kind={kind} name={key} diff={item.diff} />
      )}
      <Ignoring binding={binding} item={item} />
      <Confirm
        title={t("git.release")}
        text={t("git.releaseText", { name: key })}
        action={t("git.release")}
        onConfirm={() => act.mutate("release")}
      >
        {(open) => (
          <Button size="compact-xs" variant="default" onClick={open}>
            {t("git.release")}
          </Button>
        )}
      </Confirm>
    </>
  );
}

type Proposal = { origin: Owned; file: ChangedFile };

/** What runs here becomes a change of the repository: drift that is right goes back to Git. */
function ProposeLive({ kind, name, diff }: { kind: Kind; name: string; diff: string }) {
  const [proposal, setProposal] = useState<Proposal | null>(null);
  const [busy, setBusy] = useState(false);
  const begin = async () => {
    setBusy(true);
    try {
      setProposal(await proposalOf(kind, name, diff));
    } catch (error) {
      tellFailure(error as Error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button size="compact-xs" variant="default" loading={busy} onClick={() => void begin()}>
        {t("git.proposeLive")}
      </Button>
      {proposal && (
        <ProposeDialog
          {...proposal}
          opened
          onClose={() => setProposal(null)}
          onDone={() => setProposal(null)}
        />
      )}
    </>
  );
}

async function proposalOf(kind: Kind, name: string, diff: string): Promise<Proposal> {
  const [told, text] = await Promise.all([
    call<Origin>("GET", "/gitops/origin", { query: { kind, key: name } }),
    liveText(kind, name),
  ]);
  const origin = ownedOf(told);
  if (!origin) throw new Error(t("git.notOwned", { name }));
  return { origin, file: { kind, key: name, base: gitText(text, diff) ?? "", text } };
}

async function liveText(kind: Kind, name: string): Promise<string> {
  if (kind === "FLOW") {
    const [namespace, id] = name.split("/");
    const query = { source: true };
    return (await call<{ source: string }>("GET", `/flows/${namespace}/${id}`, { query })).source;
  }
  const at = name.indexOf(":");
  const query = { path: `/${name.slice(at + 1).replace(/^\//, "")}` };
  const answer = await send("GET", `/namespaces/${name.slice(0, at)}/files`, { query });
  return answer.text();
}
