"""Pages of what people look at in the Git area: sources, bindings, inventory, syncs, deliveries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, and_, case, func, or_, select, true
from sqlalchemy.sql.elements import ColumnElement

from app.database.ordering import Sort, ordered
from app.database.schema_git import (
    git_bindings,
    git_changes,
    git_deliveries,
    git_outbox,
    git_resources,
    git_sources,
    git_syncs,
)
from app.database.session import Session

Found = tuple[Sequence[Row[Any]], int]  #: the rows of the page, and how many there are in all


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which page, and what narrows it; empty parts do not narrow."""

    page: int = 1
    size: int = 100
    q: str = ""  #: part of the name, key or path, in any case
    state: str = ""
    kind: str = ""
    sort: Sort = ()  #: fields as they are on the wire, before the list's own order


def sources(tx: Session, wanted: Wanted) -> Found:
    """Sources by name."""
    S = git_sources.c
    where = _has(wanted.q, S.name, S.url)
    fields = {"id": S.id, "name": S.name, "url": S.url, "ref": S.ref, "fetchedAt": S.fetched_at}
    order = ordered(wanted.sort, fields, S.name)
    return _page(tx, select(git_sources).where(where).order_by(*order), wanted)


def bindings(tx: Session, wanted: Wanted) -> Found:
    """Bindings by name, in the order of their states where `state` narrows them."""
    B = git_bindings.c
    where = and_(_has(wanted.q, B.name, B.namespace, B.path), _is(wanted.state, B.sync_state))
    fields = {"id": B.id, "name": B.name, "namespace": B.namespace, "path": B.path}
    fields |= {"sync": B.sync_state, "health": B.health, "syncedAt": B.synced_at}
    order = ordered(wanted.sort, fields, B.name)
    return _page(tx, select(git_bindings).where(where).order_by(*order), wanted)


def resources(tx: Session, binding_id: str, wanted: Wanted) -> Found:
    """What a binding owns, by kind and key."""
    R = git_resources.c
    where = and_(
        R.binding_id == binding_id,
        _has(wanted.q, R.key, R.path),
        _is(wanted.state, R.state),
        _is(wanted.kind, R.kind),
    )
    fields = {"kind": R.kind, "key": R.key, "path": R.path, "state": R.state}
    order = ordered(wanted.sort, fields, R.kind, R.key)
    return _page(tx, select(git_resources).where(where).order_by(*order), wanted)


def history(tx: Session, binding_id: str, wanted: Wanted) -> Found:
    """A binding's syncs, the newest first; plans are left out."""
    Y = git_syncs.c
    where = and_(Y.binding_id == binding_id, Y.is_plan.is_(False), _is(wanted.state, Y.status))
    fields = {"id": Y.id, "status": Y.status, "actor": Y.actor}
    fields |= {"createdAt": Y.created_at, "endedAt": Y.ended_at}
    order = ordered(wanted.sort, fields, Y.created_at.desc(), Y.id)
    return _page(tx, select(git_syncs).where(where).order_by(*order), wanted)


def deliveries(tx: Session, wanted: Wanted) -> Found:
    """Deliveries without headers and bodies, the newest first; `state` is ACCEPTED or REFUSED."""
    D = git_deliveries.c
    columns = [column for column in D if column.name not in ("headers", "body")]
    state = case((D.refused.is_(None), "ACCEPTED"), else_="REFUSED")
    fields = {"deliveryId": D.delivery_id, "endpointId": D.endpoint_id, "provider": D.provider}
    fields |= {"event": D.event, "receivedAt": D.received_at}
    order = ordered(wanted.sort, fields, D.received_at.desc(), D.delivery_id, D.endpoint_id)
    listed = select(*columns).where(_is(wanted.state, state)).order_by(*order)
    return _page(tx, listed, wanted)


def applied(tx: Session, shas: Collection[str]) -> Sequence[Row[Any]]:
    """For each source and commit of some: when a sync had applied it first."""
    Y = git_syncs.c
    ended = func.min(Y.ended_at).label("ended_at")
    statement: Select[Any] = (
        select(git_sources.c.name, Y.to_sha, ended)
        .join(git_sources, git_sources.c.id == Y.source_id)
        .where(Y.to_sha.in_(shas), Y.status == "SUCCEEDED", Y.is_plan.is_(False))
        .group_by(git_sources.c.name, Y.to_sha)
    )
    return tx.execute(statement).all()


def events(tx: Session, wanted: Wanted) -> Found:
    """What was told to the outside, or is to be, the newest first."""
    X = git_outbox.c
    fields = {"key": X.key, "kind": X.kind, "attempts": X.attempts}
    fields |= {"sentAt": X.sent_at, "createdAt": X.created_at}
    order = ordered(wanted.sort, fields, X.created_at.desc(), X.key)
    return _page(tx, select(git_outbox).order_by(*order), wanted)


def changes(tx: Session, binding_id: str | None, wanted: Wanted) -> Found:
    """Proposed changes, the newest first."""
    G = git_changes.c
    where = G.binding_id == binding_id if binding_id is not None else true()
    fields = {"id": G.id, "title": G.title, "branch": G.branch, "actor": G.actor}
    fields |= {"createdAt": G.created_at}
    order = ordered(wanted.sort, fields, G.created_at.desc(), G.id)
    return _page(tx, select(git_changes).where(where).order_by(*order), wanted)


def _page(tx: Session, statement: Select[Any], wanted: Wanted) -> Found:
    total = tx.execute(select(func.count()).select_from(statement.order_by(None).subquery()))
    offset = (wanted.page - 1) * wanted.size
    rows = tx.execute(statement.offset(offset).limit(wanted.size)).all()
    return rows, int(total.scalar_one())


def _is(value: str, column: ColumnElement[Any]) -> ColumnElement[bool]:
    return column == value if value else true()


def _has(text: str, *columns: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether one of the columns holds the text, whose `%` and `_` are plain characters."""
    if not text:
        return true()
    return or_(*(column.icontains(text, autoescape=True) for column in columns))
