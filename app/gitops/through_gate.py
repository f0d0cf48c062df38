"""Joins ssh to the gate: `python through_gate.py PORT HOST PORT`, as ssh's ProxyCommand.

It stands by itself (nothing of the product is imported): each connection of Git starts one.
"""

import os
import socket
import struct
import sys
import threading


def main(gate: str, host: str, port: str) -> int:
    """Carries standard input and output to a host, through the gate."""
    with socket.create_connection(("127.0.0.1", int(gate))) as link:
        name = host.encode("ascii")
        link.sendall(b"\x05\x01\x00")
        link.recv(2, socket.MSG_WAITALL)
        link.sendall(b"\x05\x01\x00\x03" + bytes([len(name)]) + name + struct.pack("!H", int(port)))
        answer = link.recv(10, socket.MSG_WAITALL)
        if len(answer) < 10 or answer[1] != 0:
            said = "may not be called (setting outgoing_allowed)" if answer[1:2] == b"\x02" else ""
            sys.stderr.write(f"{host} {said or 'cannot be reached'}\n")
            return 1
        threading.Thread(target=_send, args=(link,), daemon=True).start()
        while part := link.recv(65_536):
            os.write(1, part)
    return 0


def _send(link: socket.socket) -> None:
    while part := os.read(0, 65_536):
        link.sendall(part)
    link.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
