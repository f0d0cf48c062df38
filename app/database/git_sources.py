"""Rows of Git sources: their settings, the work that is asked of them, the lease on that work."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Row,
    Select,
    Text,
    and_,
    bindparam,
    delete,
    exists,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from app.database.schema_git import (
    git_bindings,
    git_fires,
    git_outbox,
    git_promotions,
    git_pulls,
    git_resources,
    git_sources,
    git_syncs,
)
from app.database.session import Session
from app.database.types import DatabaseNow, Moment

S = git_sources.c


def add(tx: Session, values: Mapping[str, Any]) -> None:
    """A new source."""
    tx.execute(insert(git_sources), dict(values))


def find(tx: Session, source: str) -> Row[Any] | None:
    """A source by id or name."""
    where = or_(S.id == source, S.name == source)
    return tx.execute(select(git_sources).where(where)).first()


def list_all(tx: Session) -> Sequence[Row[Any]]:
    """Every source by name."""
    return tx.execute(select(git_sources).order_by(S.name)).all()


def with_key(tx: Session, keys: Sequence[str]) -> Sequence[Row[Any]]:
    """The sources of a repository."""
    return tx.execute(select(git_sources).where(S.url_key.in_(list(keys)))).all()


def write(tx: Session, source_id: str, **values: Any) -> None:
    """Changes settings or results."""
    tx.execute(update(git_sources).where(S.id == source_id).values(values))


def drop(tx: Session, source_id: str) -> None:
    """Forgets a source with its bindings, their inventory and history, and what was to be told."""
    bindings = select(git_bindings.c.id).where(git_bindings.c.source_id == source_id)
    tx.execute(delete(git_resources).where(git_resources.c.binding_id.in_(bindings)))
    tx.execute(delete(git_syncs).where(git_syncs.c.source_id == source_id))
    tx.execute(delete(git_fires).where(git_fires.c.source_id == source_id))
    unsent = and_(git_outbox.c.source_id == source_id, git_outbox.c.sent_at.is_(None))
    tx.execute(delete(git_outbox).where(unsent))
    tx.execute(delete(git_bindings).where(git_bindings.c.source_id == source_id))
    tx.execute(delete(git_sources).where(S.id == source_id))


# -- work


def request(tx: Session, source_id: str, now: datetime) -> None:
    """Asks for a look at the remote; whoever works on it sees the number move."""
    changes = {"requested": S.requested + 1, "requested_at": now}
    tx.execute(update(git_sources).where(S.id == source_id).values(changes))


def request_for_push(tx: Session, source_id: str, now: datetime) -> None:
    """As `request`, for a push that was heard of now; the first one that waits keeps its time."""
    request(tx, source_id, now)
    where = and_(S.id == source_id, S.pushed_at.is_(None))
    tx.execute(update(git_sources).where(where).values(pushed_at=now))


def list_due(tx: Session, now: datetime) -> Sequence[Row[Any]]:
    """Sources whose poll is due."""
    where = and_(S.suspended.is_(False), S.next_poll_at <= now)
    return tx.execute(select(git_sources).where(where).limit(100)).all()


def poll(tx: Session, row: Row[Any], following: datetime, now: datetime) -> bool:
    """Takes the poll that is due; False when another beat has taken it."""
    where = and_(S.id == row.id, S.next_poll_at == row.next_poll_at)
    changes = {"next_poll_at": following, "requested": S.requested + 1, "requested_at": now}
    return tx.execute(update(git_sources).where(where).values(changes)).rowcount == 1


def list_forgotten(tx: Session, before: datetime) -> Sequence[Row[Any]]:
    """Sources whose request is older than `before` and that nobody works on."""
    where = and_(
        S.suspended.is_(False), S.requested > S.handled, S.requested_at <= before, _is_free()
    )
    return tx.execute(select(git_sources).where(where).limit(100)).all()


def list_to_compare(tx: Session, now: datetime) -> Sequence[str]:
    """Idle sources with a binding whose full comparison is due.

    One whose last look failed waits for its next poll, however long that is put off.
    """
    joined = select(S.id).join(git_bindings, git_bindings.c.source_id == S.id)
    is_active = and_(S.suspended.is_(False), git_bindings.c.suspended.is_(False))
    is_idle = and_(S.requested <= S.handled, S.last_error.is_(None))
    where = and_(git_bindings.c.compare_at <= now, is_active, is_idle)
    return list(tx.execute(joined.where(where).distinct()).scalars())


def _is_free() -> ColumnElement[bool]:
    return or_(S.lease_until.is_(None), S.lease_until < DatabaseNow())


def take(tx: Session, source_id: str, owner: str, until: Any) -> Row[Any] | None:
    """Takes the lease; the source, None while another holds it."""
    where = and_(S.id == source_id, S.suspended.is_(False), _is_free())
    changes = {"lease_owner": owner, "lease_until": until}
    statement = update(git_sources).where(where).values(changes).returning(git_sources)
    return tx.execute(statement).first()


def hold(tx: Session, source_id: str, owner: str, until: Any) -> bool:
    """Moves the lease's end forward, and locks the row: a change made beside it is still ours.

    False when the lease was lost.
    """
    where = and_(S.id == source_id, S.lease_owner == owner)
    return tx.execute(update(git_sources).where(where).values(lease_until=until)).rowcount == 1


def owns(tx: Session, source_id: str, owner: str) -> bool:
    """Whether the lease is still ours; locks the row."""
    where = and_(S.id == source_id, S.lease_owner == owner)
    return tx.execute(update(git_sources).where(where).values(lease_owner=owner)).rowcount == 1


def release(tx: Session, source_id: str, owner: str, seen: int, **values: Any) -> bool:
    """Ends the work, unless more was asked for since `seen`: then False, and the lease stays."""
    where = and_(S.id == source_id, S.lease_owner == owner, S.requested == seen)
    changes = {"lease_owner": None, "lease_until": None, "handled": seen, **values}
    return tx.execute(update(git_sources).where(where).values(changes)).rowcount == 1


def leave(tx: Session, source_id: str, owner: str, seen: int, **values: Any) -> bool:
    """Ends the work although more was asked for since `seen`; False when the lease was lost."""
    where = and_(S.id == source_id, S.lease_owner == owner)
    changes = {"lease_owner": None, "lease_until": None, "handled": seen, **values}
    return tx.execute(update(git_sources).where(where).values(changes)).rowcount == 1


def give_back(tx: Session, source_id: str, owner: str) -> None:
    """Gives the lease back with the work undone: what was asked for is still asked for."""
    where = and_(S.id == source_id, S.lease_owner == owner)
    tx.execute(update(git_sources).where(where).values(lease_owner=None, lease_until=None))


def _more() -> Select[Any]:
    asked, pulls, told = git_syncs.c, git_pulls.c, git_outbox.c
    source = bindparam("source", type_=Text())
    now = bindparam("now", type_=Moment())
    is_approved = and_(asked.status == "AWAITING_APPROVAL", asked.approved_by.is_not(None))
    unplanned = or_(pulls.is_open.is_(False), pulls.planned_sha.is_distinct_from(pulls.sha))
    mine = and_(pulls.binding_id == git_bindings.c.id, git_bindings.c.source_id == source)
    stage_of_mine = and_(
        git_promotions.c.stage == git_bindings.c.name, git_bindings.c.source_id == source
    )
    is_due = and_(told.source_id == source, told.sent_at.is_(None), told.due_at <= now)
    return select(
        or_(
            exists().where(asked.source_id == source, or_(asked.status == "PENDING", is_approved)),
            exists().where(mine, unplanned),
            exists().where(git_promotions.c.status == "READY", stage_of_mine),
            exists().where(is_due),
        )
    )


_MORE = _more()  #: made once: every poll asks it


def has_more(tx: Session, source_id: str, now: datetime) -> bool:
    """Whether anything but a new commit asks for work: a request, an approval, a pull request, a
    promotion, a message."""
    return bool(tx.execute(_MORE, {"source": source_id, "now": now}).scalar())


def fire(tx: Session, key: Mapping[str, Any]) -> bool:
    """Notes that a commit starts a trigger; False when it did already."""
    columns = [git_fires.c[name] == value for name, value in key.items() if name != "execution_id"]
    if tx.execute(select(git_fires.c.execution_id).where(and_(*columns))).first():
        return False
    tx.execute(insert(git_fires), dict(key))
    return True
