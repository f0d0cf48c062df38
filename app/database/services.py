"""Rows of the processes that run: workers, beat, the API."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.dialects import postgresql, sqlite

from app.database.schema_instance import workers
from app.database.session import Session


def put(tx: Session, values: Mapping[str, Any]) -> None:
    """Writes what a process says of itself: a new row, or its state and that it was heard of."""
    make = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    statement = make(workers)
    news = {name: statement.excluded[name] for name in ("state", "seen_at")}
    tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_=news), dict(values))


def list_since(tx: Session, since: datetime) -> Sequence[Row[Any]]:
    """The processes that were heard of after a moment, the newest first."""
    statement = select(workers).where(workers.c.seen_at >= since)
    return tx.execute(statement.order_by(workers.c.started_at.desc(), workers.c.id)).all()
