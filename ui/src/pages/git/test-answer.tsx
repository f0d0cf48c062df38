/** Asks a remote before it is followed: the commit it answers with, or Git's words and what to do. */

import { Alert, Button } from "@mantine/core";
import { type UseMutationResult, useMutation } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Tried } from "../../api/types-more";
import { t } from "../../i18n";
import { bodyOf, type SourceValues, storeSecret, trusting } from "./source-values";

/** A credential that was typed is stored first: Git is answered with secrets only. */
export const useTest = () =>
  useMutation<Tried, Error, SourceValues>({
    mutationFn: async (values) => {
      await storeSecret(values);
      const named = { ...bodyOf(values), name: values.name || "test" };
      return call<Tried>("POST", "/gitops/sources/test", { json: named });
    },
  });

type Props = {
  test: UseMutationResult<Tried, Error, SourceValues>;
  /** The settings as they are by now: more may have been typed since the test. */
  values: SourceValues;
  /** Takes the settings with the key of a host that the person trusts. */
  onTrust: (values: SourceValues) => void;
};

export function TestAnswer({ test, values, onTrust }: Props) {
  if (test.error) {
    return (
      <Alert color="red" role="alert" title={t("git.testFailed")}>
        {test.error.message}
      </Alert>
    );
  }
  const found = test.data;
  if (!found) return null;
  if (found.hostKey) {
    const { line } = found.hostKey;
    const trust = () => {
      const trusted = trusting(values, line);
      onTrust(trusted);
      test.mutate(trusted);
    };
    return <UnknownHost hostKey={found.hostKey} onTrust={trust} />;
  }
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

type HostProps = { hostKey: NonNullable<Tried["hostKey"]>; onTrust: () => void };

/** A host that is asked for the first time, with the fingerprint that a person compares. */
function UnknownHost({ hostKey: { host, type, fingerprint }, onTrust }: HostProps) {
  return (
    <Alert color="yellow" role="alert" title={t("git.hostKey", { host })}>
      <p>{t("git.hostKeyText")}</p>
      <p>
        {type} <code style={{ overflowWrap: "anywhere" }}>{fingerprint}</code>
      </p>
      <Button size="compact-sm" variant="default" onClick={onTrust}>
        {t("git.hostKeyTrust")}
      </Button>
    </Alert>
  );
}
