/** The schema of plugin defaults: made of that of the flow language, whose types they are of. */

type Schema = {
  properties?: Record<string, Schema>;
  anyOf?: Schema[];
  const?: unknown;
  enum?: unknown[];
  definitions?: Record<string, Schema>;
  [more: string]: unknown;
};

const ENTRY = "io.kestra.core.models.flows.PluginDefault";
export const VALUES = "values:";
/** What a task has of its own, never by default. */
const OWN = new Set(["id", "type"]);

/** The types that entries of a text are of, in the order of the text; it need not be readable yet. */
export function defaultsIn(text: string): string[] {
  const found = text.matchAll(/^\s*(?:-\s+)?type:\s*["']?([\w.$]+)/gm);
  return [...new Set([...found].map(([, type = ""]) => type))];
}

/**
 * A list of entries: `type` completes with all names, `values` with the properties of its type, and no other
 * is let pass there. The beginning of a name stands for several types, whose values stay open.
 * `whole`: the schema of the flow language. `used`: as of `defaultsIn`.
 */
export function defaultsSchema(whole: object, used: readonly string[]): object {
  const { definitions = {} } = whole as Schema;
  const { properties = {}, ...entry } = definitions[ENTRY] ?? {};
  const typed = Object.entries(definitions).flatMap(([name, one]) => {
    const names = namesOf(one);
    return names.some((type) => type.includes(".")) ? [{ name, names, one }] : [];
  });
  const wanted = typed.filter(({ names }) => used.some((type) => names.includes(type)));
  const type = {
    ...properties.type,
    anyOf: [{ enum: typed.map(({ names }) => names[0]) }, { type: "string" }],
  };
  const rules = wanted.map(({ name, names }) => ({
    if: { properties: { type: { enum: names } }, required: ["type"] },
    // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
    then: { properties: { values: { $ref: `#/definitions/${VALUES}${name}` } } },
  }));
  const values = wanted.map(({ name, one }) => [`${VALUES}${name}`, valuesOf(one)]);
  return {
    type: "array",
    items: { ...entry, properties: { ...properties, type }, required: ["type"], allOf: rules },
    definitions: { ...definitions, ...Object.fromEntries(values) },
  };
}

/** All names that the `type` of a definition may have, the present one first. */
function namesOf({ properties }: Schema): string[] {
  const type = properties?.type;
  const all = type?.anyOf ?? (type ? [type] : []);
  return all.flatMap((one) =>
    one.const !== undefined ? [String(one.const)] : (one.enum ?? []).map(String),
  );
}

/** None of its properties has to be there. */
function valuesOf({ properties = {}, required: _, ...rest }: Schema): Schema {
  const kept = Object.entries(properties).filter(([key]) => !OWN.has(key));
  const open = kept.map(([key, { $required: __, ...property }]) => [key, property]);
  return { ...rest, properties: Object.fromEntries(open) };
}
