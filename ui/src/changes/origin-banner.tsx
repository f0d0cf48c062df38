/** Says above an editor that Git owns what is shown, and what follows from that. */

import { Alert, Anchor, Button, Group, Popover } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { t } from "../i18n";
import type { Owned } from "./origin";

type Props = {
  origin: Owned;
  /** Whether the text is a draft for a branch: nothing of it runs here until it is merged. */
  drafting: boolean;
  onDraft: (drafting: boolean) => void;
};

export function OriginBanner({ origin, drafting, onDraft }: Props) {
  const mode = drafting ? "DRAFT" : origin.editMode;
  return (
    <Alert
      className="origin"
      color={mode === "OVERWRITE" || mode === "BLOCK" ? "yellow" : "ink"}
      title={t("origin.from", { binding: origin.binding })}
    >
      <p className="origin-place">
        {t("origin.place", {
          url: origin.url ?? "",
          ref: origin.ref,
          path: origin.path,
          commit: origin.commit?.slice(0, 8) ?? "",
        })}
        {origin.subject && <span className="muted"> {origin.subject}</span>}
      </p>
      <p>{t(`origin.${mode}`)}</p>
      {origin.suspended && <p>{t("origin.suspended")}</p>}
      <Group gap={12}>
        <Button onClick={() => onDraft(!drafting)} variant={drafting ? "default" : "filled"}>
          {drafting ? t("origin.leaveDraft") : t("origin.edit")}
        </Button>
        {origin.webUrl && (
          <Anchor href={origin.webUrl} target="_blank" rel="noreferrer" size="sm">
            {t("origin.view")}
          </Anchor>
        )}
        <Link
          to={`/main/git/${origin.binding}/resources` as never}
          search={{ q: origin.key } as never}
        >
          {t("origin.binding")}
        </Link>
        <Why origin={origin} />
      </Group>
    </Alert>
  );
}

/** Why Git keeps this, and where somebody who may changes that. */
function Why({ origin: { binding, ref, editMode } }: { origin: Owned }) {
  return (
    <Popover trapFocus position="bottom-start" width={360}>
      <Popover.Target>
        <Button variant="subtle" size="compact-sm">
          {t("origin.why")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t("origin.why")}>
        <p>{t("origin.whyText", { binding, ref })}</p>
        <p>{t("origin.whyMode", { mode: editMode })}</p>
        <Link to={`/main/git/${binding}/settings` as never}>{t("origin.whySettings")}</Link>
      </Popover.Dropdown>
    </Popover>
  );
}
