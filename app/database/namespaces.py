"""Rows of namespaces and of their files' versions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, delete, func, insert, or_, select, update

from app.database.schema import flows
from app.database.schema_instance import namespace_files, namespaces
from app.database.session import Session

F = namespace_files.c
MANY = 500  #: rows or keys of one statement
_BY_ID = select(namespaces).where(namespaces.c.id == bindparam("id"))
_BY_IDS = select(namespaces).where(namespaces.c.id.in_(bindparam("ids", expanding=True)))
_SNAPSHOT = select(namespaces.c.snapshot).where(namespaces.c.id == bindparam("id"))


def snapshot(tx: Session, namespace: str) -> int:
    """The present snapshot of a namespace's files; 0 while it never had any."""
    return tx.execute(_SNAPSHOT, {"id": namespace}).scalar() or 0


def find(tx: Session, namespace: str) -> Row[Any] | None:
    """The namespace's record; None when nobody declared it and it never had files."""
    return tx.execute(_BY_ID, {"id": namespace}).first()


def find_some(tx: Session, names: Sequence[str]) -> Sequence[Row[Any]]:
    """The records that some namespaces have."""
    return tx.execute(_BY_IDS, {"ids": list(names)}).all()


def write(tx: Session, namespace: str, now: datetime, **values: Any) -> None:
    """Creates or changes the namespace's record."""
    changes = {**values, "updated_at": now}
    where = namespaces.c.id == namespace
    if tx.execute(update(namespaces).where(where).values(changes)).rowcount == 0:
        empty: dict[str, Any] = {"variables": {}, "plugin_defaults": [], "settings": {}}
        tx.execute(insert(namespaces), {"id": namespace, **empty, "snapshot": 0, **changes})


def drop(tx: Session, namespace: str) -> bool:
    """Forgets the record (files and flows stay)."""
    return tx.execute(delete(namespaces).where(namespaces.c.id == namespace)).rowcount == 1


def list_declared(tx: Session) -> Sequence[Row[Any]]:
    """Every namespace that has a record."""
    return tx.execute(select(namespaces).order_by(namespaces.c.id)).all()


def next_snapshot(tx: Session, namespace: str, now: datetime) -> int:
    """Begins a new snapshot: what changes now is seen by executions that start from now on."""
    write(tx, namespace, now)
    where = namespaces.c.id == namespace
    statement = (
        update(namespaces)
        .where(where)
        .values(snapshot=namespaces.c.snapshot + 1)
        .returning(namespaces.c.snapshot)
    )
    return int(tx.execute(statement).scalar_one())


def list_files(
    tx: Session, namespace: str, at: int | None = None, prefix: str = ""
) -> Sequence[Row[Any]]:
    """The files and folders as of a snapshot (None: now), by path."""
    where = [F.namespace == namespace]
    if at is None:
        where.append(F.until.is_(None))
    else:
        where += [F.since <= at, or_(F.until.is_(None), F.until > at)]
    if prefix:
        where.append(F.path.startswith(prefix, autoescape=True))
    return tx.execute(select(namespace_files).where(and_(*where)).order_by(F.path)).all()


def list_beside(tx: Session, namespace: str, path: str) -> Sequence[str]:
    """Paths of what may be in the way of a new file or folder: its parents, and one inside it."""
    plain = path.rstrip("/")
    parts = plain.split("/")
    above = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
    is_there = (F.namespace == namespace, F.until.is_(None))
    parents = select(F.path).where(*is_there, F.path.in_(above))
    inside = select(F.path).where(*is_there, F.path.startswith(f"{plain}/", autoescape=True))
    return [*tx.execute(parents).scalars(), *tx.execute(inside.limit(1)).scalars()]


def list_contents(
    tx: Session, namespace: str, after: str, limit: int, prefix: str = ""
) -> Sequence[Row[Any, Any, Any]]:
    """(path, uri, size) of the files whose paths come after one, by path; no folders."""
    where = [F.namespace == namespace, F.until.is_(None), F.uri.is_not(None), F.path > after]
    where += [F.path.startswith(prefix, autoescape=True)] if prefix else []
    statement = select(F.path, F.uri, F.size).where(*where).order_by(F.path)
    return tx.execute(statement.limit(limit)).all()


def find_file(
    tx: Session, namespace: str, path: str, *, version: int | None = None, at: int | None = None
) -> Row[Any] | None:
    """One file: its latest state, an earlier version, or as of a snapshot."""
    where = [F.namespace == namespace, F.path == path]
    if version is not None:
        where.append(F.version == version)
    elif at is not None:
        where += [F.since <= at, or_(F.until.is_(None), F.until > at)]
    else:
        where.append(F.until.is_(None))
    return tx.execute(select(namespace_files).where(and_(*where))).first()


def list_versions(tx: Session, namespace: str, path: str) -> Sequence[Row[Any]]:
    """Every version of a file, the first one first."""
    where = and_(F.namespace == namespace, F.path == path)
    return tx.execute(select(namespace_files).where(where).order_by(F.version)).all()


def end_file(tx: Session, namespace: str, path: str, until: int) -> bool:
    """The present version ends with snapshot `until`; False when there is none."""
    where = and_(F.namespace == namespace, F.path == path, F.until.is_(None))
    return tx.execute(update(namespace_files).where(where).values(until=until)).rowcount > 0


def add_file(tx: Session, values: Mapping[str, Any]) -> None:
    """A new version of a file."""
    tx.execute(insert(namespace_files), dict(values))


def add_files(tx: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """New versions of many files: a few statements for all of them."""
    for start in range(0, len(rows), MANY):
        tx.execute(insert(namespace_files), [dict(row) for row in rows[start : start + MANY]])


def last_versions(tx: Session, namespace: str, paths: Sequence[str]) -> dict[str, int]:
    """The number of the last version of each of some files, ended ones too."""
    found: dict[str, int] = {}
    for start in range(0, len(paths), MANY):
        where = and_(F.namespace == namespace, F.path.in_(list(paths[start : start + MANY])))
        statement = select(F.path, func.max(F.version)).where(where).group_by(F.path)
        found.update((path, int(version)) for path, version in tx.execute(statement))
    return found


def end_files(tx: Session, namespace: str, paths: Sequence[str], until: int) -> None:
    """The present versions of some files end with snapshot `until`."""
    for start in range(0, len(paths), MANY):
        part = list(paths[start : start + MANY])
        where = and_(F.namespace == namespace, F.path.in_(part), F.until.is_(None))
        tx.execute(update(namespace_files).where(where).values(until=until))


def list_namespaces_with_files(tx: Session) -> Sequence[str]:
    """Namespaces that hold a file now."""
    return list(tx.execute(select(F.namespace).where(F.until.is_(None)).distinct()).scalars())


def list_namespaces_with_versions(tx: Session) -> list[str]:
    """Namespaces that hold or held a file."""
    return list(tx.execute(select(F.namespace).distinct()).scalars())


def list_all_versions(tx: Session, namespace: str) -> Sequence[Row[Any]]:
    """Every version of every file, the oldest first."""
    statement = select(namespace_files).where(F.namespace == namespace)
    return tx.execute(statement.order_by(F.path, F.version)).all()


def drop_versions(tx: Session, numbers: Sequence[int]) -> None:
    """Removes versions by their row's number."""
    for start in range(0, len(numbers), 500):
        tx.execute(delete(namespace_files).where(F.n.in_(list(numbers[start : start + 500]))))


def has_flows(tx: Session, namespace: str, *, deleted_too: bool = False) -> bool:
    """Whether a flow lives (or lived) in the namespace."""
    statement = select(flows.c.id).where(flows.c.namespace == namespace)
    if not deleted_too:
        statement = statement.where(flows.c.deleted.is_(False))
    return tx.execute(statement.limit(1)).first() is not None
