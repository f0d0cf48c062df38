/** Offers the text of an earlier visit, with what it changes. */

import { Alert, Button, Group } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { DiffView } from "../design/diff-view";
import { absoluteText } from "../design/time";
import { zone } from "../design/zone";
import { t } from "../i18n";
import { dropDraft, findDraft, isSame } from "./drafts";

type Props = { name: string; base: string; text: string; onTake: (text: string) => void };

export const draftKey = (name: string) => ["draft", name];

export function DraftOffer({ name, base, text, onTake }: Props) {
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const query = useQuery({
    queryKey: draftKey(name),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    queryFn: async () => (await findDraft(name)) ?? null,
  });
  const draft = query.data;
  if (!draft || isSame(draft.text, base) || isSame(draft.text, text)) return null;
  const settle = () => client.setQueryData(draftKey(name), null);
  const at = absoluteText(new Date(draft.at).toISOString(), zone());
  return (
    <Alert title={t("editor.draft")}>
      <p className="muted">{t("editor.draftOf", { at })}</p>
      <Group gap={8}>
        <Button
          onClick={() => {
            onTake(draft.text);
            settle();
          }}
        >
          {t("editor.draftTake")}
        </Button>
        <Button
          variant="default"
          onClick={() => {
            void dropDraft(name);
            settle();
          }}
        >
          {t("editor.draftDrop")}
        </Button>
        <Button variant="default" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? t("editor.hideDiff") : t("editor.showDiff")}
        </Button>
      </Group>
      {open && (
        <div className="panel conflict-diff">
          <DiffView left={base} right={draft.text} />
        </div>
      )}
    </Alert>
  );
}
