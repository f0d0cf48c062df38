/** The layout of a picture; only another structure makes a new one, another state does not. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Direction, Layout } from "./layout";
import LayoutWorker from "./layout.worker?worker";
import type { Picture } from "./model";

const structureOf = ({ boxes, lines }: Picture) =>
  JSON.stringify([boxes.map(({ uid, parent, title }) => [uid, parent, title]), lines]);

export function useLayout(picture: Picture, direction: Direction) {
  const structure = useMemo(() => structureOf(picture), [picture]);
  return useQuery({
    queryKey: ["layout", direction, structure],
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      new Promise<Layout>((resolve, reject) => {
        const worker = new LayoutWorker();
        const end = () => worker.terminate();
        signal.addEventListener("abort", end);
        worker.onmessage = ({ data }: MessageEvent<Layout>) => {
          end();
          resolve(data);
        };
        worker.onerror = (event) => {
          end();
          reject(new Error(event.message));
        };
        worker.postMessage({ picture, direction });
      }),
  });
}
