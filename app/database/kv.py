"""Rows of keys and values."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, asc, delete, desc, func, insert, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from app.database.schema_instance import kv
from app.database.session import Session

C = kv.c


def find(tx: Session, namespace: str, key: str) -> Row[Any] | None:
    """One entry, expired or not."""
    where = and_(C.namespace == namespace, C.key == key)
    return tx.execute(select(kv).where(where)).first()


def list_keys(
    tx: Session, now: datetime, namespaces: Sequence[str] | None = None
) -> Sequence[Row[Any]]:
    """Entries that have not expired, by namespace and key."""
    where = [or_(C.expires_at.is_(None), C.expires_at > now)]
    if namespaces is not None:
        where.append(C.namespace.in_(list(namespaces)))
    return tx.execute(select(kv).where(and_(*where)).order_by(C.namespace, C.key)).all()


def list_all(tx: Session, namespaces: Sequence[str], *, expired_at: datetime) -> Sequence[Row[Any]]:
    """Namespace, key and `is_expired` of every entry of some namespaces."""
    is_expired = and_(C.expires_at.is_not(None), C.expires_at <= expired_at).label("is_expired")
    where = C.namespace.in_(list(namespaces))
    return tx.execute(select(C.namespace, C.key, is_expired).where(where)).all()


def list_namespaces(tx: Session) -> list[str]:
    """Namespaces that hold a key."""
    return list(tx.execute(select(C.namespace).distinct()).scalars())


def put(
    tx: Session,
    namespace: str,
    key: str,
    now: datetime,
    *,
    kind: str,
    value: Any,
    expires_at: datetime | None,
    description: str | None = None,
) -> None:
    """Creates or replaces an entry; its version grows."""
    values = {
        "type": kind,
        "value": value,
        "expires_at": expires_at,
        "updated_at": now,
        **({"description": description} if description is not None else {}),
    }
    where = and_(C.namespace == namespace, C.key == key)
    changed = tx.execute(update(kv).where(where).values(**values, version=C.version + 1)).rowcount
    if not changed:
        place = {"namespace": namespace, "key": key, "created_at": now, "version": 1}
        tx.execute(insert(kv), {**place, "description": description, **values})


def drop(tx: Session, namespace: str, key: str) -> bool:
    """Removes an entry; False when there was none."""
    where = and_(C.namespace == namespace, C.key == key)
    return tx.execute(delete(kv).where(where)).rowcount == 1


SORTABLE: Mapping[str, ColumnElement[Any]] = {
    "namespace": C.namespace,
    "key": C.key,
    "type": C.type,
    "revision": C.version,
    "version": C.version,
    "creationDate": C.created_at,
    "updateDate": C.updated_at,
    "expirationDate": C.expires_at,
}


def page(
    tx: Session,
    now: datetime,
    where: ColumnElement[bool],
    *,
    sort: Sequence[tuple[str, bool]],
    offset: int,
    limit: int,
) -> tuple[Sequence[Row[Any]], int]:
    """A page of the entries that fit and have not expired, and how many there are."""
    wanted = and_(or_(C.expires_at.is_(None), C.expires_at > now), where)
    order = [(desc if down else asc)(SORTABLE[name]) for name, down in sort]
    order += [asc(C.namespace), asc(C.key)]
    statement = select(kv).where(wanted).order_by(*order).offset(offset).limit(limit)
    total = tx.execute(select(func.count()).select_from(kv).where(wanted)).scalar_one()
    return tx.execute(statement).all(), int(total)
