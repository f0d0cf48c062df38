/** One way to call the server: paths below `/api/v1/main`, JSON answers, errors that speak. */

import { LinkWatch } from "./link";

/** The only one that a server has; every address names it. */
export const TENANT = "main";

/** A refusal or failure of the server, in its own words. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly body: unknown,
    readonly requestId: string | null,
  ) {
    super(message);
  }
}

export type Query = Record<string, string | number | boolean | readonly string[] | undefined>;

type Options = {
  query?: Query;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is: YAML text, a form with files, a file. */
  body?: BodyInit;
  contentType?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
};

/** Whether the server answers at all; any answer of it counts, a refusal too. */
export const linkWatch = new LinkWatch(() => fetch(addressOf("//health")));

let onExpired: () => void = () => undefined;

/** What happens when the session has ended: a dialog above the page, so that no text is lost. */
export function setOnExpired(act: () => void): void {
  onExpired = act;
}

/** The address of a path: of the tenant, or with a leading `//` of the server itself. */
export function addressOf(path: string, query: Query = {}): string {
  const root = new URL("../", document.baseURI);
  const below = path.startsWith("//") ? path.slice(2) : `api/v1/${TENANT}${path}`;
  const url = new URL(below, root);
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === "") continue;
    const values = Array.isArray(value) ? value : [value];
    for (const one of values) url.searchParams.append(name, String(one));
  }
  return url.toString();
}

/** The cookie that a session has to show again with every call that changes something. */
export function csrfToken(): string {
  const found = document.cookie.match(/(?:^|; )csrfToken=([^;]*)/);
  return found?.[1] ?? "";
}

/** The raw answer. Throws ApiError for anything but 2xx. */
export async function send(method: string, path: string, options: Options = {}): Promise<Response> {
  const headers: Record<string, string> = {
    Accept: "application/json",
    "X-Requested-With": "XMLHttpRequest", // or a 401 opens the browser's own box for a password
    ...options.headers,
  };
  if (options.json !== undefined) headers["Content-Type"] = "application/json";
  if (options.contentType) headers["Content-Type"] = options.contentType;
  if (method !== "GET") headers["X-CSRF-TOKEN"] = csrfToken();
  const response = await answerOf(addressOf(path, options.query), {
    method,
    headers,
    body: options.json !== undefined ? JSON.stringify(options.json) : options.body,
    signal: options.signal,
    credentials: "same-origin",
  });
  if (!response.ok && response.status !== 304) throw await refusal(response, path);
  return response;
}

async function answerOf(address: string, options: RequestInit): Promise<Response> {
  try {
    const response = await fetch(address, options);
    linkWatch.reached();
    return response;
  } catch (error) {
    if (!options.signal?.aborted) linkWatch.lost();
    throw error;
  }
}

/** Answers that may be asked for again, each with its tag: what is the same is not sent again. */
const kept = new Map<string, { tag: string; value: unknown }>();
const MOST_KEPT = 40;
const MOST_SIGNS = 500_000;

/** The answer's JSON; undefined when it has no body. */
export async function call<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const address = addressOf(path, options.query);
  const known = method === "GET" ? kept.get(address) : undefined;
  const headers = known ? { "If-None-Match": known.tag, ...options.headers } : options.headers;
  const response = await send(method, path, { ...options, headers });
  if (known && response.status === 304) return known.value as T;
  const text = await response.text();
  const value = (text ? JSON.parse(text) : undefined) as T;
  const tag = response.headers.get("ETag");
  if (method === "GET" && tag && text.length < MOST_SIGNS) keep(address, tag, value);
  return value;
}

function keep(address: string, tag: string, value: unknown): void {
  kept.delete(address);
  kept.set(address, { tag, value });
  const [oldest] = kept.keys();
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
}

/** What somebody else has read must not be there for the next one. */
export const forgetAnswers = (): void => kept.clear();

export async function refusal(response: Response, path: string): Promise<ApiError> {
  const text = await response.text();
  let body: unknown = text;
  let message = text.slice(0, 500) || response.statusText;
  try {
    body = JSON.parse(text);
    const told = body as { message?: string; detail?: string };
    message = told.detail ?? told.message ?? message;
  } catch {
    // not JSON: the text itself is the message
  }
  if (response.status === 401 && path !== "//login" && path !== "//api/v1/me") onExpired();
  return new ApiError(response.status, message, body, response.headers.get("X-Request-Id"));
}
