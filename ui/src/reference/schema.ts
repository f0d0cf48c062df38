/** What a JSON Schema of a type says, in words for people. */

export type Property = {
  type?: string | string[];
  format?: string;
  enum?: unknown[];
  const?: unknown;
  $ref?: string;
  anyOf?: Property[];
  oneOf?: Property[];
  items?: Property;
  additionalProperties?: boolean | Property;
  properties?: Record<string, Property>;
  required?: string[];
  default?: unknown;
  description?: string;
  $dynamic?: boolean;
  $deprecated?: boolean;
  $required?: boolean;
};
export type Properties = {
  description?: string;
  properties?: Record<string, Property>;
  required?: string[];
};
export type Definitions = Record<string, Property>;

const nameOf = (ref: string) => ref.split("/").at(-1) ?? "";

/** `string`, `list of string`, `A | B`; null is no alternative worth a word. */
export function typeText(property: Property): string {
  if (property.enum) return property.enum.map(String).join(" | ");
  if (property.const !== undefined) return String(property.const);
  if (property.$ref) return nameOf(property.$ref);
  const either = property.anyOf ?? property.oneOf;
  if (either) {
    const names = either.map(typeText).filter((name) => name !== "null");
    return [...new Set(names)].join(" | ");
  }
  if (property.type === "array") return `list of ${typeText(property.items ?? {}) || "anything"}`;
  if (property.format) return property.format;
  if (Array.isArray(property.type)) return property.type.join(" | ");
  return property.type ?? "anything";
}

/** A type has a page of its own; what else has a name is an object that is shown where it stands. */
export const isType = (name: string): boolean => name.includes(".");

/** The names that a property refers to, at any depth of lists and alternatives. */
export function refsOf(property: Property): string[] {
  if (property.$ref) return [nameOf(property.$ref)];
  const inner = [...(property.anyOf ?? []), ...(property.oneOf ?? [])];
  if (property.items) inner.push(property.items);
  if (typeof property.additionalProperties === "object") inner.push(property.additionalProperties);
  return [...new Set(inner.flatMap(refsOf))];
}

/** The objects with properties that stand within a property, by name; its own have none. */
export function nestedOf(property: Property, known: Definitions): [string, Property][] {
  const named = refsOf(property)
    .filter((name) => !isType(name) && known[name]?.properties)
    .map((name): [string, Property] => [name, known[name] as Property]);
  return property.properties ? [["", property], ...named] : named;
}

/** The values that a property takes, where they are few and known. */
export function choicesOf(property: Property, known: Definitions): unknown[] {
  if (property.enum) return property.enum;
  return refsOf(property).flatMap((name) => known[name]?.enum ?? []);
}

/** The least that a task of a type needs. */
export function exampleOf(type: string, { required = [] }: Properties): string {
  const id = (type.split(".").at(-1) ?? "task").toLowerCase();
  const others = required.filter((name) => !["id", "type"].includes(name));
  return [`id: ${id}`, `type: ${type}`, ...others.map((name) => `${name}: …`)].join("\n");
}

/** A whole flow with the least of a task or a trigger, to go on with in the editor. */
export function flowOf(kind: string, part: string): string {
  const item = part
    .split("\n")
    .map((line, at) => `${at === 0 ? "  - " : "    "}${line}`)
    .join("\n");
  const hello = "  - id: hello\n    type: io.kestra.plugin.core.log.Log\n    message: Hello";
  const head = "id: example\nnamespace: company.team\n";
  if (kind === "triggers") return `${head}triggers:\n${item}\ntasks:\n${hello}\n`;
  return `${head}tasks:\n${item}\n`;
}
