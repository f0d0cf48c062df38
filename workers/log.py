"""The log of one attempt: masked, numbered, split, flushed in batches.

Lines that are not flushed yet are written in the transaction that records the attempt's end.
"""

import logging
import tempfile
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import datetime
from typing import IO

from app.database.logs import LEVELS, LogLine, level_number
from app.errors import DatabaseAway
from app.plugin.context import RunIds
from app.service.log_lines import store
from app.service.masking import Masks
from app.service.runtime import Runtime
from app.service.work import Unrecorded

log = logging.getLogger(__name__)
MOST_LINE = 16_000
MOST_ATTEMPT = 50_000_000
BATCH_LINES = 200
BATCH_S = 0.5
QUICK_S, QUICK_LINES, QUICK_BYTES = (
    0.2,
    4_000,
    2_000_000,
)  #: fewer, larger batches of a quick script
MOST_KEPT = 8_000  #: lines that wait for the database; then the script waits as well


class ByLevel(ABC):
    """The five names by which a task writes lines."""

    @abstractmethod
    def log(self, level: str, message: str) -> None:
        """A line at a level of the wire format."""

    def trace(self, message: str, *args: object) -> None:
        """See TaskLog."""
        self.log("TRACE", message % args if args else message)

    def debug(self, message: str, *args: object) -> None:
        """See TaskLog."""
        self.log("DEBUG", message % args if args else message)

    def info(self, message: str, *args: object) -> None:
        """See TaskLog."""
        self.log("INFO", message % args if args else message)

    def warning(self, message: str, *args: object) -> None:
        """See TaskLog."""
        self.log("WARN", message % args if args else message)

    def error(self, message: str, *args: object) -> None:
        """See TaskLog."""
        self.log("ERROR", message % args if args else message)


class AttemptLog(ByLevel):
    """A TaskLog. Safe to use from several threads.

    Lines that the database does not take are kept, with their numbers; when many wait, whoever logs
    waits too (a script blocks on its pipe), until the database is back or the attempt is over.
    """

    def __init__(
        self, rt: Runtime, ids: RunIds, masks: Masks, least: str | None = None,
        *, to_file: bool = False, may_flush: bool = True,
    ) -> None:  # fmt: skip
        """With `to_file` the lines go to `take_file` instead of the store of logs. Without
        `may_flush` all of them are for the transaction that ends the attempt: Unrecorded if many.
        """
        self._may_flush = may_flush
        self._file = tempfile.SpooledTemporaryFile(1 << 20) if to_file else None  # noqa: SIM115 - lives as the log
        self._rt, self._ids, self._masks = rt, ids, masks
        self._least = level_number(least) if least else 0
        self._lines: list[LogLine] = []
        self._seq = 0
        self._size = 0
        self._waiting = 0
        self._flushed_at = time.monotonic()
        self._lock = threading.Lock()
        self._storing = threading.Lock()
        self._failed_at = float("-inf")
        self.given_up = threading.Event()  #: the attempt is over: nobody waits any more

    def log(self, level: str, message: str) -> None:
        """See TaskLog. Long messages are split, and after 50 MB one notice ends the log."""
        number = level_number(level)
        if number < self._least:
            return
        text = self._masks.apply(message).replace("\x00", "\ufffd")
        at = self._rt.clock()
        with self._lock:
            for start in range(0, max(len(text), 1), MOST_LINE):
                self._add(number, text[start : start + MOST_LINE], at)
            waiting, passed = len(self._lines), time.monotonic() - self._flushed_at
            is_full = waiting >= BATCH_LINES and passed > QUICK_S
            is_large = waiting >= QUICK_LINES or self._waiting > QUICK_BYTES
            is_due = is_full or is_large or (passed > BATCH_S and waiting > 1)
        if is_due and not self._may_flush:
            raise Unrecorded
        if is_due and time.monotonic() - self._failed_at > BATCH_S:
            self._flush()
        while len(self._lines) > MOST_KEPT and not self.given_up.wait(BATCH_S):
            self._flush()

    def _flush(self) -> None:
        """Stores what waits; one batch at a time. What is not taken waits on, in its order."""
        with self._storing:
            with self._lock:
                batch = self._take()
            try:
                for start in range(0, len(batch), QUICK_LINES):
                    store(self._rt, batch[start : start + QUICK_LINES])
            except DatabaseAway as error:
                log.warning("lines of a log wait: %s", error)
                with self._lock:
                    self._lines[:0] = batch[start:]
                    self._failed_at = time.monotonic()

    def _add(self, level: int, text: str, at: datetime) -> None:
        if self._size > MOST_ATTEMPT:
            return
        self._size += len(text)
        self._waiting += len(text)
        if self._size > MOST_ATTEMPT:
            text = f"the log is longer than {MOST_ATTEMPT} bytes; the rest is left out"
        ids = self._ids
        self._lines.append(
            LogLine(
                namespace=ids.namespace,
                flow_id=ids.flow_id,
                execution_id=ids.execution_id,
                task_id=ids.task_id,
                task_run_id=ids.task_run_id,
                attempt=ids.attempt - 1,
                seq=self._seq,
                at=at,
                level=level,
                message=text,
                thread="worker",
            )
        )
        self._seq += 1

    def _take(self) -> list[LogLine]:
        lines, self._lines, self._waiting = self._lines, [], 0
        self._flushed_at = time.monotonic()
        if self._file is None:
            return lines
        for line in lines:
            text = f"{line.at.isoformat()} {LEVELS[line.level]} {line.message}\n"
            self._file.write(text.encode("utf-8", "replace"))
        return []

    def take_file(self) -> IO[bytes] | None:
        """Every line of a log that goes to a file, from its start; None for another log."""
        with self._lock:
            if self._file is not None:
                self._take()
        if self._file is not None:
            self._file.seek(0)
        return self._file

    def flush_late(self) -> None:
        """Stores what has waited for half a second; the heartbeat calls this."""
        with self._lock:
            is_late = bool(self._lines) and time.monotonic() - self._flushed_at > BATCH_S
        if is_late and not self._storing.locked():
            self._flush()

    def rest(self) -> Iterable[LogLine]:
        """What is not stored yet; for the transaction that ends the attempt."""
        with self._storing, self._lock:
            return tuple(self._take())
