/** A flow's text while it is edited: the revision it began from, and what was saved meanwhile. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { ApiError, call } from "../../api/client";
import type { Flow, Page } from "../../api/types";
import { tell, tellFailure } from "../../design/receipt";
import { draftKey } from "../../editor/draft-offer";
import { dropDraft, isSame, keepDraft } from "../../editor/drafts";
import { t } from "../../i18n";
import { flowKey } from "./use-flow";
import type { Revision } from "./use-revisions";

const NEW_FLOW = `id: my-flow
namespace: company.team
tasks:
  - id: hello
    type: io.kestra.plugin.core.log.Log
    message: Hello World!
`;

/** `draft` names where unsaved text is kept. */
export function useEditing(flow: Flow | undefined, draft: string) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [loaded, setLoaded] = useState(flow);
  const base = loaded ? (loaded.source ?? "") : NEW_FLOW;
  const [text, setText] = useState(base);
  const [theirs, setTheirs] = useState<Flow | null>(null);
  const [busy, setBusy] = useState(false);
  const leaving = useRef(false);
  const dirty = !isSame(text, base);
  const isNewer = flow !== undefined && loaded !== undefined && flow.revision > loaded.revision;
  const [awaits, setAwaits] = useState(false);

  useNewer(loaded, awaits ? AWAITED_MS : LOOK_MS);
  useEffect(() => {
    if (!awaits) return;
    if (isNewer) {
      setTheirs(flow);
      setAwaits(false);
    }
    const ends = setTimeout(() => setAwaits(false), AWAIT_MS); // what was fetched changes nothing
    return () => clearTimeout(ends);
  }, [awaits, isNewer, flow]);
  useEffect(() => {
    if (!isNewer || dirty) return;
    setLoaded(flow);
    setText(flow.source ?? "");
  }, [isNewer, dirty, flow]);

  /** Whether it was saved; a refusal is told, a newer revision shown. */
  const save = async (over = loaded): Promise<boolean> => {
    setBusy(true);
    try {
      const made = await put(over, text);
      leaving.current = true;
      await dropDraft(draft);
      tell(t("editor.saved", { revision: made.revision }));
      const saved = { ...made, source: text };
      setLoaded(saved);
      setTheirs(null);
      client.setQueryData(flowKey(made.namespace, made.id), saved);
      if (!over) {
        await navigate({ to: `/main/flows/edit/${made.namespace}/${made.id}/edit` as never });
      }
      leaving.current = false;
      return true;
    } catch (error) {
      const found =
        over && error instanceof ApiError && error.status === 409 && (await newer(over));
      if (found) setTheirs(found);
      else tellFailure(error as Error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  /** Begins from their revision with a text to go on with; without one, mine stays as a draft. */
  const settle = async (merged: string | null) => {
    if (!theirs) return;
    if (merged === null) {
      await keepDraft(draft, text, base);
      await client.invalidateQueries({ queryKey: draftKey(draft) });
    }
    setText(merged ?? theirs.source ?? "");
    client.setQueryData(flowKey(theirs.namespace, theirs.id), theirs);
    setLoaded(theirs);
    setTheirs(null);
  };
  /** Lets the text go: it is somewhere else now. */
  const discard = async () => {
    await dropDraft(draft);
    setText(base);
  };
  return {
    text,
    setText,
    discard,
    base,
    loaded,
    dirty,
    busy,
    save,
    theirs,
    settle,
    newer: isNewer && !theirs ? flow : null,
    compare: () => flow && setTheirs(flow),
    /** The same with the revision that appears next; until then it is looked for often. */
    compareNext: () => setAwaits(true),
    isLeaving: () => leaving.current,
  };
}

const LOOK_MS = 10_000;
const AWAITED_MS = 1_000;
const AWAIT_MS = 60_000;

/** Looks from time to time whether another revision has appeared, and fetches it then. */
function useNewer(loaded: Flow | undefined, everyMs: number): void {
  const client = useQueryClient();
  const place = loaded && `${loaded.namespace}/${loaded.id}`;
  const query = useQuery({
    queryKey: ["revisions", loaded?.namespace, loaded?.id, "latest"],
    enabled: loaded !== undefined,
    refetchInterval: everyMs,
    queryFn: ({ signal }) =>
      call<Page<Revision>>("GET", `/flows/${place}/history`, { signal, query: { size: 1 } }),
  });
  const latest = query.data?.results[0]?.revision ?? 0;
  const isBehind = loaded !== undefined && latest > loaded.revision;
  useEffect(() => {
    if (isBehind && loaded) {
      void client.invalidateQueries({ queryKey: flowKey(loaded.namespace, loaded.id) });
    }
  }, [client, isBehind, loaded]);
}

/** Saves a text: over a revision, or as a new flow. */
function put(over: Flow | undefined, text: string): Promise<Flow> {
  return call<Flow>(
    over ? "PUT" : "POST",
    over ? `/flows/${over.namespace}/${over.id}` : "/flows",
    {
      body: text,
      contentType: "application/x-yaml",
      headers: over ? { "If-Match": String(over.revision) } : {},
    },
  );
}

/** The latest revision, where it is another one than the one that was edited. */
async function newer(over: Flow): Promise<Flow | null> {
  const found = await call<Flow>("GET", `/flows/${over.namespace}/${over.id}`, {
    query: { source: true },
  });
  return found.revision === over.revision ? null : found;
}
