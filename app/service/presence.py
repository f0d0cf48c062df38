"""Who is here: each process of the installation keeps a row of itself, and says when it stops.

A row is written every ten seconds by whatever wakes up anyway (beat's round, a pool child's watch);
the API has a thread for it. A process that was killed falls silent, and is shown as disconnected.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from app.database import services
from app.errors import DatabaseAway
from app.service import machine
from app.service.runtime import Runtime

log = logging.getLogger(__name__)
EVERY_S = 10.0
RUNNING, DRAINING, DRAINED, STOPPED = "RUNNING", "DRAINING", "DRAINED", "STOPPED"
REFUSED = "REFUSED"  #: a worker whose queues the broker does not let it serve


def product_version() -> str:
    """The version of Trunkline that this process runs."""
    try:
        return version("trunkline")
    except PackageNotFoundError:  # run from a folder that was never installed
        return "0"


@dataclass
class Presence:
    """The row of one process, or of a worker with its pool. Its writes never raise."""

    rt: Runtime
    kind: str  #: api, beat or worker
    name: str
    started_at: datetime
    queues: tuple[str, ...] = ()
    pid: int = field(default_factory=os.getpid)
    slots: int | None = None  #: jobs that a worker runs at once
    more: Callable[[], Mapping[str, Any]] = dict  #: figures beside those of its machine
    _wrote_at: float = float("-inf")
    _ended: threading.Event = field(default_factory=threading.Event)

    @property
    def id(self) -> str:
        """The same for all that write the row of one worker; another one after a restart."""
        return f"{self.name}@{socket.gethostname()}:{self.pid}:{self.started_at.timestamp():.0f}"

    def show(self, state: str = RUNNING) -> None:
        """Writes the row if it is time to."""
        if time.monotonic() - self._wrote_at >= EVERY_S:
            self._write(state)

    def end(self) -> None:
        """Says that the process stops."""
        self._ended.set()
        self._write(STOPPED)

    def keep_shown(self) -> None:
        """A thread that shows it until its end: for a process that nothing else wakes."""
        threading.Thread(target=self._keep, daemon=True, name="presence").start()

    def _keep(self) -> None:
        while not self._ended.is_set():
            self.show()
            self._ended.wait(EVERY_S)

    def _write(self, state: str) -> None:
        self._wrote_at = time.monotonic()
        values = {
            "id": self.id,
            "kind": self.kind,
            "name": self.name,
            "host": socket.gethostname(),
            "pid": self.pid,
            "queues": list(self.queues),
            "version": product_version(),
            "state": state,
            "started_at": self.started_at,
            "seen_at": self.rt.clock(),
            "figures": machine.figures(self.pid)
            | ({"slots": self.slots} if self.slots is not None else {})
            | dict(self.more()),
        }
        try:
            with self.rt.database.at_once() as tx:
                services.put(tx, values)
        except DatabaseAway as error:
            log.warning("the process could not say that it is here: %s", error)
