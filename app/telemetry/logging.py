"""Log lines of a process: plain text, or one JSON object a line with the ids of what it is about.

`about(execution="…")` binds ids to all lines of a block, in this thread: what a task run does is
found by its execution's id without any call having to hand it on.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.library import Library
from app.telemetry.plain import one_line, plain

structlog = Library("structlog")
_binds = False  #: whether lines show the ids
_PLAIN = "%(asctime)s %(levelname)s %(name)s %(message)s"


class _Plain(logging.Formatter):
    """One line for each record, whatever users wrote into it; a traceback stands indented."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return one_line(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:
        return "\n".join("    " + line for line in plain(super().formatException(ei)).split("\n"))


def set_up(level: str, style: str) -> None:
    """Configures the root logger; `style` is `text` or `json`."""
    global _binds
    handler = logging.StreamHandler(sys.stderr)
    _binds = style == "json"
    if _binds:
        handler.setFormatter(_json())
    else:
        handler.setFormatter(_Plain(_PLAIN))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


def _json() -> logging.Formatter:
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    formatter: logging.Formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
    )
    return formatter


@contextmanager
def about(**ids: str) -> Iterator[None]:
    """All lines of the block carry these ids, in the format that shows them."""
    if not _binds:
        yield
        return
    tokens = structlog.contextvars.bind_contextvars(**ids)
    try:
        yield
    finally:
        structlog.contextvars.reset_contextvars(**tokens)
