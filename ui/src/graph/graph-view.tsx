/** The picture of a flow: boxes and lines to move and zoom, or the same as a tree to read. */

import { Button, Group } from "@mantine/core";
import { Loaded } from "../design/panel";
import { useUrl } from "../design/search";
import { fillOf, glyphOf } from "../design/state";
import { StateBadge } from "../design/state-badge";
import { t } from "../i18n";
import { fold, foldedAtFirst } from "./fold";
import "./graph-view.css";
import type { Layout } from "./layout";
import type { Box, Picture } from "./model";
import { saveSvg } from "./svg";
import { TreeList } from "./tree-list";
import { useLayout } from "./use-layout";

type Props = { picture: Picture; onOpen?: (box: Box) => void; name?: string };

const SCALES = [0.25, 0.5, 0.75, 1, 1.5, 2];

/** `folds` in the address names the folded groups (`a|b`), or is `all` or `none`. */
function useFolds(picture: Picture) {
  const [search, change] = useUrl();
  const groups = picture.boxes.filter(({ isGroup, title }) => isGroup && title);
  const folded = foldedOf(search.folds, groups) ?? foldedAtFirst(picture);
  const set = (uids: string[]) => change({ folds: uids.join("|") || "none" });
  return {
    folded,
    has: groups.length > 0,
    turn: (uid: string) =>
      set(folded.has(uid) ? [...folded].filter((one) => one !== uid) : [...folded, uid]),
    all: (on: boolean) => change({ folds: on ? "all" : "none" }),
  };
}

function foldedOf(folds: string | undefined, groups: readonly Box[]): Set<string> | undefined {
  if (folds === "none") return new Set();
  if (folds === "all") return new Set(groups.map(({ uid }) => uid));
  return folds === undefined ? undefined : new Set(folds.split("|"));
}

export function GraphView({ picture: whole, onOpen, name = "topology" }: Props) {
  const [search, change] = useUrl();
  const folds = useFolds(whole);
  const picture = fold(whole, folds.folded);
  const layout = useLayout(picture);
  const asTree = search.view === "tree";
  return (
    <>
      <Group className="panel-body" gap={8}>
        <Button variant="default" onClick={() => change({ view: asTree ? undefined : "tree" })}>
          {asTree ? t("graph.asPicture") : t("graph.asTree")}
        </Button>
        {!asTree && (
          <>
            <Zoom />
            {folds.has && (
              <Button variant="default" onClick={() => folds.all(folds.folded.size === 0)}>
                {folds.folded.size === 0 ? t("graph.foldAll") : t("graph.unfoldAll")}
              </Button>
            )}
            <Button
              variant="default"
              disabled={!layout.data}
              onClick={() => layout.data && saveSvg(picture, layout.data, name)}
            >
              {t("graph.svg")}
            </Button>
          </>
        )}
      </Group>
      {asTree ? (
        <TreeList picture={whole} onOpen={onOpen} />
      ) : (
        <Loaded query={layout} rows={8}>
          {(found) => (
            <Drawing
              picture={picture}
              layout={found}
              scale={Number(search.zoom ?? "1")}
              onOpen={onOpen}
              onFold={folds.turn}
            />
          )}
        </Loaded>
      )}
    </>
  );
}

function Zoom() {
  const [search, change] = useUrl();
  const scale = Number(search.zoom ?? "1");
  const zoom = (by: number) => {
    const at = SCALES.indexOf(scale) + by;
    change({ zoom: String(SCALES[Math.min(SCALES.length - 1, Math.max(0, at))] ?? 1) });
  };
  return (
    <>
      <Button variant="default" aria-label={t("graph.smaller")} onClick={() => zoom(-1)}>
        −
      </Button>
      <Button variant="default" aria-label={t("graph.larger")} onClick={() => zoom(1)}>
        +
      </Button>
      <span className="muted">{`${Math.round(scale * 100)} %`}</span>
    </>
  );
}

type DrawingProps = Props & { layout: Layout; scale: number; onFold: (uid: string) => void };

function Drawing({ picture, layout, scale, onOpen, onFold }: DrawingProps) {
  const boxes = new Map(picture.boxes.map((box) => [box.uid, box]));
  const { width, height } = layout;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys
    <section className="graph" aria-label={t("graph.label")} tabIndex={0}>
      <div style={{ width: width * scale, height: height * scale }}>
        <div className="graph-plane" style={{ width, height, transform: `scale(${scale})` }}>
          {layout.boxes.map((place) => {
            const box = boxes.get(place.uid);
            if (!box?.isGroup) return null;
            return (
              <div key={place.uid} className="graph-group" style={styleOf(place)}>
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
          })}
          <svg width={width} height={height} aria-hidden="true">
            {layout.routes.map(({ source, target, points }) => (
              <polyline
                key={`${source} ${target} ${points[0]?.x}`}
                points={points.map(({ x, y }) => `${x},${y}`).join(" ")}
              />
            ))}
          </svg>
          {layout.boxes.map((place) => {
            const box = boxes.get(place.uid);
            if (!box || box.isGroup) return null;
            if (!box.title)
              return <i key={place.uid} className="graph-point" style={styleOf(place)} />;
            if (box.folded)
              return <Folded key={place.uid} box={box} style={styleOf(place)} onFold={onFold} />;
            return <Node key={place.uid} box={box} style={styleOf(place)} onOpen={onOpen} />;
          })}
        </div>
      </div>
    </section>
  );
}

type Corner = { x: number; y: number; width: number; height: number };

const styleOf = ({ x, y, width, height }: Corner) => ({ left: x, top: y, width, height });

type NodeProps = { box: Box; style: React.CSSProperties; onOpen?: (box: Box) => void };

function Node({ box, style, onOpen }: NodeProps) {
  const edge = box.state ? { borderInlineStartColor: fillOf(box.state) } : {};
  return (
    <button
      type="button"
      className="graph-node"
      style={{ ...style, ...edge }}
      title={box.type}
      onClick={() => onOpen?.(box)}
    >
      <strong>{box.title}</strong>
      <span className="muted">
        {box.state ? <StateBadge state={box.state} /> : box.type.split(".").at(-1)}
      </span>
    </button>
  );
}

type FoldedProps = { box: Box; style: React.CSSProperties; onFold: (uid: string) => void };

function Folded({ box, style, onFold }: FoldedProps) {
  const { count, states } = box.folded ?? { count: 0, states: {} };
  const told = Object.entries(states).map(([state, n]) => `${glyphOf(state)} ${n} ${state}`);
  return (
    <button
      type="button"
      className="graph-node graph-folded"
      style={style}
      aria-label={t("graph.unfold", { name: box.title })}
      title={told.join(", ") || box.type}
      onClick={() => onFold(box.uid)}
    >
      <strong>+ {box.title}</strong>
      <span className="muted">{told.join("  ") || t("graph.inside", { count })}</span>
    </button>
  );
}
