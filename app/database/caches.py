"""Rows of what tasks have stored for their next runs; the files lie in the storage."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

from app.database.schema_instance import task_caches
from app.database.session import Session

C = task_caches.c


@dataclass(frozen=True)
class CachePlace:
    """Which entry of which task."""

    namespace: str
    flow_id: str
    task_id: str
    key: str


def _at(place: CachePlace) -> ColumnElement[bool]:
    return and_(
        C.namespace == place.namespace,
        C.flow_id == place.flow_id,
        C.task_id == place.task_id,
        C.key == place.key,
    )


def find(tx: Session, place: CachePlace) -> Row[Any] | None:
    """An entry, expired or not."""
    return tx.execute(select(task_caches).where(_at(place))).first()


def put(
    tx: Session, place: CachePlace, folder: str, now: datetime, expires_at: datetime | None
) -> None:
    """Notes what lies in a folder now, in place of what did."""
    make = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    values = {"folder": folder, "stored_at": now, "used_at": now, "expires_at": expires_at}
    statement = make(task_caches).values({**vars(place), **values})
    keys = ("namespace", "flow_id", "task_id", "key")
    tx.execute(statement.on_conflict_do_update(index_elements=keys, set_=values))


def touch(tx: Session, place: CachePlace, now: datetime) -> None:
    """Notes that an entry was used."""
    tx.execute(update(task_caches).where(_at(place)).values(used_at=now))


def expire_flow(tx: Session, namespace: str, flow_id: str, now: datetime) -> None:
    """Gives up all entries of a flow."""
    where = and_(C.namespace == namespace, C.flow_id == flow_id)
    tx.execute(update(task_caches).where(where).values(expires_at=now))


def _is_stale(now: datetime, unused_since: datetime | None) -> ColumnElement[bool]:
    is_expired = and_(C.expires_at.is_not(None), C.expires_at <= now)
    return is_expired if unused_since is None else or_(is_expired, C.used_at < unused_since)


def list_stale(
    tx: Session, now: datetime, unused_since: datetime | None, limit: int
) -> Sequence[Row[Any]]:
    """Entries that have expired, or that nothing has used for long."""
    where = _is_stale(now, unused_since)
    return tx.execute(select(task_caches).where(where).limit(limit)).all()


def drop_stale(
    tx: Session, place: CachePlace, now: datetime, unused_since: datetime | None
) -> bool:
    """Removes an entry that is stale still; False when somebody has renewed it."""
    where = and_(_at(place), _is_stale(now, unused_since))
    return tx.execute(delete(task_caches).where(where)).rowcount == 1
