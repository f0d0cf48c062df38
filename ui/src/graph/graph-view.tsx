/** The picture of a flow: boxes and lines to move and zoom, or the same as a tree to read. */

import { Button, Group } from "@mantine/core";
import { useMemo, useRef } from "react";
import { Loaded } from "../design/panel";
import { useUrl } from "../design/search";
import { t } from "../i18n";
import { Drawing, type DrawingHandle } from "./drawing";
import { FindTask } from "./find-task";
import { fold } from "./fold";
import "./graph-view.css";
import type { Direction } from "./layout";
import type { Box, Picture } from "./model";
import { saveSvg } from "./svg";
import { TreeList } from "./tree-list";
import { useFolds } from "./use-folds";
import { useLayout } from "./use-layout";
import { useZoom } from "./use-zoom";

type Props = { picture: Picture; onOpen?: (box: Box) => void; name?: string };

export function GraphView({ picture: whole, onOpen, name = "topology" }: Props) {
  const [search, change] = useUrl();
  const folds = useFolds(whole);
  const foldKey = [...folds.folded].join("|");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the set is made anew with each render
  const picture = useMemo(() => fold(whole, folds.folded), [whole, foldKey]);
  const direction: Direction = search.dir === "lr" ? "LR" : "TB";
  const layout = useLayout(picture, direction);
  const drawing = useRef<DrawingHandle>(null);
  const zoom = useZoom(() => drawing.current?.fitting());
  const asTree = search.view === "tree";
  return (
    <>
      <Group className="panel-body" gap={8} align="end">
        <Button variant="default" onClick={() => change({ view: asTree ? undefined : "tree" })}>
          {asTree ? t("graph.asPicture") : t("graph.asTree")}
        </Button>
        {!asTree && (
          <>
            <Zoom zoom={zoom} />
            <Folding folds={folds} />
            <Button
              variant="default"
              onClick={() => change({ dir: direction === "TB" ? "lr" : undefined })}
            >
              {direction === "TB" ? t("graph.sideways") : t("graph.downwards")}
            </Button>
            <Button
              variant="default"
              disabled={!layout.data}
              onClick={() => layout.data && saveSvg(picture, layout.data, name)}
            >
              {t("graph.svg")}
            </Button>
            <FindTask
              picture={whole}
              onFound={(uid, holders) => {
                const hidden = holders.filter((holder) => folds.folded.has(holder));
                if (hidden.length > 0) folds.openAll(hidden);
                drawing.current?.show(uid);
              }}
            />
          </>
        )}
      </Group>
      {asTree ? (
        <TreeList picture={whole} onOpen={onOpen} />
      ) : (
        <Loaded query={layout} rows={8}>
          {(found) => (
            <Drawing
              ref={drawing}
              picture={picture}
              layout={found}
              direction={direction}
              scale={zoom.scale}
              onZoom={zoom.by}
              onOpen={onOpen}
              onFold={folds.turn}
            />
          )}
        </Loaded>
      )}
    </>
  );
}

function Zoom({ zoom }: { zoom: ReturnType<typeof useZoom> }) {
  return (
    <>
      <Button variant="default" aria-label={t("graph.smaller")} onClick={() => zoom.step(-1)}>
        −
      </Button>
      <Button variant="default" aria-label={t("graph.larger")} onClick={() => zoom.step(1)}>
        +
      </Button>
      <Button variant="default" onClick={zoom.fit}>
        {t("graph.fit")}
      </Button>
      <span className="muted graph-scale">{`${Math.round(zoom.scale * 100)} %`}</span>
    </>
  );
}

function Folding({ folds }: { folds: ReturnType<typeof useFolds> }) {
  if (!folds.has) return null;
  const isOpen = folds.folded.size === 0;
  return (
    <>
      <Button variant="default" onClick={() => folds.all(isOpen)}>
        {isOpen ? t("graph.foldAll") : t("graph.unfoldAll")}
      </Button>
      {folds.hasNext && (
        <Button variant="default" onClick={folds.next}>
          {t("graph.oneLevel")}
        </Button>
      )}
    </>
  );
}
