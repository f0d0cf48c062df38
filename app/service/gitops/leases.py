"""Keeps the leases of this process's work on sources: one thread renews all of them.

A quiet poll is over long before its lease needs a renewal, and starts no thread of its own.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from app.database import git_sources
from app.errors import DatabaseAway
from app.service.gitops.apply import LEASE
from app.service.runtime import Runtime

EVERY_S = LEASE.total_seconds() / 3


@dataclass
class _Lease:
    rt: Runtime
    source_id: str
    owner: str
    due: float  #: by the monotonic clock


class Keeper:
    """The leases that this process holds."""

    def __init__(self, every_s: float = EVERY_S) -> None:
        self.every_s = every_s
        self._held: list[_Lease] = []
        self._lock = threading.Lock()
        self._pid = 0

    @contextmanager
    def keeping(self, rt: Runtime, source_id: str, owner: str) -> Iterator[None]:
        """Moves the lease's end forward while the block runs; a fetch may take long."""
        lease = _Lease(rt, source_id, owner, time.monotonic() + self.every_s)
        with self._lock:
            self._held.append(lease)
            if self._pid != os.getpid():  # the first one here, or a fork: threads do not follow
                self._pid = os.getpid()
                self._held = [lease]
                threading.Thread(target=self._renew, daemon=True, name="leases").start()
        try:
            yield
        finally:
            with self._lock:
                if lease in self._held:
                    self._held.remove(lease)

    def _renew(self) -> None:
        while True:
            time.sleep(self.every_s / 2)
            now = time.monotonic()
            with self._lock:
                due = [lease for lease in self._held if lease.due - now < self.every_s / 2]
            for lease in due:
                lease.due = now + self.every_s
                try:
                    with lease.rt.database.transaction() as tx:
                        until = lease.rt.database.now_plus(LEASE)
                        git_sources.hold(tx, lease.source_id, lease.owner, until)
                except DatabaseAway:
                    lease.due = now  # the next turn comes before the lease ends


KEEPER = Keeper()
