/** The filters of the list in the server's words: the same for what is shown and what is changed. */

import type { Query } from "../../api/client";
import type { Search } from "../../design/search";

/** The search parameters that narrow the list. */
export const FILTERS = [
  "q",
  "namespace",
  "flowId",
  "label",
  "commit",
  "state",
  "from",
  "to",
] as const;

/** Half a label (`team`) is left out: it would find nothing. */
export function filtersOf(search: Search): Query {
  const [key, ...value] = (search.label ?? "").split(":");
  return {
    "filters[q][EQUALS]": search.q,
    "filters[namespace][PREFIX]": search.namespace,
    "filters[flowId][EQUALS]": search.flowId,
    ...(value.length > 0 && { [`filters[labels][EQUALS][${key}]`]: value.join(":") }),
    "filters[commit][STARTS_WITH]": search.commit,
    "filters[state][IN]": search.state,
    "filters[startDate][GREATER_THAN_OR_EQUAL_TO]": search.from,
    "filters[endDate][LESS_THAN_OR_EQUAL_TO]": search.to,
  };
}
