/** Finds a task of a picture by a part of its name, also within folded groups; Enter goes to the next. */

import { TextInput } from "@mantine/core";
import { useState } from "react";
import { t } from "../i18n";
import type { Box, Picture } from "./model";

type Props = { picture: Picture; onFound: (uid: string, holders: string[]) => void };

/** The tasks whose name holds a text. */
export function foundIn({ boxes }: Picture, text: string): Box[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return [];
  return boxes.filter(({ isGroup, title }) => !isGroup && title.toLowerCase().includes(wanted));
}

/** The groups around a box, the innermost first. */
export function holdersOf({ boxes }: Picture, uid: string): string[] {
  const byUid = new Map(boxes.map((box) => [box.uid, box]));
  const found: string[] = [];
  for (let at = byUid.get(uid)?.parent; at !== undefined; at = byUid.get(at)?.parent)
    found.push(at);
  return found;
}

export function FindTask({ picture, onFound }: Props) {
  const [text, setText] = useState("");
  const [place, setPlace] = useState(0);
  const found = foundIn(picture, text);
  const go = (by: number) => {
    const next = (place + by + found.length) % found.length;
    const box = found[next];
    if (!box) return;
    setPlace(next);
    onFound(box.uid, holdersOf(picture, box.uid));
  };
  return (
    <>
      <TextInput
        type="search"
        aria-label={t("graph.find")}
        placeholder={t("graph.find")}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setPlace(-1);
        }}
        onKeyDown={(event) => event.key === "Enter" && go(event.shiftKey ? -1 : 1)}
      />
      {text.trim() !== "" && (
        <span className="muted" role="status">
          {t("graph.found", {
            place: Math.max(0, place) + (found.length > 0 ? 1 : 0),
            total: found.length,
          })}
        </span>
      )}
    </>
  );
}
