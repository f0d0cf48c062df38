"""Rows of logs and metrics: written in batches, read in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any

import psycopg
from psycopg.errors import UniqueViolation
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from app.database.batch import flush, insert_many_later, many_later
from app.database.fixed import Fixed
from app.database.schema import logs, metrics
from app.database.session import Session
from app.database.types import to_micros

FEW = 200  #: up to so many lines are sent with the other writes of a step
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
_ADD_LATER = {name: Fixed(made.inline(), LogLine.__slots__) for name, made in _ADD.items()}


_BULK = LogLine.__slots__
_fields = attrgetter(*_BULK)
_AT = _BULK.index("at")
_BULK_SQLITE = (
    f"INSERT OR IGNORE INTO logs ({', '.join(_BULK)}) VALUES ({', '.join('?' * len(_BULK))})"
)
_COPY = f"COPY logs ({', '.join(_BULK)}) FROM STDIN"


def _raw(line: LogLine) -> tuple[Any, ...]:
    """The columns of a line as both databases keep them."""
    values = list(_fields(line))
    values[_AT] = to_micros(values[_AT])
    return tuple(values)


def _add_sqlite(tx: Session, lines: Sequence[LogLine]) -> None:
    tx.exec_driver_sql(_BULK_SQLITE, [_raw(line) for line in lines])


def _add_postgresql(tx: Session, lines: Sequence[LogLine]) -> None:
    """By COPY; what has come before (a commit that was not answered) is left out by an INSERT."""
    raw: psycopg.Connection[Any] = tx.connection.driver_connection  # type: ignore[assignment]
    try:
        with tx.begin_nested(), raw.cursor() as cursor, cursor.copy(_COPY) as copy:
            for line in lines:
                copy.write_row(_raw(line))
    except (UniqueViolation, IntegrityError):
        tx.execute(_ADD["postgresql"], [_values(line) for line in lines])


def add(tx: Session, lines: Sequence[LogLine]) -> None:
    """Stores lines, in order: one by one, or in bulk when they are many."""
    if len(lines) > FEW:
        flush(tx)
        (_add_sqlite if tx.dialect.name == "sqlite" else _add_postgresql)(tx, lines)
        return
    if lines:
        many_later(tx, _ADD_LATER[tx.dialect.name], [_values(line) for line in lines])


def add_metrics(tx: Session, rows: Sequence[Metric]) -> None:
    """Stores metrics."""
    values = [_values(row) | {"tags": dict(row.tags)} for row in rows]
    insert_many_later(tx, metrics, values)
