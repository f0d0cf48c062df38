/** The SharedWorker that owns the one stream of a browser: all tabs speak to it. */

import { Hub, type Said, Switchboard } from "./hub";

type Asked = { tab: string; address: string; topics: string[] };

const ports = new Set<MessagePort>();
let address = "";
const say = (said: Said) => {
  for (const port of ports) port.postMessage(said);
};
const board = new Switchboard(
  new Hub(
    (topics) => new EventSource(`${address}?topics=${topics}`, { withCredentials: true }),
    say,
  ),
);

(self as unknown as { onconnect: (event: MessageEvent) => void }).onconnect = ({
  ports: [port],
}) => {
  if (!port) return;
  ports.add(port);
  port.onmessage = ({ data }: MessageEvent<Asked | "bye">) => {
    if (data === "bye") {
      ports.delete(port);
      return;
    }
    address = data.address;
    board.want(data.tab, data.topics);
  };
};
