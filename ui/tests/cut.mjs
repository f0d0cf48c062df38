/** A line to the server that can be cut, as a cable is: what is open breaks, what is new is refused. */

import net from "node:net";
import { settings } from "./browser.mjs";

/** `base` is the server behind the line; `cut(true)` cuts it, `cut(false)` mends it. */
export async function line() {
  const { hostname, port } = new URL(settings.base);
  const sockets = new Set();
  let isCut = false;
  const proxy = net.createServer((client) => {
    if (isCut) {
      client.destroy();
      return;
    }
    const server = net.connect(Number(port), hostname);
    for (const [one, other] of [
      [client, server],
      [server, client],
    ]) {
      sockets.add(one);
      one.pipe(other);
      one.on("error", () => undefined); // its end is told by `close`
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const cut = (now) => {
    isCut = now;
    if (isCut) for (const socket of sockets) socket.destroy();
  };
  const close = () => {
    cut(true);
    proxy.close();
  };
  return { base: `http://127.0.0.1:${proxy.address().port}`, cut, close };
}
