/** The layout of a picture; only another structure makes a new one, another state does not. */

import { useQuery } from "@tanstack/react-query";
import type { Layout } from "./layout";
import LayoutWorker from "./layout.worker?worker";
import type { Picture } from "./model";

export function useLayout(picture: Picture) {
  const structure = JSON.stringify([
    picture.boxes.map(({ uid, parent, title }) => [uid, parent, title]),
    picture.lines,
  ]);
  return useQuery({
    queryKey: ["layout", structure],
    staleTime: Number.POSITIVE_INFINITY,
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
        worker.postMessage(picture);
      }),
  });
}
