/** The families of states: one glyph, one colour and one tone each (visual language, section 7). */

export type Family = "success" | "running" | "warning" | "failed" | "paused" | "waiting" | "killed";

const FAMILIES: Record<string, Family> = {
  SUCCESS: "success",
  RUNNING: "running",
  RETRYING: "running",
  RETRIED: "running",
  RESTARTED: "running",
  WARNING: "warning",
  FAILED: "failed",
  ERROR: "failed",
  PAUSED: "paused",
  BREAKPOINT: "paused",
  CREATED: "waiting",
  QUEUED: "waiting",
  SUBMITTED: "waiting",
  SKIPPED: "waiting",
  KILLING: "killed",
  KILLED: "killed",
  CANCELLED: "killed",
  Synced: "success",
  OutOfSync: "running",
  Drifted: "warning",
  Conflict: "failed",
  Quarantined: "failed",
  Orphan: "warning",
  Ignored: "waiting",
  Suspended: "paused",
  Failed: "failed",
  SUCCEEDED: "success",
  PARTIAL: "warning",
  AWAITING_APPROVAL: "paused",
  BLOCKED_GUARD: "warning",
  BLOCKED_WINDOW: "warning",
  Healthy: "success",
  Progressing: "running",
  Degraded: "failed",
  Missing: "warning",
  Unknown: "waiting",
  DRAINING: "paused",
  DRAINED: "paused",
  DISCONNECTED: "failed",
  REFUSED: "failed",
  LOST: "failed",
  TERMINATED: "killed",
  STOPPED: "killed",
};

const GLYPHS: Record<Family, string> = {
  success: "✓",
  running: "▶",
  warning: "▲",
  failed: "✕",
  paused: "‖",
  waiting: "○",
  killed: "■",
};

/** States that never change by themselves any more. */
const ENDED = new Set([
  "SUCCESS",
  "WARNING",
  "FAILED",
  "KILLED",
  "CANCELLED",
  "RETRIED",
  "SKIPPED",
]);

export const STATES = [
  "CREATED",
  "QUEUED",
  "RUNNING",
  "PAUSED",
  "RETRYING",
  "RESTARTED",
  "KILLING",
  "SUCCESS",
  "WARNING",
  "FAILED",
  "KILLED",
  "CANCELLED",
] as const;

export const familyOf = (state: string): Family => FAMILIES[state] ?? "waiting";
export const isState = (text: string): boolean => text in FAMILIES;
export const glyphOf = (state: string): string => GLYPHS[familyOf(state)];
export const hasEnded = (state: string): boolean => ENDED.has(state);
const LEVEL_FAMILIES: Record<string, Family> = {
  ERROR: "failed",
  WARN: "warning",
  INFO: "running",
};

export const familyOfLevel = (level: string): Family => LEVEL_FAMILIES[level] ?? "waiting";
/** The CSS colour of bars, nodes and strips. */
export const fillOf = (state: string): string => `var(--${familyOf(state)})`;

/** Each family with the state that names it, in the order of legends. */
export const LEGEND: readonly [Family, string][] = [
  ["success", "SUCCESS"],
  ["warning", "WARNING"],
  ["failed", "FAILED"],
  ["running", "RUNNING"],
  ["paused", "PAUSED"],
  ["waiting", "QUEUED"],
  ["killed", "KILLED"],
];
