/** The picture of a flow: boxes and lines to move and zoom, or the same as a tree to read. */

import { Button, Group } from "@mantine/core";
import { Loaded } from "../design/panel";
import { useUrl } from "../design/search";
import { fillOf } from "../design/state";
import { StateBadge } from "../design/state-badge";
import { t } from "../i18n";
import "./graph-view.css";
import type { Layout } from "./layout";
import type { Box, Picture } from "./model";
import { TreeList } from "./tree-list";
import { useLayout } from "./use-layout";

type Props = { picture: Picture; onOpen?: (box: Box) => void };

const SCALES = [0.25, 0.5, 0.75, 1, 1.5, 2];

export function GraphView({ picture, onOpen }: Props) {
  const [search, change] = useUrl();
  const layout = useLayout(picture);
  const scale = Number(search.zoom ?? "1");
  const zoom = (by: number) => {
    const at = SCALES.indexOf(scale) + by;
    change({ zoom: String(SCALES[Math.min(SCALES.length - 1, Math.max(0, at))] ?? 1) });
  };
  const asTree = search.view === "tree";
  return (
    <>
      <Group className="panel-body" gap={8}>
        <Button variant="default" onClick={() => change({ view: asTree ? undefined : "tree" })}>
          {asTree ? t("graph.asPicture") : t("graph.asTree")}
        </Button>
        {!asTree && (
          <>
            <Button variant="default" aria-label={t("graph.smaller")} onClick={() => zoom(-1)}>
              −
            </Button>
            <Button variant="default" aria-label={t("graph.larger")} onClick={() => zoom(1)}>
              +
            </Button>
            <span className="muted">{`${Math.round(scale * 100)} %`}</span>
          </>
        )}
      </Group>
      {asTree ? (
        <TreeList picture={picture} onOpen={onOpen} />
      ) : (
        <Loaded query={layout} rows={8}>
          {(found) => <Drawing picture={picture} layout={found} scale={scale} onOpen={onOpen} />}
        </Loaded>
      )}
    </>
  );
}

type DrawingProps = Props & { layout: Layout; scale: number };

function Drawing({ picture, layout, scale, onOpen }: DrawingProps) {
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
                {box.title}
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
