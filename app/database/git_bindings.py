"""Rows of bindings, of what they own and of their history."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, and_, delete, insert, select, update

from app.database.schema_git import git_bindings, git_resources, git_syncs
from app.database.session import Session

B = git_bindings.c
R = git_resources.c
Y = git_syncs.c


def add(tx: Session, values: Mapping[str, Any]) -> None:
    """A new binding."""
    tx.execute(insert(git_bindings), dict(values))


def find(tx: Session, binding_id: str) -> Row[Any] | None:
    """One binding."""
    return tx.execute(select(git_bindings).where(B.id == binding_id)).first()


def list_of(tx: Session, source_id: str | None = None) -> Sequence[Row[Any]]:
    """The bindings of a source, or all."""
    statement = select(git_bindings).order_by(B.created_at, B.id)
    if source_id is not None:
        statement = statement.where(B.source_id == source_id)
    return tx.execute(statement).all()


def write(tx: Session, binding_id: str, **values: Any) -> None:
    """Changes settings or results."""
    tx.execute(update(git_bindings).where(B.id == binding_id).values(values))


def resources(tx: Session, binding_id: str) -> Sequence[Row[Any]]:
    """What a binding owns, by key."""
    statement = select(git_resources).where(R.binding_id == binding_id)
    return tx.execute(statement.order_by(R.kind, R.key)).all()


def owners(tx: Session, kind: str, keys: Sequence[str]) -> list[Row[Any]]:
    """The inventory's rows of some keys, whoever owns them."""
    found: list[Row[Any]] = []
    for start in range(0, len(keys), 500):
        part = list(keys[start : start + 500])
        statement = select(git_resources).where(R.kind == kind, R.key.in_(part))
        found.extend(tx.execute(statement).all())
    return found


def own(tx: Session, values: Mapping[str, Any]) -> None:
    """Creates or changes a row of the inventory."""
    where = and_(R.kind == values["kind"], R.key == values["key"])
    if tx.execute(update(git_resources).where(where).values(dict(values))).rowcount == 0:
        tx.execute(insert(git_resources), dict(values))


def disown(tx: Session, kind: str, key: str) -> None:
    """Drops a row of the inventory."""
    tx.execute(delete(git_resources).where(R.kind == kind, R.key == key))


# -- history


def add_sync(tx: Session, values: Mapping[str, Any]) -> None:
    """A sync or a plan, asked for or done."""
    tx.execute(insert(git_syncs), dict(values))


def write_sync(tx: Session, sync_id: str, **values: Any) -> None:
    """How it went."""
    tx.execute(update(git_syncs).where(Y.id == sync_id).values(values))


def find_sync(tx: Session, sync_id: str) -> Row[Any] | None:
    """One sync or plan."""
    return tx.execute(select(git_syncs).where(Y.id == sync_id)).first()


def waiting(tx: Session, source_id: str) -> Sequence[Row[Any]]:
    """Syncs and plans that somebody asked for and nobody did yet."""
    where = and_(Y.source_id == source_id, Y.status == "PENDING")
    return tx.execute(select(git_syncs).where(where).order_by(Y.created_at)).all()


def history(tx: Session, binding_id: str, most: int) -> Sequence[Row[Any]]:
    """A binding's syncs, the newest first; plans are left out."""
    where = and_(Y.binding_id == binding_id, Y.is_plan.is_(False))
    return tx.execute(
        select(git_syncs).where(where).order_by(Y.created_at.desc()).limit(most)
    ).all()
