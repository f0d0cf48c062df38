/** What a flow asks for, as fields of a form; and what was filled in, as the request's form. */

export type Input = {
  id: string;
  type: string;
  displayName?: string;
  description?: string;
  defaults?: unknown;
  prefill?: unknown;
  required?: boolean;
  values?: unknown[];
  min?: number;
  max?: number;
  after?: string;
  before?: string;
  validator?: string;
  itemType?: string;
  isRadio?: boolean;
  accept?: string | string[];
  allowedFileExtensions?: string[];
  allowCustomValue?: boolean;
  inputs?: Input[];
  dependsOn?: { inputs?: string[]; condition?: string };
};

/** What the server says of one input: whether it counts, what its value would be, what is wrong. */
export type Checked = {
  enabled: boolean;
  value?: unknown;
  isDefault: boolean;
  errors: string[];
  /** Choices that an expression gives. */
  values?: unknown[];
};

export type Filled = Record<string, string | File | undefined>;

/** The text a field begins with. A default that has to be rendered first is left to the server. */
export function initialOf(input: Input): string {
  const text = textOf(input.defaults ?? input.prefill);
  return text.includes("{{") ? "" : text;
}

export const firstOf = (inputs: readonly Input[]): Filled =>
  Object.fromEntries(inputs.map((input) => [input.id, initialOf(input)]));

/** What was filled in, taken to other inputs: those of the same name and type keep what was typed. */
export function carriedOver(from: readonly Input[], filled: Filled, to: readonly Input[]): Filled {
  const first = firstOf(from);
  const types = new Map(from.map(({ id, type }) => [id, type]));
  const typed = to.filter(({ id, type }) => types.get(id) === type && filled[id] !== first[id]);
  return { ...firstOf(to), ...Object.fromEntries(typed.map(({ id }) => [id, filled[id]])) };
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The inputs with those of each FORM in its place, named `form.input` as the server knows them. */
export function flatOf(inputs: readonly Input[]): Input[] {
  return inputs.flatMap((input) =>
    input.type === "FORM"
      ? flatOf(input.inputs ?? []).map((inner) => ({
          ...inner,
          id: `${input.id}.${inner.id}`,
          displayName: `${input.displayName ?? input.id}: ${inner.displayName ?? inner.id}`,
        }))
      : [input],
  );
}

/** The choices of a field: what is sent, and what is shown of it. */
export function choicesOf(input: Input): { value: string; label: string }[] {
  return (input.values ?? []).map((choice) => {
    const { value = choice, label = value } =
      typeof choice === "object" && choice !== null
        ? (choice as { value?: unknown; label?: unknown })
        : {};
    return { value: String(value), label: String(label) };
  });
}

/** Whether a field may stay empty. */
export const isOptional = (input: Input): boolean =>
  input.required === false || (input.defaults !== undefined && input.defaults !== null);

/** What the fields show of the inputs that an execution had; secrets and files are not shown again. */
export function usedOf(inputs: readonly Input[], values: Record<string, unknown>): Filled {
  return Object.fromEntries(inputs.map((input) => [input.id, usedText(input, values)]));
}

function usedText({ id, type }: Input, values: Record<string, unknown>): string {
  if (type === "SECRET" || type === "FILE") return "";
  const inner = (value: unknown, name: string) =>
    (value as Record<string, unknown> | null | undefined)?.[name];
  const value = values[id] ?? id.split(".").reduce(inner, values as unknown);
  return textOf(type === "DATETIME" ? String(value ?? "").replace(/(\.\d+)?Z$/, "") : value);
}

/** The inputs that were given another value; an emptied field keeps the one of before. */
export function changedOf(inputs: readonly Input[], used: Filled, filled: Filled): Input[] {
  return inputs.filter(({ id }) => Boolean(filled[id]) && filled[id] !== used[id]);
}

/** The multipart form of a start: texts by input id, files as parts named by it; empty ones left out. */
export function formOf(inputs: readonly Input[], filled: Filled): FormData {
  const form = new FormData();
  for (const input of inputs) {
    const value = filled[input.id];
    if (value instanceof File) form.append("files", value, input.id);
    else if (value !== undefined && value !== "") form.append(input.id, value);
  }
  return form;
}

/** As `formOf`, without what is not said to a mere check: the bytes of files. */
export function textsOf(inputs: readonly Input[], filled: Filled): FormData {
  const isText = ({ id }: Input) => typeof filled[id] === "string";
  return formOf(inputs.filter(isText), filled);
}

/** What the field of a file takes, as in an HTML form; undefined: anything. */
export function acceptOf({ accept, allowedFileExtensions }: Input): string | undefined {
  const all = [accept ?? [], allowedFileExtensions ?? []].flat();
  return all.length > 0 ? all.join(",") : undefined;
}

/** The range that a value has to lie in, in its own words; undefined where there is none. */
export function rangeOf({ min, max, after, before }: Input): { from?: string; to?: string } | null {
  const from = min ?? after;
  const to = max ?? before;
  if (from === undefined && to === undefined) return null;
  return {
    ...(from === undefined ? {} : { from: String(from) }),
    ...(to === undefined ? {} : { to: String(to) }),
  };
}
