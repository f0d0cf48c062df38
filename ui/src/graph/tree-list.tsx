/** The picture as a list: groups with what they hold, in the order of the flow. */

import { StateBadge } from "../design/state-badge";
import { toldOf } from "./boxes";
import type { Box, Picture } from "./model";

type Props = { picture: Picture; onOpen?: (box: Box) => void };

export function TreeList({ picture, onOpen }: Props) {
  const children = new Map<string | undefined, Box[]>();
  for (const box of picture.boxes) {
    const known = children.get(box.parent);
    if (known) known.push(box);
    else children.set(box.parent, [box]);
  }
  return (
    <ul className="tree-list">
      <Branch of={undefined} all={children} onOpen={onOpen} />
    </ul>
  );
}

type BranchProps = {
  of?: string;
  all: Map<string | undefined, Box[]>;
  onOpen?: (box: Box) => void;
};

function Branch({ of, all, onOpen }: BranchProps) {
  return (all.get(of) ?? []).map((box) => {
    const inside = box.isGroup && all.has(box.uid);
    if (!box.title && !inside) return null;
    return (
      <li key={box.uid}>
        {box.title && (
          <button type="button" className="plain" onClick={() => onOpen?.(box)}>
            {box.title} <span className="muted mono">{box.type.split(".").at(-1)}</span>
            {box.counts ? toldOf(box.counts) : box.state && <StateBadge state={box.state} />}
          </button>
        )}
        {inside && (
          <ul>
            <Branch of={box.uid} all={all} onOpen={onOpen} />
          </ul>
        )}
      </li>
    );
  });
}
