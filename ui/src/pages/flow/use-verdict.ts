/** What is wrong with a text: the schema says it at once, the server 400 ms after the last key. */

import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { findProblems, merged, type Problem } from "../../editor/problems";
import { useSchema } from "../../editor/use-schema";

const SETTLED_MS = 400;

export function useProblems(text: string) {
  const [settled] = useDebouncedValue(text, SETTLED_MS);
  const [schema, setSchema] = useState<Problem[]>([]);
  useSchema(settled);
  const verdict = useQuery({
    queryKey: ["verdict", settled],
    gcTime: 0,
    queryFn: ({ signal }) => findProblems(settled, signal),
    placeholderData: (previous) => previous,
  });
  const found = verdict.data;
  const problems = useMemo(() => merged(found ?? [], schema), [found, schema]);
  return {
    problems,
    setSchema,
    /** Whether the server has spoken of this very text. */
    isSettled: settled === text && !verdict.isPlaceholderData && !verdict.isPending,
  };
}
