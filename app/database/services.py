"""Rows of the processes that run (workers, beat, the API), marks of drained workers and of paused
queues."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from app.database.schema_instance import drains, queue_pauses, workers
from app.database.session import Session


def put(tx: Session, values: Mapping[str, Any]) -> None:
    """Writes what a process says of itself: a new row, or its state, figures and last sign."""
    make = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    statement = make(workers)
    news = {name: statement.excluded[name] for name in ("state", "seen_at", "figures")}
    tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_=news), dict(values))


def list_since(tx: Session, since: datetime) -> Sequence[Row[Any]]:
    """The processes that were heard of after a moment, the newest first."""
    statement = select(workers).where(workers.c.seen_at >= since)
    return tx.execute(statement.order_by(workers.c.started_at.desc(), workers.c.id)).all()


def drain(tx: Session, name: str, since: datetime) -> None:
    """Marks a worker or a host as drained; a mark that is there keeps its moment."""
    _mark(tx, drains, name, since)


def _mark(tx: Session, table: Table, name: str, since: datetime) -> None:
    make = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    tx.execute(make(table).values(name=name, since=since).on_conflict_do_nothing())


def undrain(tx: Session, name: str) -> bool:
    """Takes a mark away; False when there was none."""
    return tx.execute(delete(drains).where(drains.c.name == name)).rowcount == 1


def list_drains(tx: Session) -> Sequence[Row[Any]]:
    """Every mark, by name."""
    return tx.execute(select(drains).order_by(drains.c.name)).all()


def find_drain(tx: Session, names: Sequence[str]) -> Row[Any] | None:
    """A mark of one of these names."""
    found = select(drains).where(drains.c.name.in_(names)).order_by(drains.c.name).limit(1)
    return tx.execute(found).first()


def pause_queue(tx: Session, name: str, since: datetime) -> None:
    """Marks a queue as paused; a mark that is there keeps its moment."""
    _mark(tx, queue_pauses, name, since)


def resume_queue(tx: Session, name: str) -> bool:
    """Takes a mark away; False when there was none."""
    return tx.execute(delete(queue_pauses).where(queue_pauses.c.name == name)).rowcount == 1


def list_paused_queues(tx: Session) -> Sequence[Row[Any]]:
    """Every mark, by name."""
    return tx.execute(select(queue_pauses).order_by(queue_pauses.c.name)).all()
