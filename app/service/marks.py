"""Marks of topics: one look at the database serves all streams of a process.

Announcements are quick but not everything is announced, and one may be lost; a mark that has
changed says the same a little later.
"""

import threading
import time
from typing import Any

from app.database import marks, search
from app.service.runtime import Runtime

LOOK_S = 2.0  #: how old a mark may be


class Marks:
    """The marks of a process; `topic` is that of an event stream, already checked."""

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt
        self._known: dict[str, tuple[float, str]] = {}
        self._lock = threading.Lock()

    def of(self, topic: str) -> str:
        """The mark of a topic."""
        now = time.monotonic()
        with self._lock:
            at, mark = self._known.get(topic, (0.0, ""))
            if at and now - at < LOOK_S:
                return mark
            self._forget(now)
        mark = self._look(topic)
        with self._lock:
            self._known[topic] = (now, mark)
        return mark

    def _forget(self, now: float) -> None:
        """What nobody asks for any more."""
        old = [topic for topic, (at, _) in self._known.items() if now - at > 10 * LOOK_S]
        for topic in old:
            del self._known[topic]

    def _look(self, topic: str) -> str:
        kind, _, execution_id = topic.partition(":")
        always = str(time.monotonic() // LOOK_S)  # something has changed, whatever it is
        if kind == "workers":
            return always
        with self._rt.database.reading() as tx:
            if kind == "execution":
                found: Any = search.progress_mark(tx, execution_id)
                return found[0] if found else "gone"
            if kind == "log":
                return marks.of_log(tx, execution_id)
            if kind == "git":
                return marks.of_git(tx)
            mark, is_more = marks.of_executions(tx)
        return f"{mark} {always}" if is_more else mark
