/** The lines that are selected, and what can be done with them. */

import { Button, Group } from "@mantine/core";
import { useState } from "react";
import { tell, tellFailure } from "../design/receipt";
import { t } from "../i18n";
import type { Line, LineStore } from "./lines";
import { plain } from "./pieces";
import { countOf, firstOf, hashOf, type Range } from "./place";

/** The most lines that one copy takes; a download takes them all. */
const MOST_COPIED = 5_000;

type Props = {
  range: Range;
  store: LineStore;
  isOpen: boolean;
  onOpen: () => void;
  onClear: () => void;
};

const withPrefix = ({ timestamp, level, taskId, message }: Line) =>
  [timestamp, level, taskId, plain(message)].filter(Boolean).join(" ");

export function SelectionBar({ range, store, isOpen, onOpen, onClear }: Props) {
  const [isBusy, setBusy] = useState(false);
  const count = countOf(range);
  const copy = async (show: (line: Line) => string) => {
    setBusy(true);
    try {
      const { lines } = await store.fetch(firstOf(range), Math.min(count, MOST_COPIED));
      await navigator.clipboard.writeText(lines.map(show).join("\n"));
      tell(t("logs.copied", { count: lines.length }));
    } catch (error) {
      tellFailure(error as Error);
    } finally {
      setBusy(false);
    }
  };
  const copyLink = async () => {
    const address = new URL(location.href);
    address.hash = hashOf(range);
    await navigator.clipboard
      .writeText(address.href)
      .then(() => tell(t("logs.linkCopied")), tellFailure);
  };
  return (
    <Group className="log-selection" gap={8}>
      <span role="status">
        {t("logs.selected", { count, from: firstOf(range) + 1, to: firstOf(range) + count })}{" "}
        {count > MOST_COPIED && (
          <span className="muted">{t("logs.copyLimit", { count: MOST_COPIED })}</span>
        )}
      </span>
      <Button
        variant="default"
        loading={isBusy}
        onClick={() => copy((line) => plain(line.message))}
      >
        {t("logs.copy")}
      </Button>
      <Button variant="default" loading={isBusy} onClick={() => copy(withPrefix)}>
        {t("logs.copyPrefixed")}
      </Button>
      <Button variant="default" onClick={copyLink}>
        {t("logs.copyLink")}
      </Button>
      {!isOpen && (
        <Button variant="default" onClick={onOpen}>
          {t("logs.details")}
        </Button>
      )}
      <Button variant="subtle" onClick={onClear}>
        {t("logs.unselect")}
      </Button>
    </Group>
  );
}
