// Made by ui/served.py of the OpenAPI document, b15ce7b1b34dab5b: do not edit.

export interface components {
  schemas: {
    /** @description A user or a service account; one by itself tells the groups that it is in. */
    Account: {
      id: string;
      username: string;
      name: string;
      /** @enum {string} */
      type: "USER" | "SERVICE_ACCOUNT";
      superAdmin: boolean;
      disabled: boolean;
      grants: components["schemas"]["Grant"][];
      /** Format: date-time */
      createdAt: string;
      groups?: components["schemas"]["Named"][];
    };
    /** @description A line of the audit log. */
    Act: {
      id: string;
      /** Format: date-time */
      date: string;
      actor: string;
      action: string;
      target: string;
      /** @enum {string} */
      verdict: "DONE" | "REFUSED" | "FAILED";
      address?: string;
      namespace?: string;
      detail?: {
        [key: string]: unknown;
      };
    };
    /** @description One try at a task run. */
    Attempt: {
      state: components["schemas"]["StateShape"];
    };
    /** @description The instants that a backfill would run. */
    BackfillPreview: {
      count: number;
      instants: string[];
      last: string[];
      isCut: boolean;
    };
    /** @description How long executions of a range took, and of the range of the same length before it. */
    Durations: {
      current: components["schemas"]["Spread"];
      previous: components["schemas"]["Spread"];
    };
    /** @description An execution. */
    Execution: {
      tenantId: string;
      id: string;
      namespace: string;
      flowId: string;
      flowRevision: number;
      state: components["schemas"]["StateShape"];
      labels: components["schemas"]["Label"][];
      originalId: string;
      deleted: boolean;
      inputs?: {
        [key: string]: unknown;
      };
      outputs?: {
        [key: string]: unknown;
      };
      variables?: {
        [key: string]: unknown;
      };
      trigger?: {
        [key: string]: unknown;
      };
      parentId?: string;
      commit?: string;
      taskRunList?: components["schemas"]["TaskRun"][];
    };
    /** @description What of an execution changed, and how many task runs it has in each state. */
    ExecutionChanges: {
      execution: components["schemas"]["LightExecution"];
      taskRuns: components["schemas"]["TaskRun"][];
      counts: {
        [key: string]: number;
      };
    };
    /** @description A flow whose latest ended execution failed. */
    FailingFlow: {
      execution: components["schemas"]["LightExecution"];
      /** Format: date-time */
      since: string;
      failures: number;
      taskId?: string;
      error?: string;
    };
    /** @description A flow. */
    Flow: {
      id: string;
      namespace: string;
      revision: number;
      disabled: boolean;
      deleted: boolean;
      draft: boolean;
      description?: string;
      labels?: components["schemas"]["Label"][];
      inputs?: {
        [key: string]: unknown;
      }[];
      triggers?: {
        [key: string]: unknown;
      }[];
      /** Format: date-time */
      updated?: string;
    };
    /** @description A flow that Git owns. */
    FlowOrigin: {
      namespace: string;
      id: string;
      binding: string;
      state: string;
      commit: string;
    };
    /** @description A flow that an act was not done to, and why. */
    FlowRefused: {
      namespace: string;
      id: string;
      message: string;
    };
    /** @description A flow with its YAML. */
    FlowWithSource: {
      id: string;
      namespace: string;
      revision: number;
      disabled: boolean;
      deleted: boolean;
      draft: boolean;
      description?: string;
      labels?: components["schemas"]["Label"][];
      inputs?: {
        [key: string]: unknown;
      }[];
      triggers?: {
        [key: string]: unknown;
      }[];
      /** Format: date-time */
      updated?: string;
      source?: string;
    };
    /** @description How many flows an act was done to, and the others, which are told in `failed`. */
    FlowsDone: {
      count: number;
      operationId: string;
      totalItems: number;
      failed: components["schemas"]["FlowRefused"][];
    };
    /** @description A folder of a source, and how it stands. */
    GitBinding: {
      id: string;
      name: string;
      sourceId: string;
      path: string;
      namespace: string;
      layout: string;
      policy: {
        [key: string]: unknown;
      };
      suspended: boolean;
      desiredSha?: string;
      appliedSha?: string;
      behind?: number;
      pinnedSha?: string;
      pin?: {
        [key: string]: unknown;
      };
      preview?: {
        [key: string]: unknown;
      };
      sync: string;
      health: string;
      conditions: {
        [key: string]: unknown;
      };
      problems: string[];
      /** Format: date-time */
      syncedAt?: string;
    };
    /** @description A change that was proposed to a repository. */
    GitChange: {
      id: string;
      bindingId: string;
      baseSha: string;
      sha: string;
      branch: string;
      paths: string[];
      title: string;
      actor: string;
      url?: string;
      number?: number;
      error?: string;
      checks?: components["schemas"]["GitChecks"];
      /** Format: date-time */
      createdAt: string;
    };
    /** @description What somebody says of a commit at its host. */
    GitCheck: {
      name: string;
      /** @enum {string} */
      state: "pending" | "success" | "failure";
      url?: string;
    };
    /** @description The checks of a commit at its host, as they were `at` a moment. */
    GitChecks: {
      sha: string;
      /** @enum {string} */
      state: "pending" | "success" | "failure" | "none" | "unknown";
      url?: string;
      checks: components["schemas"]["GitCheck"][];
      error?: string;
      /** Format: date-time */
      at: string;
    };
    /** @description What a Git host has delivered. */
    GitDelivery: {
      endpointId: string;
      deliveryId: string;
      provider: string;
      event: string;
      pushes: {
        [key: string]: unknown;
      }[];
      pulls: {
        [key: string]: unknown;
      }[];
      matched: string[];
      /** Format: date-time */
      receivedAt: string;
      /** Format: date-time */
      appliedAt?: string;
      refused?: string;
      sizeBytes?: number;
    };
    /** @description What a delivery brought, without secrets. */
    GitDeliveryContent: {
      headers: {
        [key: string]: string;
      };
      body?: string;
      sizeBytes?: number;
      refused?: string;
    };
    /** @description A webhook endpoint, without its token and secret. */
    GitEndpoint: {
      id: string;
      name: string;
      allowUnsigned: boolean;
      /** Format: date-time */
      createdAt: string;
    };
    /** @description The key that an SSH host shows, of which none is known. */
    GitHostKey: {
      host: string;
      type: string;
      fingerprint: string;
      line: string;
    };
    /** @description Who has decided to leave a difference alone. */
    GitIgnored: {
      by: string;
      /** Format: date-time */
      at: string;
      reason: string;
    };
    /** @description What was chosen of a plan, and how many changes that has. */
    GitPart: {
      keys: components["schemas"]["GitResourceName"][];
      of?: number;
    };
    /** @description One resource of a plan. */
    GitPlanItem: {
      kind: components["schemas"]["Kind"];
      key: string;
      action: string;
      state: string;
      path: string | null;
      beforeHash: string | null;
      afterHash: string | null;
      problems: string[];
      warnings?: string[];
      diff?: string;
    };
    /** @description A pull request against a binding. */
    GitPull: {
      number: number;
      sha: string;
      sourceRef: string;
      isFork: boolean;
      isOpen: boolean;
      planned: boolean;
      /** Format: date-time */
      updatedAt: string;
    };
    /** @description A row of the inventory. */
    GitResource: {
      kind: components["schemas"]["Kind"];
      key: string;
      path: string;
      blob: string;
      hash: string;
      commit: string;
      revision: number | null;
      state: string;
      ignored?: components["schemas"]["GitIgnored"];
    };
    /** @description A resource by its kind and key. */
    GitResourceName: {
      kind: components["schemas"]["Kind"];
      key: string;
    };
    /** @description A repository and the ref that is followed, with its bindings. */
    GitSource: {
      id: string;
      name: string;
      url: string;
      ref: string;
      refKind: string;
      connection?: string;
      pollInterval: number;
      lfs?: boolean;
      auth?: {
        [key: string]: string;
      };
      verify?: {
        [key: string]: string;
      };
      suspended: boolean;
      conditions: {
        [key: string]: unknown;
      };
      seenSha?: string;
      appliedSha?: string;
      /** Format: date-time */
      fetchedAt?: string;
      /** Format: date-time */
      nextPollAt: string;
      failCount: number;
      lastError?: string;
      working: boolean;
      bindings: components["schemas"]["GitBinding"][];
    };
    /** @description A sync, or a plan of one. */
    GitSync: {
      id: string;
      bindingId: string;
      status: string;
      reason: string;
      actor?: string;
      approvedBy?: string;
      fromSha?: string;
      toSha?: string;
      author?: string;
      message?: string;
      counts: {
        [key: string]: number;
      };
      items: components["schemas"]["GitPlanItem"][];
      part?: components["schemas"]["GitPart"];
      digest?: string;
      error?: string;
      /** Format: date-time */
      createdAt: string;
      /** Format: date-time */
      endedAt?: string;
    };
    /** @description What a remote answered. */
    GitTried: {
      sha?: string;
      branches: string[];
      files?: string[];
      error?: string;
      advice?: string;
      hostKey?: components["schemas"]["GitHostKey"];
    };
    /** @description A plugin default with the namespace that gives it. */
    GivenDefault: {
      value: {
        [key: string]: unknown;
      };
      namespace: string;
    };
    /** @description A variable with the namespace that gives it. */
    GivenVariable: {
      key: string;
      value: unknown;
      namespace: string;
    };
    /** @description A role, by its name or id, for a namespace and all below it; an empty one is everywhere. */
    Grant: {
      role: string;
      namespace?: string;
    };
    /** @description A group of accounts. */
    Group: {
      id: string;
      name: string;
      description?: string;
    };
    /** @description What flows of a namespace have from it and from those above it. */
    HandedDown: {
      variables: components["schemas"]["GivenVariable"][];
      pluginDefaults: components["schemas"]["GivenDefault"][];
    };
    /** @description Whether an account has a permission, and by which grants. */
    HeldPermission: {
      name: string;
      allowed: boolean;
      by: components["schemas"]["PermissionWay"][];
    };
    /** @description A state and since when. */
    History: {
      state: string;
      /** Format: date-time */
      date: string;
    };
    /** @description What an import would do with one flow of a file: CREATE, UPDATE, SAME or REFUSED. */
    ImportReport: {
      name: string;
      action: string;
      verdict: components["schemas"]["Verdict"];
    };
    /** @description A key. */
    KVEntry: {
      namespace: string;
      key: string;
      type?: string;
      version?: number;
      preview?: string;
      description?: string;
      /** Format: date-time */
      updateDate?: string;
      /** Format: date-time */
      expirationDate?: string;
    };
    /**
     * @description What a file becomes.
     * @enum {string}
     */
    Kind: "FLOW" | "FILE" | "DASHBOARD" | "SOURCE" | "BINDING";
    /** @description A label. */
    Label: {
      key: string;
      value: string;
    };
    /** @description An execution without its task runs. */
    LightExecution: {
      tenantId: string;
      id: string;
      namespace: string;
      flowId: string;
      flowRevision: number;
      state: components["schemas"]["StateShape"];
      labels: components["schemas"]["Label"][];
      originalId: string;
      deleted: boolean;
      inputs?: {
        [key: string]: unknown;
      };
      outputs?: {
        [key: string]: unknown;
      };
      variables?: {
        [key: string]: unknown;
      };
      trigger?: {
        [key: string]: unknown;
      };
      parentId?: string;
      commit?: string;
    };
    /**
     * @description The caller, with what was granted to them directly and by their groups.
     *
     *     `permissions` hold in one namespace at least, `everywhere` in all.
     */
    Me: {
      id: string;
      username: string;
      superAdmin: boolean;
      grants: components["schemas"]["Grant"][];
      permissions: string[];
      everywhere: string[];
    };
    /** @description An account in a group. */
    Member: {
      id: string;
      username: string;
      displayName: string;
      type: string;
    };
    /** @description A thing by its id, with its name. */
    Named: {
      id: string;
      name: string;
    };
    /** @description A namespace. */
    Namespace: {
      id: string;
      disabled?: boolean;
      description?: string;
      variables?: {
        [key: string]: unknown;
      };
      pluginDefaults?: unknown[];
    };
    /** @description What a namespace holds itself; those below it count for themselves. */
    NamespaceCounts: {
      id: string;
      flows: number;
      files: number;
      keys: number;
      secrets: number;
    };
    /** @description A new API token; its text is shown this once. */
    NewTokenAnswer: {
      id: string;
      name: string;
      fullToken: string;
    };
    /** @description A new endpoint; token and secret are shown this once. */
    OpenedEndpoint: {
      id: string;
      token: string;
      url: string;
      secret?: string;
    };
    /** @description Where a flow or a file comes from; only its name and `managed: false` where none owns it. */
    Origin: {
      kind: string;
      key: string;
      managed: boolean;
      binding?: string;
      url?: string;
      ref?: string;
      refKind?: string;
      path?: string;
      commit?: string;
      author?: string;
      subject?: string;
      state?: string;
      editMode?: string;
      directCommit?: boolean;
      signed?: boolean;
      suspended?: boolean;
      webUrl?: string;
    };
    /** @description What an account may in a namespace, an empty one being everywhere. */
    PermissionList: {
      username: string;
      namespace: string;
      superAdmin: boolean;
      disabled: boolean;
      permissions: components["schemas"]["HeldPermission"][];
    };
    /** @description A grant that gives a permission; one of a group names it. */
    PermissionWay: {
      role: string;
      namespace: string;
      group?: string;
    };
    /** @description An account by its names. */
    Person: {
      id: string;
      username: string;
      displayName: string;
      type: string;
    };
    /** @description Messages of a queue in the broker, by priority. */
    QueueDepth: {
      normal: number;
      background: number;
    };
    /** @description When, by whom and from where a revision of a flow came. */
    Revision: {
      revision: number;
      /** Format: date-time */
      date: string;
      deleted: boolean;
      author?: string;
      origin?: string;
      commit?: string;
      message?: string;
      url?: string;
    };
    /** @description A role that a user or group has. */
    RoleBinding: {
      id: string;
      /** @enum {string} */
      type: "USER" | "GROUP";
      role: components["schemas"]["Named"];
      namespace?: string;
      group?: components["schemas"]["Named"];
      user?: components["schemas"]["Person"];
    };
    /** @description A named set of permissions, by their names. */
    RoleSummary: {
      id: string;
      name: string;
      isDefault: boolean;
      isManaged: boolean;
      permissions: string[];
      permissionCount: number;
      description?: string;
    };
    /** @description An endpoint that has another secret; it is shown this once. */
    RotatedEndpoint: {
      id: string;
      secret: string;
    };
    /** @description The last executions of a flow, the newest first. */
    RunStrip: {
      namespace: string;
      flowId: string;
      runs: components["schemas"]["ShortRun"][];
    };
    /** @description A secret without its value. */
    SecretMeta: {
      key?: string;
      description?: string;
      tags?: components["schemas"]["Label"][];
    };
    /** @description An execution in a strip. */
    ShortRun: {
      id: string;
      state: string;
      /** Format: date-time */
      startDate: string;
      seconds?: number;
    };
    /** @description A line of a source by its number, which begins with 1. */
    SourceLine: {
      line: number;
      text: string;
    };
    /** @description A flow whose source holds a text. */
    SourceMatch: {
      model: components["schemas"]["Flow"];
      fragments: string[];
      namespace: string;
      id: string;
      count: number;
      lines: components["schemas"]["SourceLine"][];
      around: components["schemas"]["SourceLine"][];
    };
    /** @description Durations in seconds: half took at most p50, 95 of 100 at most p95. */
    Spread: {
      count: number;
      p50?: number;
      p95?: number;
    };
    /** @description Where something stands. */
    StateShape: {
      current: string;
      /** Format: date-time */
      startDate: string;
      /** Format: date-time */
      endDate?: string;
      duration: string;
      histories: components["schemas"]["History"][];
    };
    /** @description One task within an execution. */
    TaskRun: {
      id: string;
      executionId: string;
      namespace: string;
      flowId: string;
      taskId: string;
      state: components["schemas"]["StateShape"];
      parentTaskRunId?: string;
      value?: string;
      iteration?: number;
      outputs?: {
        [key: string]: unknown;
      };
      attempts?: components["schemas"]["Attempt"][];
    };
    /** @description An API token without its text. */
    Token: {
      id: string;
      name: string;
      prefix: string;
      /** Format: date-time */
      iat: string;
      extended: boolean;
      expired: boolean;
      description?: string;
      scopes?: components["schemas"]["Grant"][];
      /** Format: date-time */
      exp?: string;
      /** Format: date-time */
      lastUsed?: string;
    };
    /** @description A trigger and its state. */
    TriggerAndState: {
      trigger: {
        [key: string]: unknown;
      };
      state: components["schemas"]["TriggerState"];
    };
    /** @description The state of a trigger. */
    TriggerState: {
      namespace: string;
      flowId: string;
      triggerId: string;
      disabled?: boolean;
      locked?: boolean;
      /** Format: date-time */
      nextExecutionDate?: string;
      /** Format: date-time */
      lastTriggeredDate?: string;
      executionId?: string;
      /** Format: date-time */
      putOffUntil?: string;
      lastExecutionId?: string;
      lastExecutionState?: string;
      backfill?: {
        [key: string]: unknown;
      };
    };
    /** @description What validating a document found. */
    Verdict: {
      index: number;
      outdated: boolean;
      namespace?: string;
      flow?: string;
      constraints?: string;
      infos?: string[];
      warnings?: string[];
      deprecationPaths?: string[];
      violations?: components["schemas"]["Violation"][];
    };
    /** @description One thing that is wrong with a document, and where it stands. */
    Violation: {
      path: string;
      message: string;
      severity?: string;
      line?: number;
      column?: number;
      endLine?: number;
      endColumn?: number;
      suggestion?: string;
    };
    /** @description What an execution waits for; empty while something runs and after its end. */
    Waiting: {
      /** @enum {string} */
      cause?: "DATE" | "SLOT" | "WORKER" | "PAUSE" | "RETRY";
      /** Format: date-time */
      since?: string;
      /** Format: date-time */
      until?: string;
      taskId?: string;
      queue?: string;
      served?: boolean;
      queuePaused?: boolean;
      limit?: number;
      running?: number;
    };
    /**
     * @description A queue: task runs that wait and run, messages in the broker (null: it was not asked).
     *
     *     `depthByPriority` is null where the broker tells the sum only, as RabbitMQ does.
     */
    WorkQueue: {
      name: string;
      waiting: number;
      running: number;
      oldestSeconds: number;
      depth: number | null;
      depthByPriority: components["schemas"]["QueueDepth"] | null;
      canBePaused: boolean;
      begunPerMinute: number;
      /** Format: date-time */
      pausedSince?: string;
    };
    /** @description A task run that a worker holds; `worker` is `name@host`. */
    WorkerJob: {
      taskRunId: string;
      taskId: string;
      executionId: string;
      namespace: string;
      flowId: string;
      queue: string;
      attempt: number;
      worker?: string;
      /** Format: date-time */
      createdAt: string;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
