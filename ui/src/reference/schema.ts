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
  default?: unknown;
  description?: string;
};
export type Properties = {
  description?: string;
  properties?: Record<string, Property>;
  required?: string[];
};

/** `string`, `list of string`, `A | B`; null is no alternative worth a word. */
export function typeText(property: Property): string {
  if (property.enum) return property.enum.map(String).join(" | ");
  if (property.const !== undefined) return String(property.const);
  if (property.$ref) return property.$ref.split("/").at(-1) ?? "";
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

/** The least that a task of a type needs. */
export function exampleOf(type: string, { required = [] }: Properties): string {
  const id = (type.split(".").at(-1) ?? "task").toLowerCase();
  const others = required.filter((name) => !["id", "type"].includes(name));
  return [`id: ${id}`, `type: ${type}`, ...others.map((name) => `${name}: …`)].join("\n");
}
