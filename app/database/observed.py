"""What an operator watches, counted from the rows; each question is answered by an index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, select
from sqlalchemy.sql.elements import ColumnElement

from app.database.schema import executions, task_runs, timers
from app.database.schema_git import git_bindings, git_sources
from app.database.schema_instance import triggers
from app.database.session import Session
from app.model.state import CLAIMABLE, Gate, State

T = task_runs.c
_CLAIMABLE = [state.value for state in CLAIMABLE]


@dataclass(frozen=True)
class Waiting:
    """The claimable task runs of one queue."""

    count: int
    oldest: datetime  #: since when the one that waits longest may be claimed


def waiting_by_queue(tx: Session) -> dict[str, Waiting]:
    """The task runs that wait for a worker, by queue."""
    where = and_(T.publish_due.is_not(None), T.state.in_(_CLAIMABLE))
    since = func.min(func.coalesce(T.runnable_at, T.created_at))
    statement = select(T.queue, func.count(), since).where(where)
    found = tx.execute(statement.group_by(T.queue))
    return {queue: Waiting(count, oldest) for queue, count, oldest in found}


def running_by_queue(tx: Session) -> dict[str, int]:
    """The task runs that a worker holds, by queue."""
    where = and_(T.lease_until.is_not(None), T.state == State.RUNNING)
    found = tx.execute(select(T.queue, func.count()).where(where).group_by(T.queue))
    return {row[0]: row[1] for row in found}


def held(tx: Session, most: int) -> Sequence[Any]:
    """The task runs that workers hold, with their flow, the longest held first."""
    E = executions.c
    where = and_(T.lease_until.is_not(None), T.state == State.RUNNING)
    columns = (T.id, T.task_id, T.execution_id, T.owner, T.queue, T.attempt, T.created_at)
    statement = select(*columns, E.namespace, E.flow_id).join_from(
        task_runs, executions, E.id == T.execution_id
    )
    return tx.execute(statement.where(where).order_by(T.created_at).limit(most)).all()


def live_by_gate(tx: Session) -> dict[str, int]:
    """Executions that have not ended, by gate."""
    gate = executions.c.gate
    found = tx.execute(select(gate, func.count()).where(gate != Gate.ENDED).group_by(gate))
    return {row[0]: row[1] for row in found}


def overdue_timers(tx: Session, now: datetime) -> tuple[int, datetime | None]:
    """How many timers are due, and since when the oldest is."""
    statement = select(func.count(), func.min(timers.c.due)).where(timers.c.due <= now)
    count, oldest = tx.execute(statement).one()
    return count, oldest


def expired_leases(tx: Session, now: ColumnElement[datetime]) -> int:
    """Task runs whose worker has not renewed its lease in time."""
    where = and_(T.lease_until < now, T.state == State.RUNNING)
    return int(tx.execute(select(func.count()).where(where)).scalar_one())


def oldest_trigger_due(tx: Session, now: datetime) -> datetime | None:
    """Since when the trigger that is due longest has been due."""
    due = triggers.c.next_at
    return tx.execute(select(func.min(due)).where(due <= now)).scalar()


def sources(tx: Session) -> Sequence[Any]:
    """Name, last look, what was seen when, what is applied, failures in a row, by source.

    `is_following` is false where every binding is held back: pinned, suspended, a preview.
    """
    C, B = git_sources.c, git_bindings.c
    is_free = and_(B.suspended.is_(False), B.pin.is_(None), B.preview.is_(None))
    is_following = exists().where(B.source_id == C.id, is_free).label("is_following")
    columns = (C.name, C.fetched_at, C.seen_sha, C.seen_at, C.applied_sha, C.fail_count)
    return tx.execute(select(*columns, is_following).where(~C.suspended)).all()


def bindings_by_state(tx: Session) -> dict[str, int]:
    """Bindings of Git sources by their sync state."""
    state = git_bindings.c.sync_state
    found = tx.execute(select(state, func.count()).group_by(state))
    return {row[0]: row[1] for row in found}
