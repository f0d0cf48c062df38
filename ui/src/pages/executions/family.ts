/** Which executions an execution comes from. */

import type { Execution } from "../../api/types";

export type Family = {
  /** Whose Subflow or Flow trigger started it. */
  callerId?: string;
  /** The first of the chain, where that is not the caller itself. */
  rootId?: string;
  replayOf?: string;
  correlationId: string;
};

const isId = (text: unknown): text is string =>
  typeof text === "string" && /^[0-9A-Za-z]{20,24}$/.test(text);

export function familyOf({ id, parentId, originalId, trigger, labels }: Execution): Family {
  const caller = trigger?.variables?.executionId;
  const callerId = isId(caller) ? caller : undefined;
  const label = labels.find(({ key }) => key === "system.correlationId")?.value;
  const isRoot = isId(label) && label !== id && label !== callerId;
  const original = originalId !== id ? originalId : undefined;
  return {
    callerId,
    rootId: isRoot ? label : undefined,
    replayOf: parentId ?? original,
    correlationId: label ?? id,
  };
}
