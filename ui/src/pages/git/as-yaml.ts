/** A binding as a file declares it: what differs from the defaults, in the words of the API. */

import { stringify } from "yaml";
import { type BindingValues, bodyOf, NEW_BINDING } from "./binding-values";

export function bindingYaml(values: BindingValues, source: string, policy = {}): string {
  const { name, ...body } = bodyOf(values, policy);
  const before = bodyOf(NEW_BINDING) as Record<string, unknown>;
  const own = Object.entries(body).filter(
    ([field, value]) =>
      value !== undefined &&
      value !== null &&
      JSON.stringify(value) !== JSON.stringify(before[field]),
  );
  return stringify({ kind: "GitBinding", name, source, ...Object.fromEntries(own) });
}
