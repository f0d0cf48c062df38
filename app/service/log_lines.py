"""Storing lines and metrics of running attempts."""

from collections.abc import Sequence

from app.database import logs
from app.database.logs import LogLine, Metric
from app.service.runtime import Runtime


def store(rt: Runtime, lines: Sequence[LogLine]) -> None:
    """Stores a batch of lines and tells those who follow the log."""
    with rt.database.transaction() as tx:
        logs.add(tx, lines)
    if lines and lines[0].execution_id:
        rt.publisher.announce(f"logs:{lines[0].execution_id}", {"lines": len(lines)})


def store_metrics(rt: Runtime, rows: Sequence[Metric]) -> None:
    """Stores metrics."""
    with rt.database.transaction() as tx:
        logs.add_metrics(tx, rows)
