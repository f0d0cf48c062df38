"""Pages of what people look at in the Git area: sources, bindings, inventory, syncs, deliveries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, and_, func, or_, select, true
from sqlalchemy.sql.elements import ColumnElement

from app.database.schema_git import (
    git_bindings,
    git_changes,
    git_deliveries,
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


def sources(tx: Session, wanted: Wanted) -> Found:
    """Sources by name."""
    S = git_sources.c
    where = _has(wanted.q, S.name, S.url)
    return _page(tx, select(git_sources).where(where).order_by(S.name), wanted)


def bindings(tx: Session, wanted: Wanted) -> Found:
    """Bindings by name, in the order of their states where `state` narrows them."""
    B = git_bindings.c
    where = and_(_has(wanted.q, B.name, B.namespace, B.path), _is(wanted.state, B.sync_state))
    return _page(tx, select(git_bindings).where(where).order_by(B.name), wanted)


def resources(tx: Session, binding_id: str, wanted: Wanted) -> Found:
    """What a binding owns, by kind and key."""
    R = git_resources.c
    where = and_(
        R.binding_id == binding_id,
        _has(wanted.q, R.key, R.path),
        _is(wanted.state, R.state),
        _is(wanted.kind, R.kind),
    )
    return _page(tx, select(git_resources).where(where).order_by(R.kind, R.key), wanted)


def history(tx: Session, binding_id: str, wanted: Wanted) -> Found:
    """A binding's syncs, the newest first; plans are left out."""
    Y = git_syncs.c
    where = and_(Y.binding_id == binding_id, Y.is_plan.is_(False), _is(wanted.state, Y.status))
    order = (Y.created_at.desc(), Y.id)
    return _page(tx, select(git_syncs).where(where).order_by(*order), wanted)


def deliveries(tx: Session, wanted: Wanted) -> Found:
    """Deliveries, the newest first."""
    D = git_deliveries.c
    order = (D.received_at.desc(), D.delivery_id)
    return _page(tx, select(git_deliveries).order_by(*order), wanted)


def changes(tx: Session, binding_id: str | None, wanted: Wanted) -> Found:
    """Proposed changes, the newest first."""
    G = git_changes.c
    where = G.binding_id == binding_id if binding_id is not None else true()
    order = (G.created_at.desc(), G.id)
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
