"""The only way out of Git's own connections: a SOCKS server of this process, for one command.

Git, its submodules and the redirections that it follows connect by themselves. Sent through here,
each connection goes to an address that the policy has checked, and no name is asked twice.
"""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.plugin.outgoing import OutgoingPolicy, RefusedTarget

CONNECT_S, PIECE_BYTES = 30.0, 64 * 1024
_GRANTED, _NOT_ALLOWED, _UNREACHABLE = 0, 2, 4
_IPV4, _NAME, _IPV6 = 1, 3, 4


@contextmanager
def opened(policy: OutgoingPolicy) -> Iterator[int]:
    """The port on loopback of a gate; with the block its connections end."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        gate = _Gate(policy, listening)
        threading.Thread(target=gate.serve, name="git-gate", daemon=True).start()
        try:
            yield int(listening.getsockname()[1])
        finally:
            gate.close()


def checked(policy: OutgoingPolicy, host: str, port: int) -> list[str]:
    """The addresses of a host, all of which are allowed. Raises RefusedTarget, OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(row[4][0]) for row in found))
    policy.first_allowed(addresses)
    return addresses


class _Gate:
    def __init__(self, policy: OutgoingPolicy, listening: socket.socket) -> None:
        self._policy, self._listening = policy, listening
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._ended = False

    def serve(self) -> None:
        """Takes connections until the gate is closed."""
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            if self._keep(client):
                threading.Thread(target=self._pass, args=(client,), daemon=True).start()

    def close(self) -> None:
        """Ends every connection."""
        with self._lock:
            self._ended = True
            left = list(self._open)
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)  # wakes `accept`
        for one in left:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _keep(self, one: socket.socket) -> bool:
        with self._lock:
            if not self._ended:
                self._open.add(one)
                return True
        one.close()
        return False

    def _drop(self, one: socket.socket) -> None:
        with self._lock:
            self._open.discard(one)
        one.close()

    def _pass(self, client: socket.socket) -> None:
        try:
            with client.makefile("rb") as asked:
                server = self._joined(client, _wanted(asked.read, client))
            if server is not None:
                _pump(client, server)
                self._drop(server)
        except (OSError, ValueError, struct.error):
            pass  # whoever asked is gone, or speaks something else
        finally:
            self._drop(client)

    def _joined(self, client: socket.socket, target: tuple[str, int]) -> socket.socket | None:
        """A connection to what the client wants, told to it; None when there is none."""
        code, server = _UNREACHABLE, None
        try:
            addresses = checked(self._policy, *target)
        except RefusedTarget:
            addresses, code = [], _NOT_ALLOWED
        except OSError:
            addresses = []
        for address in addresses:
            with contextlib.suppress(OSError):
                server = socket.create_connection((address, target[1]), CONNECT_S)
                server.settimeout(None)
                break
        if server is not None and not self._keep(server):
            return None
        client.sendall(struct.pack("!BBBBIH", 5, _GRANTED if server else code, 0, _IPV4, 0, 0))
        return server


def _wanted(read: Callable[[int], bytes], client: socket.socket) -> tuple[str, int]:
    """Host and port of a SOCKS 5 request. Raises ValueError for another one."""
    version, methods = struct.unpack("!BB", read(2))
    if version != 5 or 0 not in read(methods):
        raise ValueError("no SOCKS 5 without a password")
    client.sendall(b"\x05\x00")
    version, command, _, kind = struct.unpack("!BBBB", read(4))
    if version != 5 or command != 1:
        raise ValueError("only connections are made")
    if kind == _NAME:
        host = read(read(1)[0]).decode("ascii")
    elif kind in (_IPV4, _IPV6):
        family = socket.AF_INET if kind == _IPV4 else socket.AF_INET6
        host = socket.inet_ntop(family, read(4 if kind == _IPV4 else 16))
    else:
        raise ValueError("an address of another kind")
    return host, struct.unpack("!H", read(2))[0]


def _pump(one: socket.socket, other: socket.socket) -> None:
    """Carries bytes both ways until both sides have ended."""
    back = threading.Thread(target=_carry, args=(other, one), daemon=True)
    back.start()
    _carry(one, other)
    back.join()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while part := source.recv(PIECE_BYTES):
            target.sendall(part)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
