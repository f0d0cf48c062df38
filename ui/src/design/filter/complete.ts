/** What may stand at the caret of a filter: names of fields, then their values. */

import { type Field, wordsOf } from "./tokens";

export type Option = { text: string; hint?: string };
export type Offer = {
  /** The part of the text that an option replaces. */
  from: number;
  to: number;
  options: Option[];
  /** Names that only the server knows. */
  ask?: { kind: "namespace" | "flow"; text: string; before: string };
};

const SPANS = [">-1h", ">-24h", ">-7d", ">-30d"];

export function offerAt(text: string, caret: number, fields: readonly Field[]): Offer {
  const word = wordsOf(text).find(({ from, to }) => from < caret && caret <= to);
  const from = word?.from ?? caret;
  const typed = text.slice(from, caret);
  const to = word?.to ?? caret;
  const minus = typed.startsWith("-") ? "-" : "";
  const [name = "", ...rest] = typed.slice(minus.length).split(":");
  if (rest.length === 0) {
    const options = fields
      .filter((field) => field.name.startsWith(name))
      .map((field) => ({ text: `${minus}${field.name}:` }));
    return { from, to, options };
  }
  const field = fields.find((one) => one.name === name);
  if (!field) return { from, to, options: [] };
  return { from, to, ...valuesOf(field, rest.join(":"), `${minus}${name}:`) };
}

/** The last value of a list is completed, those before it stay. */
function valuesOf(field: Field, value: string, head: string): Pick<Offer, "options" | "ask"> {
  const at = value.lastIndexOf(",") + 1;
  const before = head + value.slice(0, at);
  const typed = value.slice(at).toLowerCase();
  const all = field.values ?? (field.range ? SPANS : []);
  const taken = new Set(value.slice(0, at).split(","));
  const options = all
    .filter((one) => !taken.has(one) && one.toLowerCase().startsWith(typed) && one !== typed)
    .map((one) => ({ text: before + one }));
  if (!field.complete) return { options };
  return { options, ask: { kind: field.complete, text: typed.replace(/\.?\*$/, ""), before } };
}

/** Puts an option in; a value that is whole gets a blank after it, so that the next can follow. */
export function accept(text: string, { from, to }: Offer, option: string) {
  const isName = option.endsWith(":");
  const rest = text.slice(to).trimStart();
  const blank = isName && rest === "" ? "" : " ";
  return {
    text: text.slice(0, from) + option + blank + rest,
    caret: from + option.length + (isName ? 0 : 1),
  };
}
