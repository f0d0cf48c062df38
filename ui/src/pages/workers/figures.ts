/** Figures of the server, as this page shows them. */

export * from "../../api/figures";
