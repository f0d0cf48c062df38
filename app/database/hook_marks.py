"""Rows of what proves the deliveries of webhooks: a second one with the same proof is a replay."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from app.database.schema_instance import hook_marks
from app.database.session import Session

C = hook_marks.c


def find(tx: Session, trigger: str, marks: Sequence[str]) -> str | None:
    """The execution that a delivery with one of these marks has started."""
    where = (C.trigger == trigger) & C.mark.in_(marks)
    return tx.execute(select(C.execution_id).where(where)).scalars().first()


def add(tx: Session, trigger: str, marks: Sequence[str], execution_id: str, now: datetime) -> bool:
    """Keeps the marks of a delivery; False when another one was first with any of them."""
    make = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    rows = [
        {"trigger": trigger, "mark": mark, "execution_id": execution_id, "received_at": now}
        for mark in marks
    ]
    added = make(hook_marks).on_conflict_do_nothing().returning(C.mark)
    # the row itself says that it is new: a driver's row count of an INSERT cannot be relied on
    return all(tx.execute(added, row).first() is not None for row in rows)
