"""Rows of the processes that run: workers, beat, the API."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from app.database.schema_instance import workers
from app.database.session import Session


def list_since(tx: Session, since: datetime) -> Sequence[Row[Any]]:
    """The processes that were heard of after a moment, the newest first."""
    statement = select(workers).where(workers.c.seen_at >= since)
    return tx.execute(statement.order_by(workers.c.started_at.desc(), workers.c.id)).all()
