"""Rows of charts: the newest of a range of time, as wide as charts need them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from app.database.filters import Places, within
from app.database.schema import executions, flows, logs, metrics
from app.database.schema_instance import triggers
from app.database.session import Session

E, L, M, T = executions.c, logs.c, metrics.c, triggers.c
MOST_ROWS = 100_000


def executions_between(
    tx: Session, start: datetime, end: datetime, places: Places
) -> Sequence[Row[Any]]:
    """Executions that were made in a range."""
    columns: tuple[Any, ...] = (
        E.id, E.namespace, E.flow_id, E.revision, E.state, E.duration_us, E.created_at,
        E.ended_at, E.trigger, E.labels,
    )  # fmt: skip
    where = (
        E.created_at >= start,
        E.created_at <= end,
        E.kind == "NORMAL",
        within(E.namespace, places),
    )
    statement = select(*columns).where(*where).order_by(E.created_at.desc()).limit(MOST_ROWS)
    return tx.execute(statement).all()


def logs_between(tx: Session, start: datetime, end: datetime, places: Places) -> Sequence[Row[Any]]:
    """Log lines of a range."""
    where = (L.at >= start, L.at <= end, within(L.namespace, places))
    return tx.execute(select(logs).where(*where).order_by(L.at.desc()).limit(MOST_ROWS)).all()


def metrics_between(
    tx: Session, start: datetime, end: datetime, places: Places
) -> Sequence[Row[Any]]:
    """Metrics of a range."""
    where = (M.at >= start, M.at <= end, within(M.namespace, places))
    return tx.execute(select(metrics).where(*where).order_by(M.at.desc()).limit(MOST_ROWS)).all()


def all_triggers(tx: Session, places: Places) -> Sequence[Row[Any]]:
    """Every trigger."""
    where = within(T.namespace, places)
    return tx.execute(
        select(triggers).where(where).order_by(T.namespace, T.flow_id, T.trigger_id)
    ).all()


def all_flows(tx: Session, places: Places) -> Sequence[Row[Any]]:
    """The name and latest revision of every flow."""
    columns: tuple[Any, ...] = (flows.c.id, flows.c.namespace, flows.c.revision)
    where = (flows.c.deleted.is_(False), within(flows.c.namespace, places))
    return tx.execute(select(*columns).where(*where).order_by(*columns)).all()
