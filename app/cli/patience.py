"""The server's worker threads do not wait for ever for a client that is slow on purpose.

What counts is the time that a request waits for its client, headers and body: so much at once, and
more with what has arrived. gunicorn's own threads wait without a limit.
"""

import errno
import select
import socket
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

BYTES_A_SECOND = 10_000  #: a client that is slower than this runs out of time


class SlowClient(ConnectionError):
    """The client took too long; the server closes the connection."""

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "the client is too slow")


class PatientSocket(socket.socket):
    """A connection whose reads share one budget of waiting, renewed for each request."""

    budget_s = 30.0
    waited_s = 0.0
    received = 0

    @classmethod
    def of(cls, plain: socket.socket, budget_s: float) -> "PatientSocket":
        """Takes a connection over."""
        made = cls(plain.family, plain.type, plain.proto, fileno=plain.detach())
        made.budget_s = budget_s
        return made

    def renew(self) -> None:
        """Begins a new request."""
        self.waited_s, self.received = 0.0, 0

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Some bytes. Raises SlowClient."""
        began = time.monotonic()
        left = self.budget_s + self.received / BYTES_A_SECOND - self.waited_s
        poll = select.poll()
        poll.register(self.fileno(), select.POLLIN)
        if left <= 0 or not poll.poll(left * 1000):
            raise SlowClient
        self.waited_s += time.monotonic() - began
        data = super().recv(size, flags)
        self.received += len(data)
        return data


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """A worker of threads that reads from patient sockets."""

    budget_s = 30.0

    def handle(self, conn: Any) -> Any:
        """One request of a connection."""
        if not isinstance(conn.sock, PatientSocket):
            conn.sock = PatientSocket.of(conn.sock, self.budget_s)
        conn.sock.renew()
        return super().handle(conn)
