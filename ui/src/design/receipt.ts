/** Every action gives a receipt (rule 6): busy while sent, then a note, or what went wrong. */

import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { t } from "../i18n";

const FAILURE = "failure";

export function tell(message: string): void {
  notifications.hide(FAILURE); // what went well now makes the last failure old
  notifications.show({ message, color: "green" });
}

/** One failure is told at a time: the latest. */
export function tellFailure(error: Error): void {
  notifications.hide(FAILURE);
  notifications.show({
    id: FAILURE,
    title: t("receipt.failed"),
    message: error.message,
    color: "red",
    autoClose: 10_000,
  });
}

type Act<T, A> = {
  act: (argument: A) => Promise<T>;
  /** The receipt's text. */
  done: (result: T) => string;
  /** What went wrong by an answer that is no error: it is told as one. */
  failure?: (result: T) => string | null | undefined;
  /** Query keys whose data the act has made old. */
  stale?: readonly unknown[][];
};

export function useAct<T, A = void>({ act, done, failure, stale = [] }: Act<T, A>) {
  const client = useQueryClient();
  return useMutation<T, Error, A>({
    mutationFn: act,
    onSuccess: async (result) => {
      const wrong = failure?.(result);
      if (wrong) tellFailure(new Error(wrong));
      else tell(done(result));
      await Promise.all(stale.map((queryKey) => client.invalidateQueries({ queryKey })));
    },
    onError: tellFailure,
  });
}
