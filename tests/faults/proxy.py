"""A TCP proxy that misbehaves: refuses, cuts, or swallows what it is sent."""

import contextlib
import select
import socket
import ssl
import threading


class Proxy:
    """Forwards a port to one of loopback until it is told to misbehave."""

    def __init__(
        self, target: int, context: ssl.SSLContext | None = None, address: str = "127.0.0.1"
    ) -> None:
        """With a context it speaks TLS to those who connect, as a server does."""
        self.target, self.context, self.address = target, context, address
        self.port = 0
        self.pairs: list[tuple[socket.socket, socket.socket]] = []
        self.silent: set[socket.socket] = set()
        self.swallows = False
        self.listener: socket.socket | None = None
        self.accept()

    def accept(self) -> None:
        """New connections work."""
        if self.listener is not None:
            return
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self.address, self.port))
        listener.listen(256)
        self.port, self.listener = listener.getsockname()[1], listener
        threading.Thread(target=self._serve, args=(listener,), daemon=True).start()

    def refuse(self) -> None:
        """New connections are refused, those that are open are cut."""
        if self.listener is not None:
            with contextlib.suppress(OSError):
                self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.listener = None
        self.cut()

    def cut(self) -> None:
        """Open connections are cut; new ones work."""
        for pair in list(self.pairs):
            for sock in pair:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def hush(self) -> None:
        """Open connections go silent and stay open; new ones work."""
        self.silent.update(sock for pair in self.pairs for sock in pair)

    def swallow(self) -> None:
        """A black hole: open and new connections go silent."""
        self.swallows = True

    def mend(self) -> None:
        """All is well again; what had gone silent is cut, as a path that comes back would."""
        self.swallows = False
        self.silent.clear()
        self.cut()
        self.accept()

    def close(self) -> None:
        self.refuse()

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                here, _ = listener.accept()
                there = socket.create_connection(("127.0.0.1", self.target), 5)
            except OSError:
                if self.listener is not listener:
                    return
                with contextlib.suppress(UnboundLocalError, OSError):
                    here.close()
                continue
            threading.Thread(target=self._greet, args=(here, there), daemon=True).start()

    def _greet(self, here: socket.socket, there: socket.socket) -> None:
        if self.context is not None:
            try:
                here = self.context.wrap_socket(here, server_side=True)
            except OSError:
                there.close()
                return
        self.pairs.append((here, there))
        self._pump(here, there)

    def _pump(self, here: socket.socket, there: socket.socket) -> None:
        other = {here: there, there: here}
        with contextlib.suppress(OSError, ValueError), here, there:
            while True:
                ready, _, _ = select.select([here, there], [], [], 0.2)
                for sock in ready:
                    data = sock.recv(65_536)
                    while isinstance(sock, ssl.SSLSocket) and sock.pending():
                        data += sock.recv(sock.pending())
                    if not data:
                        return
                    if not (self.swallows or sock in self.silent):
                        other[sock].sendall(data)
        with contextlib.suppress(ValueError):
            self.pairs.remove((here, there))
