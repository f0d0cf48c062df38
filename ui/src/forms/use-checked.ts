/** What the server says of a form while it is filled in: nothing is started by it. */

import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { call } from "../api/client";
import { type Checked, type Filled, type Input, textsOf } from "./inputs";

type Answer = {
  inputs: {
    input: Input;
    value?: unknown;
    enabled: boolean;
    isDefault: boolean;
    errors: { message: string }[];
  }[];
};

const SETTLED_MS = 300;

/**
 * By the id of the input; nothing of any for a flow that is not saved. `isFirst`: the first answer is
 * awaited, so that nobody knows yet whether an input that depends on others counts.
 */
export function useChecked(
  path: string | null,
  inputs: readonly Input[],
  filled: Filled,
  revision?: number,
): { checked: Record<string, Checked>; isFirst: boolean } {
  const [settled] = useDebouncedValue(filled, SETTLED_MS);
  const query = useQuery({
    queryKey: ["inputs", path, revision, inputs.map(({ id }) => id), settled],
    enabled: path !== null && inputs.length > 0,
    gcTime: 0,
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const answer = await call<Answer>("POST", `${path}/validate`, {
        signal,
        body: textsOf(inputs, settled),
        query: { revision },
      });
      return Object.fromEntries(
        answer.inputs.map((one) => [one.input.id, checkedOf(one, settled)]),
      );
    },
  });
  return { checked: query.data ?? {}, isFirst: query.isLoading };
}

/** The bytes of a file are not sent for a check, so that it is missing is no news. */
function checkedOf(one: Answer["inputs"][number], filled: Filled): Checked {
  const isThere = filled[one.input.id] instanceof File;
  return {
    enabled: one.enabled,
    value: one.value,
    isDefault: one.isDefault,
    errors: isThere ? [] : one.errors.map(({ message }) => message),
    values: one.input.values,
  };
}
