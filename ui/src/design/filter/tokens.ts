/** The text of a filter, its chips and the parameters `filters[field][OP]`: three forms of one thing. */

import type { Query } from "../../api/client";
import type { Search } from "../search";

export type Op =
  | "EQUALS"
  | "NOT_EQUALS"
  | "IN"
  | "NOT_IN"
  | "GREATER_THAN"
  | "GREATER_THAN_OR_EQUAL_TO"
  | "LESS_THAN"
  | "LESS_THAN_OR_EQUAL_TO"
  | "STARTS_WITH"
  | "ENDS_WITH"
  | "CONTAINS"
  | "REGEX"
  | "PREFIX";

/** `search` is the free text; `choice` knows its values; `name` is dotted; `moment` is compared. */
export type Kind = "search" | "choice" | "name" | "text" | "label" | "moment" | "number";

export type Field = {
  /** The word that people type, `flow`. */
  name: string;
  /** The server's name of the field, `flowId`. */
  field: string;
  kind: Kind;
  /** What a `choice` may be. */
  values?: readonly string[];
  /** What of the server's names completes it. */
  complete?: "namespace" | "flow";
  /** Only one value at a time, and no list of them. */
  isSingle?: boolean;
  /** Parameters of older links that mean the same. */
  short?: Record<string, Op>;
  /** Where a `moment` may be a span back from now, the server's name of that. */
  range?: string;
};

export type Filter = { name: string; field: string; op: Op; key?: string; value: string };
export type Problem =
  | { why: "unknown"; word: string }
  | { why: "value"; word: string; allowed: string }
  | { why: "label" | "moment" | "twice" | "list"; word: string };
export type Parsed = { filters: Filter[]; problems: Problem[] };

const PARAMETER = /^filters\[([\w.]+)\]\[(\w+)\](?:\[([^\]]+)\])?$/;
const SIGNS: [string, Op][] = [
  [">=", "GREATER_THAN_OR_EQUAL_TO"],
  ["<=", "LESS_THAN_OR_EQUAL_TO"],
  [">", "GREATER_THAN"],
  ["<", "LESS_THAN"],
];
const OPPOSITES: Partial<Record<Op, Op>> = { EQUALS: "NOT_EQUALS", IN: "NOT_IN" };

export const parameterOf = ({ field, op, key }: Filter): string =>
  `filters[${field}][${op}]${key === undefined ? "" : `[${key}]`}`;

export const queryOf = (filters: readonly Filter[]): Query =>
  Object.fromEntries(filters.map((filter) => [parameterOf(filter), filter.value]));

const ofField = (fields: readonly Field[], field: string) =>
  fields.find((one) => one.field === field || one.range === field);

/** The filters of an address, those of older links too. */
export function filtersIn(search: Search, fields: readonly Field[]): Filter[] {
  const found: Filter[] = [];
  for (const [parameter, value] of Object.entries(search)) {
    if (!value) continue;
    const [, field, op, key] = PARAMETER.exec(parameter) ?? [];
    if (field && op) {
      const name = ofField(fields, field)?.name ?? field;
      found.push({ name, field, op: op as Op, ...(key && { key }), value });
      continue;
    }
    const owner = fields.find(({ short }) => short && parameter in short);
    const given = owner?.short?.[parameter];
    if (owner && given) found.push(...ofShort(owner, given, value));
  }
  return found;
}

function ofShort({ name, field, kind, range }: Field, op: Op, value: string): Filter[] {
  if (kind === "label") {
    const at = value.indexOf(":");
    if (at < 1) return [];
    return [{ name, field, op, key: value.slice(0, at), value: value.slice(at + 1) }];
  }
  const isSpan = range !== undefined && value.startsWith("P");
  return [{ name, field: isSpan ? range : field, op: isSpan ? "EQUALS" : op, value }];
}

/** The changes that put these filters into an address, instead of those that stand there. */
export function changesTo(search: Search, fields: readonly Field[], filters: readonly Filter[]) {
  const shorts = new Set(fields.flatMap(({ short }) => Object.keys(short ?? {})));
  const changes: Search = { page: undefined };
  for (const parameter of Object.keys(search)) {
    if (PARAMETER.test(parameter) || shorts.has(parameter)) changes[parameter] = undefined;
  }
  for (const filter of filters) changes[parameterOf(filter)] = filter.value;
  return changes;
}

/** A character, and whether it stood in quotes: then it means nothing but itself. */
type Sign = { sign: string; isPlain: boolean };
export type Word = { signs: Sign[]; from: number; to: number };

const WORD = /(?:"(?:\\.|[^"\\])*"?|[^\s"])+/g;
const PART = /"((?:\\.|[^"\\])*)"?|([^"])/g;

/** The words of a text, cut at blanks outside of quotes. */
export function wordsOf(text: string): Word[] {
  return [...text.matchAll(WORD)].map(({ 0: word, index }) => ({
    signs: [...word.matchAll(PART)].flatMap<Sign>(([, quoted, plain]) =>
      plain === undefined
        ? [...(quoted ?? "").replace(/\\(.)/g, "$1")].map((sign) => ({ sign, isPlain: false }))
        : [{ sign: plain, isPlain: true }],
    ),
    from: index,
    to: index + word.length,
  }));
}

const textOf = (signs: readonly Sign[]) => signs.map(({ sign }) => sign).join("");
const isSign = (at: Sign | undefined, sign: string) => at?.isPlain === true && at.sign === sign;

function split(signs: readonly Sign[], at: string): Sign[][] {
  const parts: Sign[][] = [[]];
  for (const one of signs) {
    if (isSign(one, at)) parts.push([]);
    else parts.at(-1)?.push(one);
  }
  return parts.filter((part) => part.length > 0);
}

/** Reads a text; words without a name are searched for together. */
export function parse(text: string, fields: readonly Field[]): Parsed {
  const read = wordsOf(text).map(({ signs }) => readWord(signs, fields));
  const filters = read.flatMap((one) => ("filters" in one ? one.filters : []));
  const problems = read.flatMap((one) => ("why" in one ? [one] : []));
  const value = read.flatMap((one) => ("free" in one ? [one.free] : [])).join(" ");
  const search = fields.find(({ kind }) => kind === "search");
  if (value && search)
    filters.push({ name: search.name, field: search.field, op: "EQUALS", value });
  else if (value) problems.push({ why: "unknown", word: value });
  return { filters, problems: [...problems, ...twice(filters)] };
}

type Read = { filters: Filter[] } | Problem;

function readWord(signs: Sign[], fields: readonly Field[]): Read | { free: string } {
  const colon = signs.findIndex((one) => isSign(one, ":"));
  if (colon < 1) return { free: textOf(signs) };
  const isNot = isSign(signs[0], "-");
  const word = textOf(signs.slice(isNot ? 1 : 0, colon));
  const field = fields.find(({ name }) => name === word);
  return field ? read(field, signs.slice(colon + 1), isNot) : { why: "unknown", word };
}

/** One parameter holds one value, and two beginnings of one time are none. */
function twice(filters: Filter[]): Problem[] {
  const slots = filters.map((filter) => {
    const isBack = filter.op === "EQUALS" && filter.value.startsWith("P");
    const op = isBack || filter.op.startsWith("GREATER") ? "after" : filter.op;
    return `${filter.name} ${op} ${filter.key ?? ""}`;
  });
  return filters
    .filter((_, n) => slots.indexOf(slots[n] ?? "") < n)
    .map(({ name }) => ({ why: "twice", word: name }));
}

function read(field: Field, signs: Sign[], isNot: boolean): Read {
  const word = field.name;
  if (signs.length === 0) return { filters: [] }; // a name whose value is still to come
  if (field.kind === "moment") return readMoment(field, textOf(signs));
  if (field.kind === "label") return readLabel(field, signs, isNot);
  const found = compared(field, signs, isNot);
  if (!found) return { why: "list", word };
  const values = found.op.endsWith("IN") ? found.value.split(",") : [found.value];
  if (field.values && values.some((value) => !field.values?.includes(value))) {
    return { why: "value", word, allowed: field.values.join(", ") };
  }
  if (field.kind === "number" && values.some((value) => !/^\d+$/.test(value))) {
    return { why: "value", word, allowed: "0, 1, 2 …" };
  }
  return { filters: [{ name: word, field: field.field, ...found }] };
}

/** How a value compares: `a,b`, `a*`, `*a`, `*a*`, `a.*`, `/a/`, or as it stands. */
function compared(field: Field, signs: Sign[], isNot: boolean) {
  const is = (op: Op) => (isNot ? (OPPOSITES[op] ?? op) : op);
  const wild = isNot || field.isSingle ? undefined : wildOf(field, signs);
  if (wild) return wild;
  const parts = field.kind === "search" ? [signs] : split(signs, ",");
  if (parts.length > 1 && field.isSingle) return null;
  const value = parts
    .map(textOf)
    .map((text) => (field.kind === "choice" ? asChoice(field, text) : text));
  return { op: is(value.length > 1 ? "IN" : "EQUALS"), value: value.join(",") };
}

const asChoice = ({ values }: Field, text: string) =>
  values?.find((value) => value.toLowerCase() === text.toLowerCase()) ?? text;

function wildOf({ kind }: Field, signs: Sign[]): { op: Op; value: string } | undefined {
  if (kind !== "name" && kind !== "text") return undefined;
  const last = signs.length - 1;
  if (kind === "name" && last > 1 && isSign(signs[0], "/") && isSign(signs[last], "/")) {
    return { op: "REGEX", value: textOf(signs.slice(1, last)) };
  }
  const begins = isSign(signs[0], "*");
  const ends = last > 0 && isSign(signs[last], "*");
  const value = textOf(signs.slice(begins ? 1 : 0, ends ? last : last + 1));
  if (begins && ends) return { op: "CONTAINS", value };
  if (begins) return { op: "ENDS_WITH", value };
  if (!ends) return undefined;
  if (kind === "name" && value.endsWith(".")) return { op: "PREFIX", value: value.slice(0, -1) };
  return { op: "STARTS_WITH", value };
}

function readLabel(field: Field, signs: Sign[], isNot: boolean): Read {
  const at = signs.findIndex(({ sign }) => sign === "=" || sign === ":");
  const key = textOf(signs.slice(0, at));
  if (at < 1 || at === signs.length - 1 || key.includes("]")) {
    return { why: "label", word: field.name };
  }
  const found = labelled(signs.slice(at + 1), isNot);
  return { filters: [{ name: field.name, field: field.field, key, ...found }] };
}

function labelled(signs: Sign[], isNot: boolean): { op: Op; value: string } {
  const last = signs.length - 1;
  if (!isNot && last > 1 && isSign(signs[0], "*") && isSign(signs[last], "*")) {
    return { op: "CONTAINS", value: textOf(signs.slice(1, last)) };
  }
  const parts = split(signs, ",").map(textOf);
  const op = parts.length > 1 ? "IN" : "EQUALS";
  return { op: isNot ? (OPPOSITES[op] ?? op) : op, value: parts.join(",") };
}

const SPANS: Record<string, (count: number) => string> = {
  s: (count) => `PT${count}S`,
  m: (count) => `PT${count}M`,
  h: (count) => `PT${count}H`,
  d: (count) => `P${count}D`,
  w: (count) => `P${7 * count}D`,
};

/** `>-24h` is a span back from now and stays one; `>=2026-11-22` is a moment. */
function readMoment(field: Field, text: string): Read {
  const [sign, op] = SIGNS.find(([sign]) => text.startsWith(sign)) ?? [];
  const value = text.slice(sign?.length ?? 0);
  const [, count, unit] = /^-(\d+)([smhdw])$/.exec(value) ?? [];
  const filter = { name: field.name, field: field.field };
  const span = unit ? SPANS[unit]?.(Number(count)) : /^-(P[\dDTHMS.]+)$/.exec(value)?.[1];
  if (sign?.startsWith(">") && field.range && span) {
    return { filters: [{ ...filter, field: field.range, op: "EQUALS", value: span }] };
  }
  const isMoment = /^\d{4}-\d\d-\d\d/.test(value) && !Number.isNaN(Date.parse(value));
  if (!op || !isMoment) return { why: "moment", word: field.name };
  return { filters: [{ ...filter, op, value }] };
}

/** A value as it can be typed: in quotes where it would else mean something. */
function quoted(value: string): string {
  if (value !== "" && !/[\s"\\,*/:]|^[<>=-]/.test(value)) return value;
  return `"${value.replace(/["\\]/g, "\\$&")}"`;
}

function back(span: string): string {
  const days = /^P(\d+)D$/.exec(span)?.[1];
  if (days) return `${days}d`;
  const [, count, unit] = /^PT(\d+)([HMS])$/.exec(span) ?? [];
  return count && unit ? `${count}${unit.toLowerCase()}` : span;
}

/** One filter as it is typed and as its chip reads; undefined for one that no text can say. */
export function wordOf(filter: Filter, fields: readonly Field[]): string | undefined {
  const field = fields.find(({ name }) => name === filter.name);
  if (!field || (filter.field !== field.field && filter.field !== field.range)) return undefined;
  if (field.range === filter.field) return `${field.name}:>-${back(filter.value)}`;
  const sign = SIGNS.find(([, op]) => op === filter.op)?.[0];
  if (sign) return field.kind === "moment" ? `${field.name}:${sign}${filter.value}` : undefined;
  const isNot = filter.op.startsWith("NOT_");
  const value = valueText(filter);
  if (value === undefined) return undefined;
  const key = filter.key === undefined ? "" : `${quoted(filter.key)}=`;
  return `${isNot ? "-" : ""}${field.name}:${key}${value}`;
}

function valueText({ op, value }: Filter): string | undefined {
  if (op === "IN" || op === "NOT_IN") return value.split(",").map(quoted).join(",");
  if (op === "EQUALS" || op === "NOT_EQUALS") return quoted(value);
  if (op === "STARTS_WITH") return `${quoted(value)}*`;
  if (op === "ENDS_WITH") return `*${quoted(value)}`;
  if (op === "CONTAINS") return `*${quoted(value)}*`;
  if (op === "PREFIX") return `${quoted(value)}.*`;
  return op === "REGEX" && !/[\s"]/.test(value) ? `/${value}/` : undefined;
}

/** The text of the filters, in the order of the fields, so that equal filters read alike. */
export function textOfFilters(filters: readonly Filter[], fields: readonly Field[]): string {
  return fields
    .flatMap(({ name }) => filters.filter((filter) => filter.name === name))
    .flatMap((filter) => wordOf(filter, fields) ?? [])
    .join(" ");
}
