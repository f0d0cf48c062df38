/** How tasks, folded groups and open groups look; from afar as coloured boxes without words. */

import { fillOf, glyphOf } from "../design/state";
import { StateBadge } from "../design/state-badge";
import { t } from "../i18n";
import type { Placed } from "./layout";
import type { Box } from "./model";

const styleOf = ({ x, y, width, height }: Placed) => ({ left: x, top: y, width, height });

type GroupProps = { box: Box; place: Placed; onFold: (uid: string) => void };

export function GroupView({ box, place, onFold }: GroupProps) {
  return (
    <div className="graph-group" style={styleOf(place)}>
      {box.title && (
        <button
          type="button"
          className="plain"
          aria-label={t("graph.fold", { name: box.title })}
          onClick={() => onFold(place.uid)}
        >
          − {box.title}
        </button>
      )}
    </div>
  );
}

type BoxProps = GroupProps & { isFar: boolean; onOpen?: (box: Box) => void };

export function BoxView({ box, place, isFar, onOpen, onFold }: BoxProps) {
  const style = styleOf(place);
  if (!box.title) return <i className="graph-point" style={style} />;
  const edge = box.state ? { borderInlineStartColor: fillOf(box.state) } : {};
  const told = toldOf(box.folded?.states ?? box.counts ?? {});
  const act = () => (box.folded ? onFold(box.uid) : onOpen?.(box));
  if (isFar) {
    const name = box.folded ? t("graph.unfold", { name: box.title }) : undefined;
    return (
      <button
        type="button"
        className="graph-node graph-far"
        data-uid={box.uid}
        style={{ ...style, background: box.state ? fillOf(box.state) : undefined }}
        aria-label={name ?? `${box.title} ${box.state ?? ""}`.trim()}
        title={box.title}
        onClick={act}
      />
    );
  }
  return (
    <button
      type="button"
      className={box.folded ? "graph-node graph-folded" : "graph-node"}
      data-uid={box.uid}
      style={{ ...style, ...edge }}
      aria-expanded={box.folded ? false : undefined}
      title={told || box.type}
      onClick={act}
    >
      <strong>{box.folded ? `+ ${box.title}` : box.title}</strong>
      <span className="muted">{told || <Below box={box} />}</span>
    </button>
  );
}

function Below({ box }: { box: Box }) {
  if (box.folded) return t("graph.inside", { count: box.folded.count });
  return box.state ? <StateBadge state={box.state} /> : box.type.split(".").at(-1);
}

/** `✓ 10 SUCCESS  ✕ 2 FAILED` */
export const toldOf = (states: Record<string, number>): string =>
  Object.entries(states)
    .map(([state, count]) => `${glyphOf(state)} ${count} ${state}`)
    .join("  ");
