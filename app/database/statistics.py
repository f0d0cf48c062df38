"""Counts over executions, logs and metrics, in buckets of time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Row, and_, func, select, type_coerce
from sqlalchemy.sql.elements import ColumnElement

from app.database.filters import any_of, below
from app.database.schema import executions, flows, logs, metrics
from app.database.schema_instance import triggers
from app.database.session import Session
from app.database.types import to_micros

E, L, M = executions.c, logs.c, metrics.c
MOST_ROWS = 100_000


def executions_by(tx: Session, conditions: Sequence[ColumnElement[bool]]) -> Sequence[Row[Any]]:
    """(created_at, duration_us, state, namespace, flow_id) of what fits, up to 100,000."""
    columns: list[Any] = [E.created_at, E.duration_us, E.state, E.namespace, E.flow_id]
    statement = select(*columns).where(*conditions).order_by(E.created_at.desc())
    return tx.execute(statement.limit(MOST_ROWS)).all()


def logs_by_level(
    tx: Session, conditions: Sequence[ColumnElement[bool]]
) -> Sequence[tuple[datetime, int]]:
    """(moment, level) of lines that fit, up to 100,000."""
    statement = select(L.at, L.level).where(*conditions).order_by(L.at.desc()).limit(MOST_ROWS)
    return [(row[0], row[1]) for row in tx.execute(statement)]


def executions_in_bars(
    tx: Session, conditions: Sequence[Any], start: datetime, end: datetime, step: timedelta
) -> list[tuple[int, str, int]]:
    """(bar, state, executions) of those that fit; bars of `step`, the one at `start` is 0."""
    return _in_bars(tx, conditions, (E.created_at, E.state), (start, end, step))


def logs_in_bars(
    tx: Session, conditions: Sequence[Any], start: datetime, end: datetime, step: timedelta
) -> list[tuple[int, int, int]]:
    """(bar, level, lines) of those that fit; bars of `step`, the one at `start` is 0."""
    return _in_bars(tx, conditions, (L.at, L.level), (start, end, step))


def _in_bars(
    tx: Session,
    conditions: Sequence[Any],
    columns: tuple[Any, Any],
    bars: tuple[datetime, datetime, timedelta],
) -> list[tuple[int, Any, int]]:
    (at, kind), (start, end, step) = columns, bars
    micros = int(step.total_seconds() * 1_000_000)
    bar = (type_coerce(at, BigInteger) - to_micros(start)) // micros
    inside = (*conditions, at >= start, at <= end)
    counted = select(bar.label("bar"), kind, func.count()).where(*inside).group_by("bar", kind)
    return [(number, name, count) for number, name, count in tx.execute(counted)]


def metric_names(tx: Session, namespace: str, flow_id: str, task_id: str | None) -> list[str]:
    """The distinct names of a flow's metrics."""
    where = [M.namespace == namespace, M.flow_id == flow_id]
    where += [M.task_id == task_id] if task_id is not None else []
    return list(tx.execute(select(M.name).where(*where).distinct().order_by(M.name)).scalars())


def metric_tasks(tx: Session, namespace: str, flow_id: str) -> list[str]:
    """The tasks of a flow that sent metrics."""
    where = and_(M.namespace == namespace, M.flow_id == flow_id, M.task_id.is_not(None))
    statement = select(M.task_id).where(where).distinct().order_by(M.task_id)
    return list(tx.execute(statement).scalars())


def metric_values(
    tx: Session, conditions: Sequence[ColumnElement[bool]]
) -> list[tuple[datetime, float]]:
    """(moment, value) of metrics that fit, in order."""
    statement = select(M.at, M.value).where(*conditions).order_by(M.at).limit(MOST_ROWS)
    return [(row[0], row[1]) for row in tx.execute(statement)]


def page_of_metrics(
    tx: Session, conditions: Sequence[ColumnElement[bool]], *, offset: int, limit: int, down: bool
) -> tuple[Sequence[Row[Any]], int]:
    """A page of metrics, and how many fit."""
    order = (M.at.desc(), M.n.desc()) if down else (M.at, M.n)
    statement = select(metrics).where(*conditions).order_by(*order).offset(offset).limit(limit)
    total = tx.execute(select(func.count()).select_from(metrics).where(*conditions)).scalar_one()
    return tx.execute(statement).all(), int(total)


def count_of(tx: Session, what: str, *within: Sequence[str]) -> int:
    """How many flows, triggers or executions there are.

    Each of `within` leaves those of some namespaces and of what lies below them.
    """
    table = {"flows": flows, "triggers": triggers, "executions": executions}[what]
    where: list[ColumnElement[bool]] = []
    if what == "flows":
        where.append(flows.c.deleted.is_(False))
    column = table.c.namespace
    for names in within:
        where.append(any_of(below(column, name) for name in names))
    return int(tx.execute(select(func.count()).select_from(table).where(*where)).scalar_one())
