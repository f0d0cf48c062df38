/** The schema of the flow language: kept in the browser by its ETag, trimmed to what a text uses. */

import { useQuery } from "@tanstack/react-query";
import { get, set } from "idb-keyval";
import { useEffect, useMemo } from "react";
import { ApiError, send } from "../api/client";
import { defaultsIn, defaultsSchema, VALUES } from "./defaults-schema";
import { namesOf } from "./flow-names";
import { trimSchema } from "./trim-schema";

type Kept = { etag: string; schema: object };

const KEPT = "schema:flow";
const NOT_MODIFIED = 304;

/** What the browser kept, where the server still serves the same. */
async function fetchSchema(): Promise<object> {
  const kept = await get<Kept>(KEPT).catch(() => undefined);
  try {
    const headers: Record<string, string> = kept ? { "If-None-Match": kept.etag } : {};
    const answer = await send("GET", "/plugins/schemas/flow", { headers });
    const schema = (await answer.json()) as object;
    const etag = answer.headers.get("ETag");
    if (etag) void set(KEPT, { etag, schema } satisfies Kept).catch(() => undefined);
    return schema;
  } catch (error) {
    if (kept && error instanceof ApiError && error.status === NOT_MODIFIED) return kept.schema;
    throw error;
  }
}

function useWhole(isAsked = true) {
  return useQuery({
    queryKey: ["schema", "flow"],
    enabled: isAsked,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: fetchSchema,
  });
}

/** Gives the editor the schema, anew whenever the text uses other types. `text` should have settled. */
export function useSchema(text: string): void {
  const schema = useWhole();
  const types = useMemo(() => namesOf(text).types.sort().join("\n"), [text]);
  useEffect(() => {
    // without a schema the names of the text and of the server complete all the same
    const whole = schema.data;
    const trimmed = whole ? trimSchema(whole, types.split("\n"), referenceOf) : null;
    void import("./language").then(({ applySchema }) => applySchema("flow", trimmed));
  }, [schema.data, types]);
}

/** The same for a part of a namespace: its variables, which are a map, or its plugin defaults. */
export function usePartSchema(part: "variables" | "pluginDefaults", text: string): void {
  const { data: whole } = useWhole(part === "pluginDefaults");
  const types = useMemo(() => defaultsIn(text).join("\n"), [text]);
  useEffect(() => {
    const apply = async () => {
      const { applySchema } = await import("./language");
      if (part === "variables") return applySchema(part, { type: "object" });
      const used = types.split("\n");
      const made = whole && trimSchema(defaultsSchema(whole, used), used, referenceOf);
      return applySchema(part, made ?? null);
    };
    apply().catch(() => undefined); // the plain text area needs none
  }, [part, whole, types]);
}

const referenceOf = (name: string) =>
  new URL(`main/plugins/${name.replace(VALUES, "")}`, document.baseURI).toString();
