/** Asks a remote before it is followed: the commit it answers with, or Git's words and what to do. */

import { Alert } from "@mantine/core";
import { type UseMutationResult, useMutation } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Tried } from "../../api/types-more";
import { t } from "../../i18n";
import { bodyOf, type SourceValues, storeSecret } from "./source-values";

/** A credential that was typed is stored first: Git is answered with secrets only. */
export const useTest = (values: SourceValues) =>
  useMutation<Tried, Error, void>({
    mutationFn: async () => {
      await storeSecret(values);
      const named = { ...bodyOf(values), name: values.name || "test" };
      return call<Tried>("POST", "/gitops/sources/test", { json: named });
    },
  });

export function TestAnswer({ test }: { test: UseMutationResult<Tried, Error, void> }) {
  if (test.error) {
    return (
      <Alert color="red" role="alert" title={t("git.testFailed")}>
        {test.error.message}
      </Alert>
    );
  }
  const found = test.data;
  if (!found) return null;
  if (found.error) {
    return (
      <Alert color="red" role="alert" title={t("git.testFailed")}>
        <p>{found.error}</p>
        {found.advice && <p>{found.advice}</p>}
        {found.branches.length > 0 && (
          <p>{t("git.testBranches", { names: found.branches.slice(0, 20).join(", ") })}</p>
        )}
      </Alert>
    );
  }
  return (
    <Alert color="green" role="status" title={t("git.testGood")}>
      {t("git.testAnswer", { sha: found.sha?.slice(0, 8) ?? "", count: found.branches.length })}
    </Alert>
  );
}
