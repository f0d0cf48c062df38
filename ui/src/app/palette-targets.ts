/** What the palette finds for a text, whose first sign may say what is meant. */

import { call } from "../api/client";
import type { Execution, Page } from "../api/types";
import { type Key, t } from "../i18n";
import { type Name, namesLike } from "./name-index";
import { DESTINATIONS } from "./navigation";

export type Target = {
  kind: string;
  title: string;
  hint?: string;
  /** An address of the UI, or what is done on the page in view. */
  to: string | (() => void);
};
export type Meant = "all" | "actions" | "executions" | "namespaces" | "commits";
export type Asked = { meant: Meant; text: string };

const MOST = 8;
const SIGNS: Record<string, Meant> = {
  ">": "actions",
  "#": "executions",
  "@": "namespaces",
  ":": "commits",
};

const ACTIONS: { label: Key; to: string }[] = [
  { label: "palette.newFlow", to: "/main/flows/new" },
  { label: "suites.new", to: "/main/tests/new" },
  { label: "palette.connect", to: "/main/git/sources?connect=true" },
  { label: "palette.newDashboard", to: "/main/dashboards/new" },
  { label: "palette.failed", to: "/main/executions?state=FAILED" },
  { label: "palette.token", to: "/main/settings" },
];

/** What a text asks for: `#4vY0` is an execution, `@company` a namespace. */
export function askedOf(typed: string): Asked {
  const text = typed.trim();
  const meant = SIGNS[text[0] ?? ""];
  return meant ? { meant, text: text.slice(1).trim() } : { meant: "all", text };
}

/** Pages and actions: they are known here, nobody has to be asked. */
export function placesLike({ meant, text }: Asked): Target[] {
  const wanted = text.toLowerCase();
  const fits = (label: Key) => t(label).toLowerCase().includes(wanted);
  const pages = DESTINATIONS.filter(({ label }) => meant === "all" && fits(label));
  const actions = meant === "actions" || (meant === "all" && wanted !== "") ? ACTIONS : [];
  return [
    ...pages.map(({ to, label }) => ({ kind: t("palette.page"), title: t(label), to })),
    ...actions
      .filter(({ label }) => fits(label))
      .map(({ to, label }) => ({ kind: t("palette.action"), title: t(label), to })),
  ];
}

/**
 * What the head of the page in view offers, or its editor, whatever page it is: a person sees the same buttons
 * there, and so an action of a page needs no second list to be found here.
 */
export function actionsHere({ meant, text }: Asked): Target[] {
  if (meant !== "actions" && meant !== "all") return [];
  const wanted = text.toLowerCase();
  const offered = document.querySelectorAll<HTMLElement>(
    ":is(.page-head .actions, .editor-actions) :is(button:not(:disabled), a)",
  );
  return [...offered]
    .map((element) => ({ element, title: (element.textContent ?? "").trim() }))
    .filter(({ title }) => title !== "" && title.toLowerCase().includes(wanted))
    .map(({ element, title }) => ({
      kind: t("palette.here"),
      title,
      to: () => element.click(),
    }));
}

const KINDS: Partial<Record<Meant, readonly Name["kind"][]>> = {
  all: ["flow", "namespace", "plugin"],
  namespaces: ["namespace"],
};

/** What the names that are here say, without a question to the server. */
export function namesHere({ meant, text }: Asked): Target[] {
  const kinds = KINDS[meant];
  if (!kinds || (text === "" && meant === "all")) return [];
  return namesLike(text, kinds, 2 * MOST).map(ofName);
}

function ofName({ kind, id, namespace }: Name): Target {
  if (kind === "flow") {
    const to = `/main/flows/edit/${namespace}/${id}/overview`;
    return { kind: t("column.flow"), title: id, hint: namespace, to };
  }
  if (kind === "namespace") {
    return { kind: t("column.namespace"), title: id, to: `/main/namespaces/edit/${id}/overview` };
  }
  return { kind: t("palette.plugin"), title: id, to: `/main/plugins/${id}` };
}

/** What only the server knows; a kind that the caller may not see is left out. */
export async function find({ meant, text }: Asked, signal: AbortSignal): Promise<Target[]> {
  const isAsked = (kind: Meant) => meant === "all" || meant === kind;
  const found = await Promise.all([
    isAsked("executions") ? executions({ "filters[id][STARTS_WITH]": text }, signal) : [],
    meant === "commits" ? executions({ "filters[commit][STARTS_WITH]": text }, signal) : [],
    meant === "all" ? held(text, signal) : [],
  ]);
  const [first] = found[1];
  const whole = first && {
    kind: t("palette.commitOf"),
    title: text,
    to: `/main/executions?commit=${encodeURIComponent(text)}`,
  };
  return [...(whole ? [whole] : []), ...found.flat()];
}

type Held = { kind: "file" | "resource"; id: string; namespace?: string; title?: string };

/** Files of namespaces, and what Git owns. */
async function held(q: string, signal: AbortSignal): Promise<Target[]> {
  const found = await page<Held>("/search", { q, kinds: "file,resource" }, signal);
  return found.map(({ kind, id, namespace, title }) => {
    if (kind === "file") {
      const to = `/main/namespaces/edit/${namespace}/files?path=${encodeURIComponent(`/${id}`)}`;
      return { kind: t("palette.file"), title: id, hint: namespace, to };
    }
    const [binding] = (title ?? "").split(" ");
    const to = `/main/git/${binding}/resources?q=${encodeURIComponent(id)}`;
    return { kind: t("palette.resource"), title: id, hint: title, to };
  });
}

type Query = Record<string, string | number>;

const page = <T>(path: string, query: Query, signal: AbortSignal) =>
  call<Page<T>>("GET", path, { signal, query: { size: MOST, ...query } }).then(
    ({ results }) => results,
    () => [] as T[],
  );

async function executions(filter: Query, signal: AbortSignal): Promise<Target[]> {
  const query = { ...filter, sort: "state.startDate:desc" };
  const found = await page<Execution>("/executions/search", query, signal);
  return found.map(({ namespace, flowId, id }) => ({
    kind: t("palette.execution"),
    title: id,
    hint: `${namespace} / ${flowId}`,
    to: `/main/executions/${namespace}/${flowId}/${id}/overview`,
  }));
}
