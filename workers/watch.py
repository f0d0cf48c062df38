"""What a pool child does beside its jobs: recovery when it is its turn, listening for silence, and
looking whether its worker is drained or queues are paused.

A worker whose consumer went deaf after a fault of its connection would stand idle for ever. Each
child looks: this worker has a free slot, work waits in its queues, and nothing was heard of it. The
parent is asked to connect anew; if that does not help it is told to end, and at last killed, for
its supervisor to start it again.
"""

import logging
import os
import random
import signal
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from app.errors import DatabaseAway, TrunklineError
from app.service import draining, queue_pauses, recovery
from app.service.presence import DRAINING, EVERY_S, RUNNING, Presence
from app.telemetry import pulse
from workers.pace import Pace
from workers.process import Process

log = logging.getLogger(__name__)


class Watch:
    """The thread of one pool child."""

    def __init__(
        self,
        process: Process,
        queues: Sequence[str],
        parent: int | None = None,
        name: str = "worker",
        slots: int | None = None,
    ) -> None:
        self.process, self.queues = process, list(queues)
        self.parent = parent or os.getppid()
        self.rt, self.shared = process.rt, process.shared
        self.leases = recovery.LeaseWatch.of(self.rt.settings)
        self.tries, self.tried_at = 0, float("-inf")
        self.name, self.obeyed_at = name, time.monotonic()
        self._stop = threading.Event()
        pace = Pace()
        self.presence = Presence(
            self.rt,
            "worker",
            name,
            datetime.fromtimestamp(self.shared.started_at, UTC),
            tuple(queues),
            self.parent,
            slots,
            lambda: {"pace": pace.of(self.shared.begun())},
        )

    def start(self) -> None:
        """Runs until the process ends."""
        threading.Thread(target=self._run, daemon=True, name="watch").start()

    def stop(self) -> None:
        """Ends the thread; the child of a worker that stops says so."""
        self._stop.set()
        if self.shared.draining_since:
            self.presence.end()

    def _run(self) -> None:
        pause = self.rt.settings.recovery_interval_s
        while not self._stop.wait(pause * random.uniform(0.9, 1.1)):
            pulse.touch(self.rt.settings.pulse)
            try:
                if self.is_keeper():
                    self.shared.pause(queue_pauses.names(self.rt))
                    recovery.work_round(self.rt, self.leases)
                    self.presence.show(DRAINING if self.shared.draining_since else RUNNING)
                    self.obey()
                self.listen()
            except (TrunklineError, DatabaseAway) as error:
                log.warning("watch failed: %s", error)
            except Exception:
                log.exception("watch failed")

    def obey(self) -> None:
        """Ends a worker that is marked as drained, should the broker not have told it."""
        if self.shared.draining_since or time.monotonic() - self.obeyed_at < EVERY_S:
            return
        self.obeyed_at = time.monotonic()
        mark = draining.find_mark(self.rt, self.name)
        if mark is not None:
            log.warning("drained by the mark %r", mark.name)
            os.kill(self.parent, signal.SIGTERM)

    def is_keeper(self) -> bool:
        """One child of a worker does recovery; another takes over when it is not heard of."""
        now, me = time.monotonic(), float(os.getpid())
        if self.shared.keeper != me and now - self.shared.kept_at < 10:
            return False
        self.shared.keeper, self.shared.kept_at = me, now
        return True

    def listen(self) -> None:
        """One look whether work waits that this worker should have heard of."""
        now, limit = time.monotonic(), self.rt.settings.deaf_s
        heard, connected = self.shared.heard_at, self.shared.connected_at
        silent = now - max(heard, connected)
        if silent < limit / 2:
            if heard >= connected:  # a connection that brought nothing yet proves nothing
                self.tries = 0
            return
        if self.process.held or self.process.draining.is_set():
            return
        queues = [name for name in self.queues if not self.shared.is_paused(name)]
        if not (self.rt.publisher.answers() and recovery.is_work_waiting(self.rt, queues)):
            self.shared.heard_at, self.tries = now, 0
            return
        if silent >= limit and now - self.tried_at >= limit:  # each try gets its time
            self.tries, self.tried_at = self.tries + 1, now
            log.error("work waits and the broker brings nothing, try %s", self.tries)
            self._wake_parent(self.tries)

    def _wake_parent(self, tries: int) -> None:
        if tries == 1:
            self.shared.restart_asked += 1
        else:
            os.kill(self.parent, signal.SIGTERM if tries == 2 else signal.SIGKILL)
