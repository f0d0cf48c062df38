"""A database that is away: what its driver says of it, and a limit to waiting for it.

The driver of PostgreSQL waits for an answer without a limit. A server that hangs, or a path that
swallows packets, would hold the caller as long: such a connection is closed, and counts as lost.
"""

import time
from collections.abc import Generator
from typing import Any

import psycopg
from sqlalchemy import Engine, event

from app.errors import DatabaseAway


class Silent(psycopg.OperationalError):
    """No answer came in time."""


class _Bounded(psycopg.Connection[Any]):
    limit_s = 32.0

    def wait(self, gen: Generator[Any, Any, Any], *args: Any, **kwargs: Any) -> Any:
        return super().wait(self._within(gen), *args, **kwargs)

    def _within(self, gen: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        """Passes on what `gen` waits for; nothing ready is told to it ten times a second."""
        ends = time.monotonic() + self.limit_s
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready and time.monotonic() > ends:
                    self.pgconn.finish()
                    raise Silent("the connection went silent")
                wanted = gen.send(ready)
        except StopIteration as ended:
            return ended.value


def bound_waits(engine: Engine, limit_s: float) -> None:
    """From now on nothing that the engine's connections send waits longer for its answer."""

    class Bounded(_Bounded):
        pass

    Bounded.limit_s = limit_s

    def connect(_dialect: Any, _record: Any, args: Any, params: Any) -> Any:
        return Bounded.connect(*args, **params)

    event.listen(engine, "do_connect", connect)


def away(error: object) -> DatabaseAway:
    """The product's error for a driver's; never with the statement or the address."""
    lowered = str(error).lower()
    if "disk is full" in lowered or "no space left" in lowered or "disk i/o" in lowered:
        return DatabaseAway("the database cannot write: its disk is full or broken")
    if "statement timeout" in lowered or "deadlock" in lowered or "is locked" in lowered:
        return DatabaseAway("the database is too busy")
    return DatabaseAway("the database cannot be reached")
