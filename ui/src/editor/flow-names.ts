/** The names that a flow's text gives to things, as far as it can be read. */

import { isMap, isScalar, isSeq, parseDocument, visit, type YAMLMap } from "yaml";

export type FlowNames = {
  namespace: string;
  inputs: string[];
  vars: string[];
  labels: string[];
  triggers: { id: string; type: string }[];
  /** In the order of the text; each with its type. */
  tasks: { id: string; type: string }[];
  /** Every type that the text uses. */
  types: string[];
};

/** A text that is no YAML gives what stands before its mistake. */
export function namesOf(text: string): FlowNames {
  const document = parseDocument(text, { keepSourceTokens: false, logLevel: "silent" });
  const root = isMap(document.contents) ? document.contents : null;
  const types = new Set<string>();
  const tasks: FlowNames["tasks"] = [];
  visit(document, {
    Map(_key, map) {
      const type = map.get("type");
      if (typeof type !== "string") return;
      types.add(type);
      const id = map.get("id");
      if (typeof id === "string" && type.includes(".")) tasks.push({ id, type });
    },
  });
  const triggers = thingsOf(root, "triggers");
  const started = new Set(triggers.map(({ id }) => id));
  return {
    namespace: String(root?.get("namespace") ?? ""),
    inputs: thingsOf(root, "inputs").map(({ id }) => id),
    vars: keysOf(root?.get("variables")),
    labels: labelsOf(root?.get("labels")),
    triggers,
    tasks: tasks.filter(({ id }) => !started.has(id)),
    types: [...types],
  };
}

function thingsOf(root: YAMLMap | null, name: string): { id: string; type: string }[] {
  const list = root?.get(name);
  if (!isSeq(list)) return [];
  return list.items.flatMap((item) => {
    const id = isMap(item) ? item.get("id") : undefined;
    return isMap(item) && id ? [{ id: String(id), type: String(item.get("type") ?? "") }] : [];
  });
}

const keysOf = (node: unknown): string[] =>
  isMap(node) ? node.items.map(({ key }) => String(isScalar(key) ? key.value : key)) : [];

/** A map, or a list of `{key, value}`. */
function labelsOf(node: unknown): string[] {
  if (!isSeq(node)) return keysOf(node);
  return node.items.flatMap((item) => (isMap(item) ? [String(item.get("key") ?? "")] : []));
}
