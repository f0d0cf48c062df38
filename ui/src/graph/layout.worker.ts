/** Reckons layouts off the main thread. */

import { layoutOf } from "./layout";
import type { Picture } from "./model";

self.onmessage = ({ data }: MessageEvent<Picture>) => {
  self.postMessage(layoutOf(data));
};
