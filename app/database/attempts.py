"""Rows of attempts: one for each try at a task run."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from app.database.batch import insert_later, insert_many_later, later
from app.database.executions import history_line
from app.database.fixed import Fixed
from app.database.schema import attempts
from app.database.session import Session
from app.model.state import State


def add(
    tx: Session, task_run_id: str, n: int, execution_id: str, owner: str | None, at: datetime
) -> None:
    """The record of an attempt that starts now."""
    lines = history_line(State.CREATED, at) + history_line(State.RUNNING, at)
    values = {
        "task_run_id": task_run_id,
        "n": n,
        "execution_id": execution_id,
        "owner": owner,
        "state": State.RUNNING,
        "histories": lines,
    }
    insert_later(tx, attempts, values)


def add_ended(tx: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """The records of attempts that have ended already: task_run_id, execution_id, owner, state and
    histories of each; all of them are first attempts."""
    insert_many_later(tx, attempts, [{"n": 1, **row} for row in rows])


_END = Fixed(
    update(attempts)
    .where(
        attempts.c.task_run_id == bindparam("run"),
        attempts.c.n == bindparam("n_"),
        attempts.c.state == State.RUNNING,
    )
    .values(
        state=bindparam("state_"),
        reason=bindparam("reason_"),
        log_uri=bindparam("log_uri_"),
        histories=attempts.c.histories + bindparam("line"),
    )
)


def end(
    tx: Session,
    task_run_id: str,
    n: int,
    state: State,
    at: datetime,
    reason: str | None = None,
    log_uri: str | None = None,
) -> None:
    """Ends a running attempt."""
    values = {
        "run": task_run_id,
        "n_": n,
        "state_": state.value,
        "reason_": reason,
        "log_uri_": log_uri,
        "line": history_line(state, at),
    }
    later(tx, _END, values)


def last_end(tx: Session, task_run_id: str) -> State | None:
    """How the last attempt at a task run ended; None when there is none, or it runs."""
    wanted = select(attempts.c.state).where(attempts.c.task_run_id == task_run_id)
    found = tx.execute(wanted.order_by(attempts.c.n.desc()).limit(1)).scalar()
    return State(found) if found is not None and State(found).is_terminated else None
