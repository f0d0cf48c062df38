/** What is asked for again once a resource of a binding was settled. */
export const STALE = (binding: string) => [
  ["resources", binding],
  ["plan"],
  ["binding", binding],
  ["bindings"],
];
