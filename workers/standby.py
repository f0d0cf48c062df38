"""What a worker does that is drained, or may not serve its queues: nothing, until that is over.

It waits before it takes messages from the broker. It shows itself as DRAINED or REFUSED and touches
its pulse, so that neither a supervisor nor a probe takes it for dead.
"""

import logging
import signal
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from types import FrameType

from app.errors import DatabaseAway, TrunklineError
from app.service import draining, queue_pauses
from app.service.presence import DRAINED, REFUSED, Presence
from app.service.runtime import Runtime
from app.telemetry import pulse

log = logging.getLogger(__name__)
LOOK_S = 2.0


class Standby:
    """Before a worker starts: in its parent, whose pool has not been forked yet."""

    def __init__(
        self,
        rt: Runtime,
        name: str,
        queues: Sequence[str],
        started_at: float,
        find_refusal: Callable[[], str | None],
    ) -> None:
        """`started_at`: as the pool's children know it, so that all of them write one row.

        `find_refusal` says why the broker does not let the queues be served, None if it does.
        """
        self._find_refusal = find_refusal
        self.rt, self.name = rt, name
        self.stopping = threading.Event()
        start = datetime.fromtimestamp(started_at, UTC)
        self.presence = Presence(rt, "worker", name, start, tuple(queues))
        self.is_shown = False
        self.paused: frozenset[str] = frozenset()  #: queues, as they were when it was let go
        self._told = ""

    def wait(self) -> bool:
        """Returns once nothing holds the worker back; False when it was told to stop instead."""
        before = {number: signal.signal(number, self._stop) for number in _STOPS}
        try:
            while self._is_held():
                pulse.touch(self.rt.settings.pulse)
                if self.stopping.wait(LOOK_S):
                    if self.is_shown:
                        self.presence.end()
                    return False
            return True
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            self.rt.database.close()  # the pool's children open connections of their own

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping.set()

    def _is_held(self) -> bool:
        try:
            mark = draining.find_mark(self.rt, self.name)
            self.paused = queue_pauses.names(self.rt)
        except (TrunklineError, DatabaseAway) as error:
            self._tell(f"whether this worker is drained is not known: {error}")
            return True
        except Exception as error:  # above all: tables that nobody has made yet
            self._tell(f"the database cannot be asked, has it been migrated? {error!r:.300}")
            return True
        if mark is not None:
            self._tell(f"drained by the mark {mark.name!r} of {mark.since:%Y-%m-%d %H:%M}: "
                       "takes no work until `trunkline worker undrain`")  # fmt: skip
            self._show(DRAINED)
        elif (refusal := self._find_refusal()) is not None:
            self._tell(f"takes no work: {refusal}", logging.ERROR)
            self._show(REFUSED)
        else:
            return False
        return True

    def _show(self, state: str) -> None:
        self.presence.show(state)
        self.is_shown = True

    def _tell(self, what: str, level: int = logging.WARNING) -> None:
        if what != self._told:
            log.log(level, "%s", what)
            self._told = what


_STOPS = (signal.SIGTERM, signal.SIGINT)
