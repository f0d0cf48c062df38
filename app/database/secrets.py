"""Rows of secrets: ciphertext only."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, insert, select, update

from app.database.schema_instance import secrets
from app.database.session import Session

C = secrets.c


def find(tx: Session, namespace: str, key: str) -> Row[Any] | None:
    """One secret's row."""
    where = and_(C.namespace == namespace, C.key == key)
    return tx.execute(select(secrets).where(where)).first()


def put(
    tx: Session, namespace: str, key: str, text: str, description: str | None, now: datetime
) -> None:
    """Creates or replaces a secret; `text` begins with the id of its encryption key."""
    where = and_(C.namespace == namespace, C.key == key)
    values = {
        "ciphertext": text.encode(),
        "key_id": text.partition(".")[0],
        "description": description,
        "updated_at": now,
    }
    if tx.execute(update(secrets).where(where).values(values)).rowcount == 0:
        tx.execute(insert(secrets), {"namespace": namespace, "key": key, "tags": [], **values})


def drop(tx: Session, namespace: str, key: str) -> bool:
    """Removes a secret."""
    where = and_(C.namespace == namespace, C.key == key)
    return tx.execute(delete(secrets).where(where)).rowcount == 1


def list_keys(tx: Session, namespace: str) -> list[str]:
    """The names of a namespace's secrets."""
    statement = select(C.key).where(C.namespace == namespace).order_by(C.key)
    return list(tx.execute(statement).scalars())
