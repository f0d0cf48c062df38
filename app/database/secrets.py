"""Rows of secrets: ciphertext only."""

from collections.abc import Mapping, Sequence
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


def list_under_other_keys(tx: Session, key_id: str) -> Sequence[Row[Any]]:
    """The secrets that another key than this one has encrypted, held for a change."""
    statement = select(secrets).where(C.key_id != key_id).with_for_update()
    return tx.execute(statement).all()


def reseal(tx: Session, namespace: str, key: str, text: str) -> None:
    """Replaces the ciphertext of a secret by one of the same value."""
    where = and_(C.namespace == namespace, C.key == key)
    values = {"ciphertext": text.encode(), "key_id": text.partition(".")[0]}
    tx.execute(update(secrets).where(where).values(values))


def drop(tx: Session, namespace: str, key: str) -> bool:
    """Removes a secret."""
    where = and_(C.namespace == namespace, C.key == key)
    return tx.execute(delete(secrets).where(where)).rowcount == 1


def list_keys(tx: Session, namespace: str) -> list[str]:
    """The names of a namespace's secrets."""
    statement = select(C.key).where(C.namespace == namespace).order_by(C.key)
    return list(tx.execute(statement).scalars())


def list_all(tx: Session, namespace: str | None = None) -> Sequence[Row[Any]]:
    """Namespace, key, description and tags of secrets; never their values."""
    columns: tuple[Any, ...] = (C.namespace, C.key, C.description, C.tags)
    statement = select(*columns)
    if namespace is not None:
        statement = statement.where(C.namespace == namespace)
    return tx.execute(statement.order_by(C.namespace, C.key)).all()


def describe(
    tx: Session, namespace: str, key: str, now: datetime, about: Mapping[str, Any]
) -> bool:
    """Writes description and tags; False when there is no such secret."""
    where = and_(C.namespace == namespace, C.key == key)
    values = {**about, "updated_at": now}
    return tx.execute(update(secrets).where(where).values(values)).rowcount == 1
