/** Somebody saved meanwhile: the three texts side by side, and three ways on. */

import { Alert, Button, Group, SegmentedControl } from "@mantine/core";
import { useMemo, useState } from "react";
import { Confirm } from "../design/confirm";
import { t } from "../i18n";
import "./conflict.css";
import { type Choice, type Chunk, chunksOf, mergedText } from "./merge";

type Props = {
  /** What both began from. */
  base: string;
  theirs: string;
  mine: string;
  /** The number of their revision. */
  revision: number;
  busy: boolean;
  onTake: () => void;
  /** Goes on with the text that is made of both. */
  onByHand: (merged: string) => void;
  /** Absent where the text is a draft for a branch: it is proposed, not saved. */
  onSave?: () => void;
};

export function Conflict({ base, theirs, mine, revision, busy, ...on }: Props) {
  const [choices, setChoices] = useState<Record<number, Choice>>({});
  const chunks = useMemo(() => chunksOf(base, theirs, mine), [base, theirs, mine]);
  return (
    <Alert color="yellow" role="alertdialog" title={t("conflict.title", { revision })}>
      <p>{t("conflict.lead")}</p>
      <ThreeWay
        chunks={chunks}
        choices={choices}
        onChoose={(n, choice) => setChoices((old) => ({ ...old, [n]: choice }))}
      />
      <Group gap={8}>
        <Button onClick={on.onTake}>{t("conflict.take")}</Button>
        <Button variant="default" onClick={() => on.onByHand(mergedText(chunks, choices))}>
          {t("conflict.byHand")}
        </Button>
        {on.onSave && (
          <Confirm
            title={t("conflict.save")}
            text={t("conflict.saveText", { revision })}
            action={t("conflict.saveDo")}
            loading={busy}
            onConfirm={on.onSave}
          >
            {(open) => (
              <Button variant="default" loading={busy} onClick={open}>
                {t("conflict.save")}
              </Button>
            )}
          </Confirm>
        )}
      </Group>
      <p className="muted">{t("conflict.byHandHint")}</p>
    </Alert>
  );
}

type ThreeWayProps = {
  chunks: readonly Chunk[];
  choices: Record<number, Choice>;
  onChoose: (chunk: number, choice: Choice) => void;
};

/** What differs, as three columns; of what both changed, one says what is taken. */
export function ThreeWay({ chunks, choices, onChoose }: ThreeWayProps) {
  return (
    <div className="panel scroll-x conflict-diff">
      <table className="three-way">
        <thead>
          <tr>
            <th scope="col">{t("conflict.base")}</th>
            <th scope="col">{t("conflict.theirs")}</th>
            <th scope="col">{t("conflict.mine")}</th>
          </tr>
        </thead>
        {chunks.map((chunk, n) =>
          chunk.kind === "same" ? null : (
            // biome-ignore lint/suspicious/noArrayIndexKey: a chunk is its place
            <tbody key={n} data-kind={chunk.kind}>
              <tr>
                <Lines lines={chunk.base} />
                <Lines lines={chunk.theirs} isTaken={isTaken(chunk, choices[n], "theirs")} />
                <Lines lines={chunk.mine} isTaken={isTaken(chunk, choices[n], "mine")} />
              </tr>
              <tr>
                <td colSpan={3}>
                  {chunk.kind === "both" ? (
                    <SegmentedControl
                      aria-label={t("conflict.choose")}
                      size="xs"
                      value={choices[n] ?? "mine"}
                      onChange={(choice) => onChoose(n, choice as Choice)}
                      data={[
                        { value: "theirs", label: t("conflict.chooseTheirs") },
                        { value: "mine", label: t("conflict.chooseMine") },
                        { value: "both", label: t("conflict.chooseBoth") },
                      ]}
                    />
                  ) : (
                    <span className="muted">{t(`conflict.only.${chunk.kind}`)}</span>
                  )}
                </td>
              </tr>
            </tbody>
          ),
        )}
      </table>
    </div>
  );
}

function isTaken({ kind }: Chunk, choice: Choice = "mine", side: "theirs" | "mine"): boolean {
  return kind === "both" ? choice === side || choice === "both" : kind === side;
}

function Lines({ lines, isTaken }: { lines: string[]; isTaken?: boolean }) {
  return (
    <td data-taken={isTaken || undefined}>
      <pre>{lines.join("\n")}</pre>
    </td>
  );
}
