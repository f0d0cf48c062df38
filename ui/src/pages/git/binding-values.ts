/** What the form of a binding holds, and the body that it becomes. */

import type { Binding } from "../../api/types-more";

export const KINDS = ["FLOW", "FILE", "DASHBOARD", "SOURCE", "BINDING"] as const;

export const NEW_BINDING = {
  name: "",
  path: "",
  namespace: "",
  layout: "declared",
  kinds: ["FLOW", "FILE"] as string[],
  editMode: "LOCKED",
  onInvalid: "FAIL",
  automated: true,
  prune: false,
  adopt: false,
  selfHeal: true,
  allowEmpty: false,
  maxDeletePercent: 30 as number | null,
  maxDeletes: null as number | null,
  requireApproval: false,
  directCommit: false,
  previews: false,
  previewHours: 72 as number | null,
  protected: ["system"] as string[],
};
export type BindingValues = typeof NEW_BINDING;

const OWN = new Set(Object.keys(NEW_BINDING));

/** What a binding has, as the form shows it. */
export function valuesOf({ name, path, namespace, layout, policy }: Binding): BindingValues {
  const known = Object.entries(policy).filter(([field]) => OWN.has(field));
  return { ...NEW_BINDING, ...Object.fromEntries(known), name, path, namespace, layout };
}

/** The body of the API: the fields of the form, and what of the policy no form shows. */
export function bodyOf(values: BindingValues, policy: Binding["policy"] = {}) {
  const { maxDeletePercent, previewHours, ...rest } = values;
  const others = Object.entries(policy).filter(([field]) => !OWN.has(field));
  return {
    ...Object.fromEntries(others),
    ...rest,
    maxDeletePercent: maxDeletePercent ?? undefined,
    previewHours: previewHours ?? undefined,
  };
}
