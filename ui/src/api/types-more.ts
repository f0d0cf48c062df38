/** Shapes of the API of triggers, Git, namespaces, plugins and accounts. */

import type { Narrowed, Served } from "./types";

export type Backfill = {
  start: string;
  end?: string;
  currentDate?: string;
  paused?: boolean;
  order?: "OLDEST_FIRST" | "NEWEST_FIRST";
  concurrencyLimit?: number;
};
export type TriggerState = Narrowed<Served["TriggerState"], { backfill?: Backfill }>;
export type Trigger = {
  trigger: {
    id: string;
    type: string;
    /** Of a schedule: the zone it goes by, without one the server's. */
    timezone?: string;
    disabled?: boolean;
    inputs?: Record<string, unknown>;
  };
  state: TriggerState;
};
export type BackfillPreview = Served["BackfillPreview"];

export type Condition = { status: boolean; reason?: string; message?: string; at?: string };
export type Binding = Narrowed<
  Served["GitBinding"],
  {
    pin?: { sha: string; reason?: string; by?: string; behind?: number };
    conditions: Record<string, Condition>;
  }
>;
export type Source = Narrowed<Served["GitSource"], { bindings: Binding[] }>;
export type SyncItem = Served["GitPlanItem"];
export type Sync = Served["GitSync"];
export type Resource = Served["GitResource"];
export type Change = Served["GitChange"];
export type Tried = Served["GitTried"];
export type Opened = Served["OpenedEndpoint"];
export type Rotated = Served["RotatedEndpoint"];
export type Endpoint = Served["GitEndpoint"];
export type DeliveryContent = Served["GitDeliveryContent"];
export type Delivery = Narrowed<
  Served["GitDelivery"],
  { pushes: { ref: string; sha: string }[]; pulls: { number: number; sha: string }[] }
>;

export type Namespace = Served["Namespace"];
export type FileEntry = {
  fileName: string;
  type: "File" | "Directory";
  size: number;
  lastModifiedTime: number;
};
export type KvEntry = Served["KVEntry"];
export type SecretMeta = Narrowed<Served["SecretMeta"], { key: string; namespace?: string }>;

export type Grant = Served["Grant"];
export type Account = Served["Account"];
export type AccountGroup = Served["Group"];
export type Member = Served["Member"];
export type Role = Served["RoleSummary"];
export type RoleBinding = Served["RoleBinding"];
export type Token = Served["Token"];
export type NewToken = Served["NewTokenAnswer"];
export type WorkerJob = Served["WorkerJob"];
export type WorkQueue = Served["WorkQueue"];
export type Reach = Served["PermissionList"];
export type AuditAct = Served["Act"];

export type FailingFlow = Served["FailingFlow"];
export type Durations = Served["Durations"];
export type RunStrip = Served["RunStrip"];
export type FlowOrigin = Served["FlowOrigin"];
export type FlowsDone = Served["FlowsDone"];
export type SourceMatch = Served["SourceMatch"];
export type ImportReport = Served["ImportReport"];
export type HandedDown = Served["HandedDown"];
export type NamespaceCounts = Served["NamespaceCounts"];
