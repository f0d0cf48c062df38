/** What the editor asks the server: the schema of the language, the verdict on a text. */

import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { call } from "../../api/client";
import { findProblems, type Problem } from "../../editor/problems";

/** The schema of the flow language, fetched once and given to the editor. */
export function useSchema(): void {
  const schema = useQuery({
    queryKey: ["schema", "flow"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () => call<object>("GET", "/plugins/schemas/flow"),
  });
  useEffect(() => {
    if (schema.data) {
      void import("../../editor/language").then(({ applyFlowSchema }) =>
        applyFlowSchema(schema.data),
      );
    }
  }, [schema.data]);
}

export function useProblems(text: string): Problem[] {
  const [settled] = useDebouncedValue(text, 400);
  const verdict = useQuery({
    queryKey: ["verdict", settled],
    gcTime: 0,
    queryFn: ({ signal }) => findProblems(settled, signal),
    placeholderData: (previous) => previous,
  });
  return verdict.data ?? [];
}
