"""Rows of flows and their revisions."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Row,
    and_,
    asc,
    bindparam,
    delete,
    desc,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
)
from sqlalchemy.sql import Select
from sqlalchemy.sql.elements import ColumnElement

from app.database.change import change
from app.database.schema import executions, flow_revisions, flows
from app.database.schema_instance import namespaces
from app.database.session import Session
from app.model.state import Gate

F = flows.c
R = flow_revisions.c
SORTABLE: Mapping[str, ColumnElement[Any]] = {
    "id": F.id,
    "namespace": F.namespace,
    "revision": F.revision,
    "updated": F.updated_at,
    "disabled": F.disabled,
}
_JOINED = select(
    flow_revisions,
    F.revision.label("latest"),
    F.deleted.label("flow_deleted"),
).join(flows, and_(F.namespace == R.namespace, F.id == R.id))

_SNAPSHOT = select(namespaces.c.snapshot).where(namespaces.c.id == F.namespace)
_STANDING: Select[Any] = select(
    F.revision, F.disabled, func.coalesce(_SNAPSHOT.scalar_subquery(), 0).label("snapshot")
).where(F.namespace == bindparam("namespace"), F.id == bindparam("id"), F.deleted.is_(False))
_HEAD = select(flows).where(F.namespace == bindparam("namespace"), F.id == bindparam("id"))
_LOCKED = _HEAD.with_for_update(key_share=True)
_OF_FLOW = _JOINED.where(R.namespace == bindparam("namespace"), R.id == bindparam("id"))
_LATEST = _OF_FLOW.where(R.revision == F.revision)
_REVISION = _OF_FLOW.where(R.revision == bindparam("number"))


def lock(tx: Session, namespace: str, flow_id: str) -> Row[Any] | None:
    """The flow's own row, alone: who counts its executions holds it."""
    return tx.execute(_LOCKED, {"namespace": namespace, "id": flow_id}).first()


def count_live(tx: Session, namespace: str, flow_id: str) -> int:
    """Executions that hold a slot: admitted and not ended, paused ones too."""
    live = [Gate.OPEN, Gate.PAUSED, Gate.KILLING]
    where = and_(
        executions.c.namespace == namespace,
        executions.c.flow_id == flow_id,
        executions.c.gate.in_(live),
        _IS_LIVE,
    )
    return int(tx.execute(select(func.count()).select_from(executions).where(where)).scalar_one())


#: as the index of live executions says it: SQLite uses that index for no other words
_IS_LIVE = executions.c.gate != literal_column("'ENDED'")


def oldest_queued(tx: Session, namespace: str, flow_id: str) -> Row[Any] | None:
    """The (id, root) of the execution that has waited longest for a slot."""
    where = and_(
        executions.c.namespace == namespace,
        executions.c.flow_id == flow_id,
        executions.c.gate == Gate.QUEUED,
        _IS_LIVE,
    )
    order = (executions.c.created_at, executions.c.id)
    columns: tuple[Any, ...] = (executions.c.id, executions.c.root)
    return tx.execute(select(*columns).where(where).order_by(*order).limit(1)).first()


def list_queued(tx: Session) -> Sequence[Row[Any]]:
    """The flows that executions wait for a slot of: (namespace, id, concurrency)."""
    waits = exists().where(
        executions.c.namespace == F.namespace,
        executions.c.flow_id == F.id,
        executions.c.gate == Gate.QUEUED,
        _IS_LIVE,
    )
    columns: tuple[Any, ...] = (F.namespace, F.id, F.concurrency)
    return tx.execute(select(*columns).where(waits)).all()


def is_limited(tx: Session, namespace: str, flow_id: str) -> bool:
    """Whether the flow, as it is now, has a limit that an execution's end makes room in."""
    where = (F.namespace == namespace) & (F.id == flow_id) & F.concurrency.is_not(None)
    return tx.execute(select(F.id).where(where)).first() is not None


def head(tx: Session, namespace: str, flow_id: str) -> Row[Any] | None:
    """The flow's row (latest revision, deleted or not)."""
    return tx.execute(_HEAD, {"namespace": namespace, "id": flow_id}).first()


def standing(tx: Session, namespace: str, flow_id: str) -> Row[Any] | None:
    """Of a flow that is to be started: its latest revision, whether it is off, and the present
    snapshot of its namespace's files. None for a flow that is deleted or never was.
    """
    return tx.execute(_STANDING, {"namespace": namespace, "id": flow_id}).first()


def revision(
    tx: Session, namespace: str, flow_id: str, number: int | None = None
) -> Row[Any] | None:
    """One revision's row (the latest by default), with `latest` and `flow_deleted`."""
    place = {"namespace": namespace, "id": flow_id}
    if number is None:
        return tx.execute(_LATEST, place).first()
    return tx.execute(_REVISION, {**place, "number": number}).first()


def revisions(tx: Session, namespace: str, flow_id: str) -> Sequence[Row[Any]]:
    """Every revision, the first one first."""
    where = and_(R.namespace == namespace, R.id == flow_id)
    return tx.execute(_JOINED.where(where).order_by(R.revision)).all()


def history(
    tx: Session, namespace: str, flow_id: str, *, limit: int, offset: int
) -> tuple[Sequence[Row[Any]], int]:
    """A page of revisions without their sources, the latest first; and how many there are."""
    where = and_(R.namespace == namespace, R.id == flow_id)
    columns: tuple[ColumnElement[Any], ...] = (
        R.revision, R.created_at, R.author, R.via, R.git, R.deleted,
    )  # fmt: skip
    wanted = select(*columns).where(where).order_by(R.revision.desc()).limit(limit).offset(offset)
    total = tx.execute(select(func.count()).select_from(flow_revisions).where(where)).scalar_one()
    return tx.execute(wanted).all(), total


def add_revision(tx: Session, values: Mapping[str, Any]) -> None:
    """A new revision."""
    tx.execute(insert(flow_revisions), dict(values))


def add_head(tx: Session, namespace: str, flow_id: str, values: Mapping[str, Any]) -> None:
    """Creates the row of a flow that has none."""
    tx.execute(insert(flows), {"namespace": namespace, "id": flow_id, **values})


def put_head(tx: Session, namespace: str, flow_id: str, values: Mapping[str, Any]) -> None:
    """Creates or changes the flow's row."""
    if change(tx, flows, {"namespace": namespace, "id": flow_id}, values) == 0:
        tx.execute(insert(flows), {"namespace": namespace, "id": flow_id, **values})


def drop_revisions(tx: Session, namespace: str, flow_id: str, numbers: Sequence[int]) -> int:
    """Forgets revisions; the caller keeps the latest."""
    where = and_(R.namespace == namespace, R.id == flow_id, R.revision.in_(list(numbers)))
    return tx.execute(delete(flow_revisions).where(where)).rowcount


def list_latest(
    tx: Session,
    *,
    namespace: str | None = None,
    prefix: str | None = None,
    where: ColumnElement[bool] | None = None,
) -> Sequence[Row[Any]]:
    """The latest revision of every flow that is not deleted, by namespace and id."""
    wanted = [F.deleted.is_(False), R.revision == F.revision]
    wanted += [where] if where is not None else []
    if namespace is not None:
        wanted.append(F.namespace == namespace)
    if prefix is not None:
        below = F.namespace.startswith(prefix + ".", autoescape=True)
        wanted.append(or_(F.namespace == prefix, below))
    return tx.execute(_JOINED.where(and_(*wanted)).order_by(F.namespace, F.id)).all()


def list_after(tx: Session, namespace: str, after: str, limit: int) -> Sequence[Row[Any]]:
    """(id, source) of the flows of a namespace whose ids come after one, by id."""
    where = (F.namespace == namespace, F.deleted.is_(False), R.revision == F.revision)
    statement = _JOINED.where(*where, F.id > after).order_by(F.id)
    return tx.execute(statement.limit(limit)).all()


def page_latest(
    tx: Session,
    where: ColumnElement[bool],
    *,
    sort: Sequence[tuple[str, bool]],
    offset: int,
    limit: int,
) -> tuple[Sequence[Row[Any]], int]:
    """A page of the latest revisions, and how many there are."""
    wanted = and_(F.deleted.is_(False), where)
    order = [(desc if down else asc)(SORTABLE[name]) for name, down in sort]
    order += [asc(F.namespace), asc(F.id)]
    statement = _JOINED.where(wanted, R.revision == F.revision).order_by(*order)
    rows = tx.execute(statement.offset(offset).limit(limit)).all()
    total = tx.execute(select(func.count()).select_from(flows).where(wanted)).scalar_one()
    return rows, int(total)


def list_namespaces(tx: Session) -> Sequence[str]:
    """Namespaces that hold a flow."""
    statement = select(F.namespace).where(F.deleted.is_(False)).distinct().order_by(F.namespace)
    return list(tx.execute(statement).scalars())


def list_hashes(tx: Session, namespace: str) -> list[tuple[str, str]]:
    """Id and document hash of every flow of a namespace that is not deleted."""
    where = and_(F.namespace == namespace, F.deleted.is_(False), R.revision == F.revision)
    joined = select(R.id, R.hash).join(flows, and_(F.namespace == R.namespace, F.id == R.id))
    return [(row.id, row.hash) for row in tx.execute(joined.where(where))]
