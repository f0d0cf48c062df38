"""Texts that change when what a page shows does: cheap to ask for, said to nobody."""

import hashlib
from typing import Any

from sqlalchemy import Select, func, select

from app.database.schema import executions, logs
from app.database.schema_git import git_bindings, git_changes, git_deliveries, git_sources
from app.database.session import Session

E, S, B = executions.c, git_sources.c, git_bindings.c
MOST_LIVE = 500  #: of so many live executions some change all the time

_LIVE = select(E.histories).where(E.gate != "ENDED").limit(MOST_LIVE).subquery()
_STATES = select(func.count(), func.sum(func.length(_LIVE.c.histories))).select_from(_LIVE)
_NEWEST = select(E.id).order_by(E.created_at.desc(), E.id.desc()).limit(1)


def of_executions(tx: Session) -> tuple[str, bool]:
    """Of the list of executions; with it whether more are live than it looks at."""
    live, length = tx.execute(_STATES).one()
    newest = tx.execute(_NEWEST).scalar()
    return f"{newest} {live} {length}", live >= MOST_LIVE


def of_log(tx: Session, execution_id: str) -> str:
    """Of the lines of one execution."""
    statement = select(func.max(logs.c.n)).where(logs.c.execution_id == execution_id)
    return str(tx.execute(statement).scalar())


def of_git(tx: Session) -> str:
    """Of sources, bindings, deliveries and proposed changes."""
    asked: tuple[Select[*tuple[Any, ...]], ...] = (
        select(S.id, S.seen_sha, S.applied_sha, S.requested, S.handled, S.suspended).order_by(S.id),
        select(S.id, S.fetched_at, S.last_error).order_by(S.id),
        select(B.id, B.sync_state, B.health, B.desired_sha, B.applied_sha).order_by(B.id),
        select(B.id, B.suspended, B.synced_at, B.pin).order_by(B.id),
        select(func.max(git_deliveries.c.received_at)),
        select(func.count(), func.max(git_changes.c.created_at)),
    )
    found = [[tuple(row) for row in tx.execute(statement)] for statement in asked]
    return hashlib.sha256(repr(found).encode()).hexdigest()
