"""Rows of users' preferences."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select

from app.database.schema_boards import preferences
from app.database.session import Session

C = preferences.c


def find(tx: Session, user_id: str) -> Mapping[str, Any]:
    """What a user stored; nothing at first."""
    row = tx.execute(select(C.content).where(C.user_id == user_id)).scalar()
    return row if isinstance(row, Mapping) else {}


def put(tx: Session, user_id: str, content: Mapping[str, Any]) -> None:
    """Replaces what a user stored."""
    tx.execute(delete(preferences).where(C.user_id == user_id))
    tx.execute(insert(preferences), {"user_id": user_id, "content": dict(content)})
