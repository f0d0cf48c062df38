"""Rows of attempts: one for each try at a task run."""

from datetime import datetime

from sqlalchemy import bindparam, update

from app.database.batch import Fixed, insert_later, later
from app.database.executions import history_line
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
