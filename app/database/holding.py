"""An attempt's beginning and its end: the two guarded writes of the process that holds it.

Both are put off (`batch`): the transaction is overtaken when its turn comes and the guard is lost.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, bindparam, func, or_, type_coerce, update

from app.database.batch import later
from app.database.executions import history_line
from app.database.fixed import Fixed
from app.database.schema import task_runs
from app.database.session import Session
from app.database.types import DatabaseNow, Moment
from app.model.state import CLAIMABLE, State

T = task_runs.c
_CLAIMABLE = [state.value for state in CLAIMABLE]

lease_end = func.coalesce(
    bindparam("lease_at_", type_=Moment()),
    type_coerce(DatabaseNow() + bindparam("lease_us_", type_=BigInteger()), Moment()),
)
_CLAIM = Fixed(
    update(task_runs)
    .where(
        T.id == bindparam("id_"),
        or_(*(T.state == state for state in _CLAIMABLE)),
        T.attempt == bindparam("before_"),
    )
    .values(
        state=State.RUNNING.value,
        attempt=T.attempt + 1,
        owner=bindparam("owner_"),
        lease_until=lease_end,
        publish_due=None,
        histories=T.histories + bindparam("line_"),
        first_start=func.coalesce(T.first_start, bindparam("at_", type_=Moment())),
    )
)


def claim(
    tx: Session,
    task_run_id: str,
    attempt: int,
    owner: str,
    lease: tuple[datetime | None, int],
    at: datetime,
) -> None:
    """Attempt number `attempt` begins; overtaken unless the run is claimable and waits for it."""
    values = {
        "id_": task_run_id,
        "before_": attempt - 1,
        "owner_": owner,
        "lease_at_": lease[0],
        "lease_us_": lease[1],
        "line_": history_line(State.RUNNING, at),
        "at_": at,
    }
    later(tx, _CLAIM, values, must=True)


_END_RUN = (
    update(task_runs)
    .where(
        T.id == bindparam("id_"),
        T.attempt == bindparam("attempt_"),
        T.owner == bindparam("owner_"),
        T.state == State.RUNNING.value,
    )
    .values(
        state=bindparam("state_"),
        owner=None,
        lease_until=None,
        publish_due=None,
        ended_at=bindparam("ended_"),
        histories=T.histories + bindparam("line_"),
        tries=bindparam("tries_"),
        lost=0,
    )
)
_OUTPUTS: dict[str, Any] = {
    "outputs": bindparam("outputs_"),
    "outputs_uri": bindparam("outputs_uri_"),
}
_END_PLAIN, _END_WITH_OUTPUTS = Fixed(_END_RUN), Fixed(_END_RUN.values(_OUTPUTS))


def end_run(
    tx: Session,
    fence: tuple[str, int, str],
    state: State,
    at: datetime,
    tries: int,
    outputs: tuple[Any, str | None] | None = None,
) -> None:
    """An attempt (task run, number, owner) ends; overtaken if it is no longer the owner's."""
    values = {
        "id_": fence[0],
        "attempt_": fence[1],
        "owner_": fence[2],
        "state_": state.value,
        "ended_": at if state.is_terminated else None,
        "line_": history_line(state, at),
        "tries_": tries,
    }
    if outputs is None:
        later(tx, _END_PLAIN, values, must=True)
        return
    values |= {"outputs_": outputs[0], "outputs_uri_": outputs[1]}
    later(tx, _END_WITH_OUTPUTS, values, must=True)
