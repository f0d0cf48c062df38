/** Shapes of the API of triggers, Git, namespaces, plugins and accounts. */

export type TriggerState = {
  namespace: string;
  flowId: string;
  triggerId: string;
  nextExecutionDate?: string;
  lastTriggeredDate?: string;
  executionId?: string;
  disabled: boolean;
  locked: boolean;
  backfill?: Backfill;
};
export type Backfill = { start: string; end?: string; currentDate?: string; paused?: boolean };
export type Trigger = { trigger: { id: string; type: string }; state: TriggerState };

export type Commit = string;
export type Condition = { status: boolean; reason?: string; message?: string; at?: string };
export type Binding = {
  id: string;
  name: string;
  sourceId: string;
  path: string;
  namespace: string;
  layout: string;
  policy: Record<string, unknown>;
  suspended: boolean;
  desiredSha?: Commit;
  appliedSha?: Commit;
  pinnedSha?: Commit;
  pin?: { sha: string; reason?: string; actor?: string };
  preview?: Record<string, unknown>;
  sync: string;
  health: string;
  conditions?: Record<string, Condition>;
  problems?: unknown[];
  syncedAt?: string;
};
export type Source = {
  id: string;
  name: string;
  url: string;
  ref: string;
  refKind: string;
  connection?: string;
  pollInterval: number;
  lfs?: boolean;
  auth?: Record<string, string>;
  verify?: { policy: string; gpg?: string; ssh?: string };
  suspended: boolean;
  seenSha?: Commit;
  appliedSha?: Commit;
  fetchedAt?: string;
  nextPollAt?: string;
  failCount: number;
  lastError?: string;
  working: boolean;
  bindings: Binding[];
};
export type SyncItem = {
  kind: string;
  key: string;
  action: string;
  state: string;
  path?: string;
  problems?: string[];
  diff?: string;
};
export type Sync = {
  id: string;
  bindingId: string;
  status: string;
  reason?: string;
  actor?: string;
  fromSha?: Commit;
  toSha?: Commit;
  author?: string;
  message?: string;
  counts?: Record<string, number>;
  items?: SyncItem[];
  error?: string;
  createdAt: string;
  endedAt?: string;
};
export type Resource = {
  kind: string;
  key: string;
  path: string;
  commit?: Commit;
  revision?: number;
  state: string;
};
export type Delivery = {
  endpointId: string;
  deliveryId: string;
  provider: string;
  event: string;
  pushes: { ref: string; sha: string }[];
  pulls: { number: number; sha: string }[];
  matched: string[];
  receivedAt: string;
};
export type Endpoint = { id: string; name: string; allowUnsigned: boolean; createdAt: string };

export type Namespace = {
  id: string;
  disabled?: boolean;
  description?: string;
  variables?: Record<string, unknown>;
  pluginDefaults?: unknown[];
};
export type FileEntry = {
  fileName: string;
  type: "File" | "Directory";
  size: number;
  lastModifiedTime: number;
};
export type KvEntry = {
  namespace: string;
  key: string;
  type: string;
  version: number;
  description?: string;
  updateDate?: string;
  expirationDate?: string;
};
export type SecretMeta = {
  namespace?: string;
  key: string;
  description?: string;
  tags?: { key: string; value: string }[];
};

export type Grant = { role: string; namespace: string };
export type Account = {
  id: string;
  username: string;
  type: string;
  superAdmin: boolean;
  disabled: boolean;
  grants: Grant[];
  createdAt?: string;
};
export type Token = {
  id: string;
  name: string;
  description?: string;
  prefix: string;
  iat?: string;
  exp?: string;
  lastUsed?: string;
  expired?: boolean;
};
export type AuditAct = {
  id: string;
  date: string;
  actor?: string;
  action: string;
  target?: string;
  verdict: string;
  address?: string;
  namespace?: string;
};
