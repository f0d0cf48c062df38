"""Rows of logs and metrics: written in batches, read in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.dialects import postgresql, sqlite

from app.database.batch import Fixed, later
from app.database.schema import logs, metrics
from app.database.session import Session

FEW = 20  #: up to so many lines are sent with the other writes of a step
LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR")


def level_number(name: str) -> int:
    """0 for TRACE up to 4 for ERROR; INFO for a name that is none."""
    upper = name.upper()
    upper = {"WARNING": "WARN"}.get(upper, upper)
    return LEVELS.index(upper) if upper in LEVELS else 2


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of an attempt's log; (task run, attempt, seq) is unique."""

    namespace: str
    flow_id: str
    execution_id: str | None
    task_id: str | None
    task_run_id: str | None
    attempt: int | None
    seq: int | None
    at: datetime
    level: int
    message: str
    thread: str = ""
    trigger_id: str | None = None


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of an attempt."""

    namespace: str
    flow_id: str
    execution_id: str
    task_id: str
    task_run_id: str
    attempt: int
    kind: str
    name: str
    value: float
    at: datetime
    tags: Mapping[str, str] = field(default_factory=dict)


def _values(row: LogLine | Metric) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}


#: a batch whose commit was not answered comes again, with the same numbers
_ADD = {
    "sqlite": sqlite.insert(logs).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(logs).on_conflict_do_nothing(),
}
_ADD_LATER = {name: Fixed(made, LogLine.__slots__) for name, made in _ADD.items()}


def add(tx: Session, lines: Sequence[LogLine]) -> None:
    """Stores lines, in order."""
    if len(lines) > FEW:
        tx.execute(_ADD[tx.dialect.name], [_values(line) for line in lines])
        return
    for line in lines:
        later(tx, _ADD_LATER[tx.dialect.name], _values(line))


def add_metrics(tx: Session, rows: Sequence[Metric]) -> None:
    """Stores metrics."""
    tx.execute(insert(metrics), [_values(row) | {"tags": dict(row.tags)} for row in rows])
