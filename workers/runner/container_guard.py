"""The guard of a container: kills it when its lease is over, whatever becomes of the worker.

Part of the launcher: standard library only.
"""

import contextlib
import os
import select
import socket
import struct
import time

from workers.runner.orders import DONE, ORDER, RENEW, exactly, read_request

_PEER = (socket.SOL_SOCKET, getattr(socket, "SO_PEERCRED", 17), struct.calcsize("3i"))


def heirs_of(container: str) -> str:
    """Where the guard of a container listens once its worker is gone: a name without a file."""
    return f"\0trunkline-container-{container}"


class ContainerGuard:
    """Kills a container at the deadline; not before, when the worker is gone: another process may
    take it over (and the orders) until then."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        request = read_request(control)
        self.container, self.engine = str(request["container"]), str(request["engine"])
        self.deadline = float(request["deadline"])  # type: ignore[arg-type]

    def watch(self) -> None:
        """Returns when told that it has ended, or once it was killed."""
        while (left := self.deadline - time.monotonic()) > 0:
            if not select.select([self.control], [], [], min(left, 3600.0))[0]:
                continue
            data = exactly(self.control, ORDER.size, default=b"")
            what, until = ORDER.unpack(data) if data else (b"", 0.0)
            if what == DONE:
                return
            if what == RENEW:
                self.deadline = until
            elif not data and not self._is_taken_over():
                break
        with socket.socket(socket.AF_UNIX) as engine:
            engine.settimeout(30)
            engine.connect(self.engine)
            path = f"/containers/{self.container}/kill"
            engine.sendall(f"POST {path} HTTP/1.0\r\nContent-Length: 0\r\n\r\n".encode())
            engine.recv(4096)

    def _is_taken_over(self) -> bool:
        """Whether another process of the same user has come before the deadline."""
        with socket.socket(socket.AF_UNIX) as heirs:
            try:
                heirs.bind(heirs_of(self.container))
            except OSError:
                return False  # no names without files here: nobody can come
            heirs.listen(1)
            while (left := self.deadline - time.monotonic()) > 0:
                heirs.settimeout(left)
                with contextlib.suppress(OSError):
                    heir = heirs.accept()[0]
                    _pid, user, _group = struct.unpack("3i", heir.getsockopt(*_PEER))
                    if user == os.geteuid():
                        self.control = heir
                        self.control.settimeout(None)
                        return True
                    heir.close()
        return False
