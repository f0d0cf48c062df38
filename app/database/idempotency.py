"""Rows of idempotency keys: the same key twice answers the first execution."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, insert, select

from app.database.schema_instance import idempotency_keys
from app.database.session import Session

C = idempotency_keys.c


def find(tx: Session, scope: str, key: str) -> Row[Any] | None:
    """What a key was used for."""
    where = and_(C.scope == scope, C.key == key)
    return tx.execute(select(idempotency_keys).where(where)).first()


def add(tx: Session, scope: str, key: str, digest: str, execution_id: str, now: datetime) -> None:
    """A key is used for the first time."""
    values = {
        "scope": scope,
        "key": key,
        "body_hash": digest,
        "execution_id": execution_id,
        "created_at": now,
    }
    tx.execute(insert(idempotency_keys), values)
