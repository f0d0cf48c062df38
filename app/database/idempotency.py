"""Rows of idempotency keys: the same key twice answers the first execution."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, select
from sqlalchemy.dialects import postgresql, sqlite

from app.database.schema_instance import idempotency_keys
from app.database.session import Session

C = idempotency_keys.c


def find(tx: Session, scope: str, key: str) -> Row[Any] | None:
    """What a key was used for."""
    where = and_(C.scope == scope, C.key == key)
    return tx.execute(select(idempotency_keys).where(where)).first()


def add(tx: Session, scope: str, key: str, digest: str, execution_id: str, now: datetime) -> bool:
    """A key is used for the first time; False when another request was first.

    Waits for one that is under way: the first one's row can be read afterwards, or it gave up.
    """
    make = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    values = {
        "scope": scope,
        "key": key,
        "body_hash": digest,
        "execution_id": execution_id,
        "created_at": now,
    }
    statement = make(idempotency_keys).values(values).on_conflict_do_nothing()
    # the row itself says that it is new: a driver's row count of an INSERT cannot be relied on
    return tx.execute(statement.returning(C.key)).first() is not None
