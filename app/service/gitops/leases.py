"""Keeps the leases of this process's work on sources: one thread renews all of them.

A quiet poll is over long before its lease needs a renewal, and starts no thread of its own.
Work that the database left is given back by the same thread as soon as it answers: no source rests
until its lease is over.
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
AGAIN_S = 1.0  #: between tries to give a lease back


@dataclass
class _Lease:
    rt: Runtime
    source_id: str
    owner: str
    due: float  #: by the monotonic clock
    is_left: bool = False  #: the work has ended without its end: nobody renews, it is given back


class Keeper:
    """The leases that this process holds."""

    def __init__(self, every_s: float = EVERY_S) -> None:
        self.every_s = every_s
        self._held: list[_Lease] = []
        self._lock = threading.Lock()
        self._left = threading.Event()
        self._pid = 0

    @contextmanager
    def keeping(self, rt: Runtime, source_id: str, owner: str) -> Iterator[None]:
        """Moves the lease's end forward while the block runs; a fetch may take long.

        When DatabaseAway ends the block, the lease is given back once the database answers.
        """
        lease = _Lease(rt, source_id, owner, time.monotonic() + self.every_s)
        with self._lock:
            self._held.append(lease)
            if self._pid != os.getpid():  # the first one here, or a fork: threads do not follow
                self._pid = os.getpid()
                self._held, self._left = [lease], threading.Event()
                threading.Thread(target=self._renew, daemon=True, name="leases").start()
        try:
            yield
        except DatabaseAway:
            lease.is_left = True
            self._left.set()
            raise
        finally:
            if not lease.is_left:
                self._forget(lease)

    def _forget(self, lease: _Lease) -> None:
        with self._lock:
            if lease in self._held:
                self._held.remove(lease)

    def _renew(self) -> None:
        while True:
            self._left.wait(self.every_s / 2)
            self._left.clear()
            now = time.monotonic()
            with self._lock:
                left = [lease for lease in self._held if lease.is_left]
                soon = [lease for lease in self._held if lease.due - now < self.every_s / 2]
            for lease in soon:
                if not lease.is_left:
                    _renew(lease, now, now + self.every_s)
            kept = [lease for lease in left if not self._give_back(lease)]
            if kept:
                time.sleep(min(AGAIN_S, self.every_s / 2))
                self._left.set()

    def _give_back(self, lease: _Lease) -> bool:
        """Whether the database took it."""
        try:
            with lease.rt.database.transaction() as tx:
                git_sources.give_back(tx, lease.source_id, lease.owner)
        except DatabaseAway:
            return False
        self._forget(lease)
        return True


def _renew(lease: _Lease, now: float, due: float) -> None:
    lease.due = due
    try:
        with lease.rt.database.transaction() as tx:
            until = lease.rt.database.now_plus(LEASE)
            git_sources.hold(tx, lease.source_id, lease.owner, until)
    except DatabaseAway:
        lease.due = now  # the next turn comes before the lease ends


KEEPER = Keeper()
