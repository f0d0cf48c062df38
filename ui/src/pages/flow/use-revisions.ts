/** The revisions of a flow: when, by whom and from where each came. Their sources come one by one. */

import { call } from "../../api/client";
import type { Flow, Page, Served } from "../../api/types";

export type Revision = Served["Revision"];

const MOST = 500;

/** The latest ones first. */
export const historyOf = ({ namespace, id }: Flow, signal?: AbortSignal): Promise<Page<Revision>> =>
  call<Page<Revision>>("GET", `/flows/${namespace}/${id}/history`, {
    signal,
    query: { size: MOST },
  });

export const historyKey = ({ namespace, id, revision }: Flow) => [
  "revisions",
  namespace,
  id,
  revision,
];
