/** Proposes edits to the repository they come from: a commit, a branch, a pull request. */

import { Alert, Anchor, Button, Group, Modal, Stack } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { call } from "../api/client";
import { useSession } from "../api/session";
import type { Change } from "../api/types-more";
import { useAct } from "../design/receipt";
import { dropDraft } from "../editor/drafts";
import { t } from "../i18n";
import { type ChangedFile, changeName, otherChanges } from "./change-drafts";
import { ChangedFiles } from "./changed-files";
import { ChecksList } from "./checks";
import { MessageFields, type Wanted } from "./message-fields";
import { type Owned, useBranches } from "./origin";
import { pullText, usePulls } from "./pulls";

type Props = {
  origin: Owned;
  file: ChangedFile;
  opened: boolean;
  onClose: () => void;
  /** Called once what the branch holds now is applied here, to be compared with the text. */
  onFetched?: () => void;
  /** Called after the push: the draft of the file is gone. */
  onDone: () => void;
};

export function ProposeDialog({ opened, onClose, onDone, ...props }: Props) {
  const [isPushed, setPushed] = useState(false);
  const finish = () => {
    setPushed(false);
    onDone();
  };
  return (
    <Modal
      opened={opened}
      onClose={isPushed ? finish : onClose} // what is pushed is no edit any more, however one leaves
      size="80rem"
      title={t("propose.title")}
    >
      <Form {...props} onClose={onClose} onPushed={() => setPushed(true)} onDone={finish} />
    </Modal>
  );
}

type FormProps = Omit<Props, "opened"> & { onPushed: () => void };

function Form({ origin, file, onClose, onPushed, onDone, onFetched }: FormProps) {
  const session = useSession();
  const client = useQueryClient();
  const [wanted, setWanted] = useState<Wanted>({ title: "", body: "", branch: "", how: "pull" });
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set([file.key]));
  const others = useQuery({
    queryKey: ["changeDrafts", origin.binding, file.key],
    gcTime: 0,
    queryFn: () => otherChanges(origin.binding, file.key),
  });
  const files = [file, ...(others.data ?? [])];
  const branches = useBranches(origin.binding);
  const taken = files.filter(({ key }) => chosen.has(key));
  const isTaken = wanted.how !== "direct" && (branches.data ?? []).includes(wanted.branch.trim());
  const push = useMutation({
    mutationFn: () =>
      call<Change>("POST", "/gitops/changes", {
        json: {
          binding: origin.binding,
          edits: taken.map(({ kind, key, text }) => ({ kind, key, content: text })),
          title: wanted.title.trim(),
          body: wanted.body.trim(),
          branch: wanted.how === "direct" ? "" : wanted.branch.trim(),
          direct: wanted.how === "direct",
          pullRequest: wanted.how === "pull",
        },
      }),
    onSuccess: async () => {
      await Promise.all(
        taken.map(({ kind, key }) => dropDraft(changeName(origin.binding, kind, key))),
      );
      await client.invalidateQueries({ queryKey: ["changes"] });
    },
  });
  const fetched = useAct({
    act: () => call("POST", `/gitops/bindings/${origin.binding}/sync`),
    done: () => t("propose.fetched"),
    stale: [["flow"], ["origin"]],
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    push.mutate(undefined, { onSuccess: onPushed }); // not called once the dialog is left
  };
  if (push.data) {
    return <Result change={push.data} onDone={onDone} />;
  }
  return (
    <form onSubmit={submit}>
      <Stack gap={12}>
        {push.error && (
          <Alert color="red" role="alert" title={t("propose.refused")}>
            {push.error.message}
            <p>{t("propose.kept")}</p>
            {onFetched && (
              <Button
                variant="default"
                loading={fetched.isPending}
                onClick={() => fetched.mutate(undefined, { onSuccess: onFetched })}
              >
                {t("propose.fetch")}
              </Button>
            )}
          </Alert>
        )}
        <ChangedFiles files={files} chosen={chosen} onChange={setChosen} />
        <MessageFields
          wanted={wanted}
          onChange={setWanted}
          target={origin.ref}
          isDirectAllowed={origin.directCommit ?? false}
          taken={branches.data ?? []}
        />
        <p className="muted">
          {t("propose.author", { author: session?.username ?? "", target: origin.ref })}{" "}
          {origin.signed !== undefined && t(origin.signed ? "propose.signed" : "propose.unsigned")}
        </p>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("confirm.cancel")}
          </Button>
          <Button type="submit" loading={push.isPending} disabled={taken.length === 0 || isTaken}>
            {t(`propose.do.${wanted.how}`)}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Result({ change, onDone }: { change: Change; onDone: () => void }) {
  const isAddress = change.url?.startsWith("http");
  return (
    <Stack gap={12}>
      <p role="status">
        {t("propose.done", { sha: change.sha.slice(0, 8), branch: change.branch })}
      </p>
      {change.error && (
        <Alert color="yellow" role="alert" title={t("propose.noPull")}>
          {change.error}
        </Alert>
      )}
      {isAddress && (
        <Anchor href={change.url} target="_blank" rel="noreferrer">
          {change.number
            ? t("propose.pull", { number: String(change.number) })
            : t("propose.openPull")}
        </Anchor>
      )}
      {change.number && <Standing change={change} />}
      <Group justify="flex-end">
        <Button onClick={onDone}>{t("git.close")}</Button>
      </Group>
    </Stack>
  );
}

const LOOK_MS = 5_000;

/** Where the pull request is, whether its effect here is planned, how its checks stand. */
function Standing({ change }: { change: Change }) {
  const pull = usePulls([change], LOOK_MS)(change);
  return (
    <>
      <p role="status">
        {t("propose.pullState", { state: t(pullText(pull)) })}{" "}
        {pull?.isOpen && t(pull.planned ? "propose.pullPlanned" : "propose.pullPlanning")}
      </p>
      <ChecksList change={change} isOver={pull?.isOpen === false} />
    </>
  );
}
