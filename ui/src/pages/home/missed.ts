/** Whether a schedule is late: the same everywhere. */

export * from "../../triggers/missed";
