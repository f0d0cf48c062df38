/** What a flow asks for, as fields of a form; and what was filled in, as the request's form. */

export type Input = {
  id: string;
  type: string;
  displayName?: string;
  description?: string;
  defaults?: unknown;
  required?: boolean;
  values?: unknown[];
  min?: number;
  max?: number;
  validator?: string;
  dependsOn?: { inputs?: string[]; condition?: string };
};

export type Filled = Record<string, string | File | undefined>;

/** The text a field begins with. */
export function initialOf(input: Input): string {
  const { defaults } = input;
  if (defaults === undefined || defaults === null) return "";
  return typeof defaults === "string" ? defaults : JSON.stringify(defaults);
}

/** Whether a field may stay empty. */
export const isOptional = (input: Input): boolean =>
  input.required === false || (input.defaults !== undefined && input.defaults !== null);

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
