/** The numbers in the navigation: only what asks for somebody to act. */

import { useQuery } from "@tanstack/react-query";
import { call } from "../api/client";
import { useTopic } from "../api/events/use-topic";
import { useSession } from "../api/session";
import type { Page } from "../api/types";

const FAILED = { "filters[state][IN]": "FAILED", "filters[timeRange][EQUALS]": "PT24H", size: 1 };
/** A number beside a word need not be of this second. */
const EVERY_MS = 15_000;
const TO_SETTLE = new Set(["Drifted", "Conflict"]);

type Binding = { sync: string };

/** By destination: failed in the last 24 hours, bindings that have drifted or conflict. */
export function useNavCounts(): Record<string, number> {
  const session = useSession();
  const seesExecutions = session?.permissions.includes("execution:read") ?? false;
  const seesGit = session?.everywhere.includes("git:read") ?? false;
  useTopic(seesExecutions ? "list:executions" : undefined, ["nav", "failed"], EVERY_MS);
  useTopic(seesGit ? "git" : undefined, ["nav", "git"], EVERY_MS);
  const failed = useQuery({
    queryKey: ["nav", "failed"],
    enabled: seesExecutions,
    retry: false,
    queryFn: ({ signal }) =>
      call<Page<unknown>>("GET", "/executions/search", { signal, query: FAILED }),
  });
  const git = useQuery({
    queryKey: ["nav", "git"],
    enabled: seesGit,
    retry: false,
    queryFn: ({ signal }) => call<Page<Binding>>("GET", "/gitops/bindings", { signal }),
  });
  return {
    "/main/executions": failed.data?.total ?? 0,
    "/main/git": git.data?.results.filter(({ sync }) => TO_SETTLE.has(sync)).length ?? 0,
  };
}
