/** Whether somebody else has saved a file since it was opened here, and what they wrote. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call, send } from "../../api/client";
import { isSame } from "../../editor/drafts";
import { t } from "../../i18n";

type Theirs = { text: string; revision: number };

export function useMeanwhile(namespace: string, path: string, saved: string) {
  const [theirs, setTheirs] = useState<Theirs | null>(null);
  const client = useQueryClient();
  const below = `/namespaces/${namespace}/files`;
  /** Throws where the file holds something else by now than what was opened. */
  const check = async () => {
    const text = await (await send("GET", below, { query: { path } })).text();
    if (isSame(text, saved)) return;
    const versions = await call<{ revision: number }[]>("GET", `${below}/revisions`, {
      query: { path },
    });
    setTheirs({ text, revision: Math.max(0, ...versions.map(({ revision }) => revision)) });
    throw new Error(t("files.changed"));
  };
  const forget = () => setTheirs(null);
  /** Makes their text the one that is saved here; gives it. */
  const take = (): string => {
    const text = theirs?.text ?? saved;
    client.setQueryData(["file", namespace, path], { text, image: null, size: text.length });
    forget();
    return text;
  };
  return { theirs, check, take, forget };
}
