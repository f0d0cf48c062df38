/** The call that a run form makes, for a shell, a program and the command line; secrets stay outside. */

import type { Filled, Input } from "./inputs";

export type Run = {
  /** The server's own address, without a path. */
  server: string;
  namespace: string;
  flow: string;
  labels: string[];
  revision?: number;
  /** ISO, with an offset. */
  scheduleDate?: string;
  wait: boolean;
};

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
const nameOf = (id: string) => id.toUpperCase().replace(/[^A-Z0-9]/g, "_");
const python = (text: string) => JSON.stringify(text);

type Value = { id: string; kind: "text" | "file" | "secret"; text: string };

/** What is filled in, in the order of the form. */
function valuesOf(inputs: readonly Input[], filled: Filled): Value[] {
  return inputs.flatMap(({ id, type }): Value[] => {
    const value = filled[id];
    if (value === undefined || value === "") return [];
    if (value instanceof File) return [{ id, kind: "file", text: value.name }];
    return [{ id, kind: type === "SECRET" ? "secret" : "text", text: value }];
  });
}

/** `address` is whole; a secret is read from a variable of the shell, a file from beside it. */
export function curlOf(address: string, inputs: readonly Input[], filled: Filled): string {
  const parts = valuesOf(inputs, filled).map(({ id, kind, text }) => {
    if (kind === "file") return `-F ${quoted(`files=@${text};filename=${id}`)}`;
    if (kind === "secret") return `--form-string "${id}=$${nameOf(id)}"`;
    return `--form-string ${quoted(`${id}=${text}`)}`;
  });
  const head = [
    "curl -X POST",
    '-H "Authorization: Bearer $TRUNKLINE_TOKEN"',
    ...(parts.length > 0 ? parts : ["-F _="]),
  ];
  return [...head, quoted(address)].join(" \\\n  ");
}

/** A program for kestrapy 2; a file is read from beside it. */
export function pythonOf(run: Run, inputs: readonly Input[], filled: Filled): string {
  const given = valuesOf(inputs, filled).map(({ id, kind, text }) => {
    if (kind === "secret") return `        ${python(id)}: os.environ[${python(nameOf(id))}],`;
    if (kind === "file") {
      const name = python(text);
      return `        ${python(id)}: (${name}, Path(${name}).read_bytes()),`;
    }
    return `        ${python(id)}: ${python(text)},`;
  });
  const more = [
    given.length > 0 ? `    inputs={\n${given.join("\n")}\n    },` : "",
    run.labels.length > 0 ? `    labels=[${run.labels.map(python).join(", ")}],` : "",
    run.revision !== undefined ? `    revision=${run.revision},` : "",
    run.scheduleDate ? `    schedule_date=${python(run.scheduleDate)},` : "",
  ].filter(Boolean);
  return [
    "import os",
    ...(Object.values(filled).some((value) => value instanceof File)
      ? ["from pathlib import Path"]
      : []),
    "",
    "from kestrapy import KestraClient",
    "",
    `client = KestraClient(host=${python(run.server)}, token=os.environ["TRUNKLINE_TOKEN"])`,
    "execution = client.executions.create_execution(",
    `    namespace=${python(run.namespace)},`,
    `    id=${python(run.flow)},`,
    '    tenant="main",',
    `    wait=${run.wait ? "True" : "False"},`,
    ...more,
    ")",
    "",
  ].join("\n");
}

/** The `trunkline` command; null for what it has no option for. */
export function cliOf(run: Run, inputs: readonly Input[], filled: Filled): string | null {
  if (run.revision !== undefined || run.scheduleDate) return null;
  const given = valuesOf(inputs, filled).map(({ id, kind, text }) => {
    if (kind === "file") return `--input ${quoted(`${id}=@${text}`)}`;
    if (kind === "secret") return `--input "${id}=$${nameOf(id)}"`;
    return `--input ${quoted(`${id}=${text}`)}`;
  });
  return [
    `trunkline --server ${quoted(run.server)} flow run ${run.namespace} ${run.flow}`,
    ...given,
    ...run.labels.map((label) => `--label ${quoted(label)}`),
    ...(run.wait ? ["--wait"] : []),
  ].join(" \\\n  ");
}
