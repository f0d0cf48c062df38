/** Shapes of the API that pages share. */

export type History = { state: string; date: string };
export type StateInfo = {
  current: string;
  histories: History[];
  startDate: string;
  endDate?: string;
  duration?: string | number;
};
export type Label = { key: string; value: string };

export type TaskRun = {
  id: string;
  taskId: string;
  parentTaskRunId?: string;
  value?: string;
  iteration?: number;
  state: StateInfo;
  outputs?: Record<string, unknown>;
  attempts?: { state: StateInfo }[];
};

export type Execution = {
  id: string;
  namespace: string;
  flowId: string;
  flowRevision: number;
  state: StateInfo;
  labels?: Label[];
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  variables?: Record<string, unknown>;
  trigger?: { id: string; type: string; variables?: Record<string, unknown> };
  parentId?: string;
  originalId?: string;
  taskRunList?: TaskRun[];
};

export type Flow = {
  id: string;
  namespace: string;
  revision: number;
  description?: string;
  disabled?: boolean;
  deleted?: boolean;
  labels?: Label[];
  source?: string;
  updated?: string;
  inputs?: { id: string; type: string; defaults?: unknown; required?: boolean }[];
  triggers?: { id: string; type: string; disabled?: boolean }[];
};

export type Page<T> = { results: T[]; total: number };
