/** The call that a run form makes, as a command for a shell: secrets and the token stay outside. */

import type { Filled, Input } from "./inputs";

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
const nameOf = (id: string) => id.toUpperCase().replace(/[^A-Z0-9]/g, "_");

/** `address` is whole; a secret is read from a variable of the shell, a file from beside it. */
export function curlOf(address: string, inputs: readonly Input[], filled: Filled): string {
  const parts = inputs.flatMap((input) => {
    const value = filled[input.id];
    if (value === undefined || value === "") return [];
    if (value instanceof File) return [`-F ${quoted(`files=@${value.name};filename=${input.id}`)}`];
    if (input.type === "SECRET") return [`--form-string "${input.id}=$${nameOf(input.id)}"`];
    return [`--form-string ${quoted(`${input.id}=${value}`)}`];
  });
  const head = [
    "curl -X POST",
    '-H "Authorization: Bearer $TRUNKLINE_TOKEN"',
    ...(parts.length > 0 ? parts : ["-F _="]),
  ];
  return [...head, quoted(address)].join(" \\\n  ");
}
