/** Which states an execution or a task run may be given, and when. */

/** The end states that a person may give. */
export const ENDS = ["SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED"] as const;

/** States of an execution in which one of its task runs may be given another state. */
export const CHANGEABLE = new Set([
  "SUCCESS",
  "WARNING",
  "FAILED",
  "KILLED",
  "CANCELLED",
  "PAUSED",
]);

/** Of a task run that a person may give another end. */
export const RUN_ENDS = ["SUCCESS", "WARNING", "FAILED"] as const;
