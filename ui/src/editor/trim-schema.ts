/**
 * Makes the schema of the language small enough to check a text with each key: of every choice between
 * types only those that the text uses are there in full, the others as a list of their names.
 */

type Schema = {
  $ref?: string;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  title?: string;
  description?: string;
  markdownDescription?: string;
  definitions?: Record<string, Schema>;
  $deprecated?: boolean;
  $required?: boolean;
  [more: string]: unknown;
};

const POINTER = "#/definitions/";
/** A choice of fewer than this stays as it is. */
const FEW = 4;

/** `used`: the types of the text, by any of their names. `reference`: the address of a type's page. */
export function trimSchema(
  whole: object,
  used: readonly string[],
  reference: (type: string) => string,
): object {
  const { definitions = {}, ...root } = whole as Schema;
  const wanted = new Set(used);
  const namesByName = new Map(Object.entries(definitions).map(([n, d]) => [n, typeNames(d)]));
  const small: Record<string, Schema> = {};
  const left = [...pointersOf(root)];
  for (let name = left.pop(); name; name = left.pop()) {
    const found = definitions[name];
    if (!found || small[name]) continue;
    const cut = cutChoice(found, wanted, namesByName);
    small[name] = described(cut, name, reference);
    left.push(...pointersOf(cut));
  }
  return { ...root, definitions: small };
}

/** The names that the `type` of a definition may have. */
function typeNames({ properties }: Schema): string[] {
  const type = properties?.type;
  const all = type?.anyOf ?? (type ? [type] : []);
  return all.flatMap((one) =>
    one.const !== undefined ? [String(one.const)] : (one.enum ?? []).map(String),
  );
}

function cutChoice(schema: Schema, wanted: Set<string>, names: Map<string, string[]>): Schema {
  const choices = schema.anyOf ?? [];
  const namesOf = (one: Schema) => names.get(one.$ref?.slice(POINTER.length) ?? "") ?? [];
  if (choices.length < FEW || !choices.every((one) => namesOf(one).length > 0)) return schema;
  const kept = choices.filter((one) => namesOf(one).some((name) => wanted.has(name)));
  const others = choices.filter((one) => !kept.includes(one)).map((one) => namesOf(one)[0]);
  const rest: Schema = {
    type: "object",
    properties: { type: { enum: others } },
    required: ["type"],
  };
  return { ...schema, anyOf: others.length > 0 ? [...kept, rest] : kept };
}

function pointersOf(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(pointersOf);
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) =>
    key === "$ref" && typeof value === "string" ? [value.slice(POINTER.length)] : pointersOf(value),
  );
}

/** Says of each property what a reader asks: its type, default, whether it must be there. */
function described(schema: Schema, name: string, reference: (type: string) => string): Schema {
  const page = name.includes(".plugin.") ? `[Reference](${reference(name)})` : "";
  const must = new Set(schema.required);
  const properties = Object.entries(schema.properties ?? {}).map(([key, property]) => {
    const { title, ...rest } = property;
    const text = property.markdownDescription ?? property.description ?? "";
    const facts = [
      kindOf(property) && `\`${kindOf(property)}\``,
      (must.has(key) || property.$required) && "**required**",
      isSaid(property.default) && `default \`${JSON.stringify(property.default)}\``,
      property.$deprecated && "**deprecated**",
      page,
    ];
    const markdownDescription = [text, facts.filter(Boolean).join(" · ")]
      .filter(Boolean)
      .join("\n\n");
    // a title that only repeats the text would be shown twice
    return [key, { ...rest, ...(title === text ? {} : { title }), markdownDescription }];
  });
  return schema.properties ? { ...schema, properties: Object.fromEntries(properties) } : schema;
}

const isSaid = (value: unknown) => value !== undefined && value !== null && value !== "";

function kindOf({ type, anyOf, $ref, enum: values }: Schema): string {
  if (values) return values.slice(0, 8).join(" | ");
  if ($ref) return $ref.split(/[./]/).at(-1) ?? "";
  const all = anyOf ? anyOf.map(kindOf) : [type].flat().map((one) => one ?? "");
  return [...new Set(all.filter((one) => one && one !== "null"))].join(" | ");
}
