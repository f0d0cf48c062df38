"""Rows of bindings, of what they own and of their history."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, and_, bindparam, delete, insert, null, or_, select, update

from app.database.schema_git import (
    git_bindings,
    git_changes,
    git_pulls,
    git_resources,
    git_syncs,
)
from app.database.session import Session

B = git_bindings.c
R = git_resources.c
Y = git_syncs.c


def add(tx: Session, values: Mapping[str, Any]) -> None:
    """A new binding."""
    tx.execute(insert(git_bindings), dict(values))


def find(tx: Session, binding: str) -> Row[Any] | None:
    """One binding, by id or name."""
    where = or_(B.id == binding, B.name == binding)
    return tx.execute(select(git_bindings).where(where)).first()


def drop(tx: Session, binding_id: str) -> None:
    """Forgets a binding with its inventory and history."""
    tx.execute(delete(git_resources).where(R.binding_id == binding_id))
    tx.execute(delete(git_syncs).where(Y.binding_id == binding_id))
    tx.execute(delete(git_pulls).where(git_pulls.c.binding_id == binding_id))
    tx.execute(delete(git_changes).where(git_changes.c.binding_id == binding_id))
    tx.execute(delete(git_bindings).where(B.id == binding_id))


def list_of(tx: Session, source_id: str | None = None) -> Sequence[Row[Any]]:
    """The bindings of a source, or all."""
    statement = select(git_bindings).order_by(B.created_at, B.id)
    if source_id is not None:
        statement = statement.where(B.source_id == source_id)
    return tx.execute(statement).all()


_PREVIEW = re.compile(r"(?:^|\.)pr-\d+(?:\.|$)")


def preview_root(tx: Session, namespace: str) -> str | None:
    """The root of the preview that a namespace belongs to; None outside of previews."""
    if not _PREVIEW.search(namespace):
        return None
    for row in list_of(tx):
        if row.preview and f"{namespace}.".startswith(f"{row.namespace}."):
            return str(row.namespace)
    return None


def write(tx: Session, binding_id: str, **values: Any) -> None:
    """Changes settings or results."""
    tx.execute(update(git_bindings).where(B.id == binding_id).values(values))


def write_seen(tx: Session, seen: Row[Any], **values: Any) -> bool:
    """Changes a binding, unless it was asked to be compared again since it was read."""
    where = and_(B.id == seen.id, B.compare_at == seen.compare_at)
    return tx.execute(update(git_bindings).where(where).values(values)).rowcount == 1


def resources(tx: Session, binding_id: str) -> Sequence[Row[Any]]:
    """What a binding owns, by key."""
    statement = select(git_resources).where(R.binding_id == binding_id)
    return tx.execute(statement.order_by(R.kind, R.key)).all()


_OWNED = (
    select(git_resources, B.name, B.policy, B.source_id, B.path.label("folder"), B.suspended)
    .join(git_bindings, B.id == R.binding_id)
    .where(R.kind == bindparam("kind"), R.key == bindparam("key"))
)


def find_owned(tx: Session, kind: str, key: str) -> Row[Any] | None:
    """The inventory's row of one resource, with its binding's policy, name, source and path."""
    return tx.execute(_OWNED, {"kind": kind, "key": key}).first()


def write_resource(tx: Session, kind: str, key: str, **values: Any) -> None:
    """Changes a row of the inventory."""
    tx.execute(update(git_resources).where(R.kind == kind, R.key == key).values(values))


def owners(tx: Session, kind: str, keys: Sequence[str]) -> list[Row[Any]]:
    """The inventory's rows of some keys, whoever owns them, with the names of the bindings."""
    found: list[Row[Any]] = []
    for start in range(0, len(keys), 500):
        part = list(keys[start : start + 500])
        statement = select(git_resources, B.name).join(git_bindings, B.id == R.binding_id)
        found.extend(tx.execute(statement.where(R.kind == kind, R.key.in_(part))).all())
    return found


def own(tx: Session, values: Mapping[str, Any]) -> None:
    """Creates or changes a row of the inventory."""
    where = and_(R.kind == values["kind"], R.key == values["key"])
    if tx.execute(update(git_resources).where(where).values(dict(values))).rowcount == 0:
        tx.execute(insert(git_resources), dict(values))


def own_many(tx: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """As `own`, for many rows of one kind with the same columns: a few statements for all."""
    known = (
        {row.key for row in owners(tx, rows[0]["kind"], [r["key"] for r in rows])} if rows else {}
    )
    fresh = [dict(row) for row in rows if row["key"] not in known]
    changed = [
        {f"new_{name}": value for name, value in row.items()} for row in rows if row["key"] in known
    ]
    if fresh:
        tx.execute(insert(git_resources), fresh)
    if changed:
        names = [name for name in rows[0] if name not in ("kind", "key")]
        where = and_(R.kind == bindparam("new_kind"), R.key == bindparam("new_key"))
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
        tx.execute(update(git_resources).where(where).values(values), changed)


def disown(tx: Session, kind: str, key: str) -> None:
    """Drops a row of the inventory."""
    tx.execute(delete(git_resources).where(R.kind == kind, R.key == key))


# -- history


def add_sync(tx: Session, values: Mapping[str, Any]) -> None:
    """A sync or a plan that was asked for."""
    tx.execute(insert(git_syncs), dict(values))


def put_sync(tx: Session, values: Mapping[str, Any]) -> None:
    """A sync that was done: the row that asked for it, or a new one."""
    kept = {k: v for k, v in values.items() if k != "created_at"}
    where = Y.id == values["id"]
    if tx.execute(update(git_syncs).where(where).values(kept)).rowcount == 0:
        tx.execute(insert(git_syncs), dict(values))


def write_sync(tx: Session, sync_id: str, **values: Any) -> None:
    """How it went."""
    tx.execute(update(git_syncs).where(Y.id == sync_id).values(values))


def find_sync(tx: Session, sync_id: str) -> Row[Any] | None:
    """One sync or plan."""
    return tx.execute(select(git_syncs).where(Y.id == sync_id)).first()


def sync_to(tx: Session, binding_id: str, sha: str) -> Row[Any] | None:
    """The last sync of a binding that applied a commit."""
    where = and_(Y.binding_id == binding_id, Y.to_sha == sha, Y.is_plan.is_(False))
    return tx.execute(select(git_syncs).where(where).order_by(Y.created_at.desc())).first()


def waiting(tx: Session, source_id: str) -> Sequence[Row[Any]]:
    """Syncs and plans that somebody asked for and nobody did yet."""
    where = and_(Y.source_id == source_id, Y.status == "PENDING")
    return tx.execute(select(git_syncs).where(where).order_by(Y.created_at)).all()


def awaiting(tx: Session, binding_id: str, *, part: bool = False) -> Row[Any] | None:
    """The sync of a binding, or of a part of it, that waits for its approval."""
    where = and_(
        Y.binding_id == binding_id,
        Y.status == "AWAITING_APPROVAL",
        Y.part.is_not(null()) if part else Y.part.is_(null()),
    )
    return tx.execute(select(git_syncs).where(where).order_by(Y.created_at.desc())).first()


def history(tx: Session, binding_id: str, most: int) -> Sequence[Row[Any]]:
    """A binding's syncs, the newest first; plans are left out."""
    where = and_(Y.binding_id == binding_id, Y.is_plan.is_(False))
    return tx.execute(
        select(git_syncs).where(where).order_by(Y.created_at.desc()).limit(most)
    ).all()


def last_move(tx: Session, binding_id: str) -> str | None:
    """Why a binding came to its present commit; None when it never came to one."""
    is_move = and_(
        Y.is_plan.is_(False), Y.status == "SUCCEEDED", Y.to_sha.is_distinct_from(Y.from_sha)
    )
    statement = select(Y.reason).where(Y.binding_id == binding_id, is_move)
    return tx.execute(statement.order_by(Y.created_at.desc()).limit(1)).scalar()
