/** What the form of a source holds, and the body that it becomes. */

import { call } from "../../api/client";
import type { Source } from "../../api/types-more";

export const NEW_SOURCE = {
  name: "",
  url: "",
  ref: "main",
  refKind: "auto",
  connection: "",
  pollInterval: 180 as number | null,
  lfs: false,
  authKind: "none",
  username: "",
  secretName: "",
  secretValue: "",
  passphraseSecret: "",
  knownHosts: "",
  hostKeyChecking: "yes",
  appId: "",
  installationId: "",
  verifyPolicy: "off",
  gpg: "",
  ssh: "",
};
export type SourceValues = typeof NEW_SOURCE;

type Auth = Record<string, string>;

/** What a source has, as the form shows it. */
export function valuesOf(source: Source): SourceValues {
  const auth: Auth = source.auth ?? {};
  const secretName = auth.passwordSecret ?? auth.privateKeySecret ?? "";
  const told = auth.privateKeySecret ? (auth.appId ? "github_app" : "ssh") : "basic";
  return {
    ...NEW_SOURCE,
    name: source.name,
    url: source.url,
    ref: source.ref,
    refKind: source.refKind,
    connection: source.connection ?? "",
    pollInterval: source.pollInterval,
    lfs: source.lfs ?? false,
    authKind: auth.kind || (secretName ? told : "none"),
    secretName,
    verifyPolicy: source.verify?.policy ?? "off",
    gpg: source.verify?.gpg ?? "",
    ssh: source.verify?.ssh ?? "",
    hostKeyChecking: "accept-new", // the server's own default
    ...pick(auth, [
      "username",
      "passphraseSecret",
      "knownHosts",
      "hostKeyChecking",
      "appId",
      "installationId",
    ]),
  };
}

/** The body of the API; what does not go with the way to authenticate is left out. */
export function bodyOf(values: SourceValues) {
  const { name, url, ref, refKind, connection, pollInterval, lfs } = values;
  return {
    name,
    url,
    ref,
    refKind,
    connection: connection || undefined,
    pollInterval: pollInterval ?? undefined,
    lfs,
    auth: authOf(values),
    verify: { policy: values.verifyPolicy, gpg: values.gpg, ssh: values.ssh },
  };
}

function authOf(values: SourceValues): Auth | undefined {
  const { authKind, secretName, username } = values;
  const trust = pick(values, ["knownHosts", "hostKeyChecking"]);
  if (authKind === "none") return values.knownHosts ? trust : undefined;
  if (authKind === "basic" || authKind === "token") {
    return { kind: authKind, passwordSecret: secretName, ...(username ? { username } : {}) };
  }
  const key = { kind: authKind, privateKeySecret: secretName };
  if (authKind === "github_app") return { ...key, ...pick(values, ["appId", "installationId"]) };
  return { ...key, ...pick(values, ["passphraseSecret"]), ...trust };
}

/** With one more line of hosts that are known, and no others taken from now on. */
export function trusting(values: SourceValues, line: string): SourceValues {
  const lines = [...values.knownHosts.split("\n"), line].filter((one) => one.trim());
  return { ...values, knownHosts: [...new Set(lines)].join("\n"), hostKeyChecking: "yes" };
}

function pick<T extends Record<string, unknown>>(from: T, names: string[]): Record<string, string> {
  const pairs = names.map((name) => [name, from[name]]);
  return Object.fromEntries(pairs.filter(([, value]) => value));
}

/** Stores a credential that was typed as a secret: the source only names it. */
export async function storeSecret({ secretName, secretValue }: SourceValues): Promise<void> {
  if (!secretName || !secretValue) return;
  const { systemNamespace } = await call<{ systemNamespace: string }>("GET", "/configs");
  await call("PUT", `/namespaces/${systemNamespace}/secrets`, {
    json: { key: secretName, value: secretValue },
  });
}
