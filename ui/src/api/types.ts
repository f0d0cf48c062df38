/** Shapes of the API that pages share: as they are served, narrowed where the document is open. */

import type { components } from "./served";

export type Served = components["schemas"];
/** A served shape of which some open fields are known more closely. */
export type Narrowed<T, Known> = Omit<T, keyof Known> & Known;

export type History = Served["History"];
export type Label = Served["Label"];
export type TaskRun = Served["TaskRun"];

export type Execution = Narrowed<
  Served["Execution"],
  { trigger?: { id: string; type: string; variables?: Record<string, unknown> } }
>;

export type Flow = Narrowed<
  Served["FlowWithSource"],
  {
    inputs?: { id: string; type: string; defaults?: unknown; required?: boolean }[];
    triggers?: { id: string; type: string; disabled?: boolean; timezone?: string }[];
  }
>;

export type Page<T> = { results: T[]; total: number };
