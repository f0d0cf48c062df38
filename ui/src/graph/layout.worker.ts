/** Reckons layouts off the main thread. */

import { type Direction, layoutOf } from "./layout";
import type { Picture } from "./model";

self.onmessage = ({ data }: MessageEvent<{ picture: Picture; direction: Direction }>) => {
  self.postMessage(layoutOf(data.picture, data.direction));
};
