"""Rows of what is set by hand: connections, windows, pipelines, notifications."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, and_, delete, insert, or_, select, update

from app.database.schema_git import git_records
from app.database.session import Session

C = git_records.c


def add(tx: Session, values: Mapping[str, Any]) -> None:
    """A new record."""
    tx.execute(insert(git_records), dict(values))


def find(tx: Session, kind: str, name: str) -> Row[Any] | None:
    """A record by name or id."""
    where = and_(C.kind == kind, or_(C.name == name, C.id == name))
    return tx.execute(select(git_records).where(where)).first()


def list_all(tx: Session, kind: str) -> Sequence[Row[Any]]:
    """Every record of a kind, by name."""
    return tx.execute(select(git_records).where(C.kind == kind).order_by(C.name)).all()


def write(tx: Session, record_id: str, name: str, spec: Mapping[str, Any]) -> None:
    """Changes a record."""
    tx.execute(update(git_records).where(C.id == record_id).values(name=name, spec=dict(spec)))


def drop(tx: Session, record_id: str) -> None:
    """Removes a record."""
    tx.execute(delete(git_records).where(C.id == record_id))
