"""What cannot be processed is set aside with its reason, so that it stops nothing else (G13).

A row counts how often the engine failed on it. After three times its execution ends as FAILED: a
flow whose task type is gone, a row that a bug or a hand has spoiled. While the lease of a worker
lasts that may be frozen, nothing may take the place of what it runs: the end waits for it.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from app.database import due, executions, logs, steps, timers
from app.database.change import Where
from app.database.logs import LogLine, level_number
from app.database.session import Session
from app.errors import Unavailable
from app.model.state import Gate, State
from app.service.runtime import Runtime
from app.service.work import Overtaken, Progress

log = logging.getLogger(__name__)
MOST_TRIES = 3
MOST_WAITS = 20  #: tries of what needs a storage or a vault that is away: for more than an hour


def tries_for(error: Exception) -> int:
    """How often something is tried that fails so."""
    return MOST_WAITS if isinstance(error, Unavailable) else MOST_TRIES


def refuse(rt: Runtime, execution_id: str, where: Where, error: Exception) -> Progress | None:
    """Counts a failure on the task run that `where` names; the third one ends the execution."""
    with rt.database.transaction() as tx:
        execution = executions.hold(tx, execution_id)
        if execution is None or execution.gate == Gate.ENDED:
            return None
        if steps.refuse(tx, where) < MOST_TRIES:
            return None
        return _set_aside(tx, rt, execution, error)


def refuse_step(
    rt: Runtime, execution_id: str, sequence: str, pos: int, error: Exception
) -> Progress | None:
    """As `refuse`, for the step at (sequence, pos) that cannot be claimed."""
    where = {"sequence": sequence, "pos": pos, "gone": False}
    return refuse(rt, execution_id, where, error)


def set_aside(rt: Runtime, execution_id: str, error: Exception) -> Progress | None:
    """Ends an execution that cannot go on."""
    with rt.database.transaction() as tx:
        execution = executions.hold(tx, execution_id)
        if execution is None or execution.gate == Gate.ENDED:
            return None
        return _set_aside(tx, rt, execution, error)


def _set_aside(tx: Session, rt: Runtime, execution: Any, error: Exception) -> Progress | None:
    now = rt.clock()
    left = due.lease_left(tx, execution.id, rt.database.lease(timedelta(0))[0])
    if left and execution.gate == Gate.KILLING and execution.error:
        return None  # it is being set aside
    reason = f"set aside after {MOST_TRIES} tries: {type(error).__name__}: {error}"[:1000]
    log.error("execution %s is %s", execution.id, reason)
    logs.add(tx, [_line(execution, reason, now)])
    timers.drop(tx, execution_id=execution.id)
    if not left or State(execution.state).is_terminated:
        return _end(tx, execution, reason, now)
    closed = {"end_state": State.FAILED, "error": reason}
    state, gate = State.KILLING, Gate.KILLING
    executions.move(tx, execution.id, state=state, gate=gate, at=now, **closed)
    place = ("aside", execution.id, execution.epoch)
    timers.add(tx, *place, now + left, execution_id=execution.id)
    return Progress(killed=[execution.id])


def end_aside(rt: Runtime, timer: Row[Any]) -> list[Progress]:
    """The leases are over that an execution was set aside with: it ends.

    A worker that has renewed meanwhile was told of the end by its renewal.
    """
    with rt.database.transaction() as tx:
        execution = executions.hold(tx, timer.execution_id)
        if not timers.take(tx, timer.id) or execution is None or execution.gate != Gate.KILLING:
            raise Overtaken
        return [_end(tx, execution, execution.error, rt.clock())]


def _end(tx: Session, execution: Any, reason: str, now: datetime) -> Progress:
    steps.kill_rest(tx, execution.id, now, State.FAILED)
    timers.drop(tx, execution_id=execution.id)
    if State(execution.state).is_terminated:  # ended is ended: only what runs after it was left
        executions.write(tx, execution.id, gate=Gate.ENDED)
        return Progress(killed=[execution.id], ended=[execution.id])
    executions.move(
        tx,
        execution.id,
        state=State.FAILED,
        gate=Gate.ENDED,
        at=now,
        ended_at=now,
        end_state=None,
        duration_us=(now - execution.created_at) // timedelta(microseconds=1),
        error=reason,
    )
    note = timers.add(tx, "ended", execution.id, execution.epoch, now)
    return Progress(notes=[note], killed=[execution.id], ended=[execution.id])


def _line(execution: Any, reason: str, now: Any) -> LogLine:
    return LogLine(
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        execution_id=execution.id,
        task_id=None,
        task_run_id=None,
        attempt=None,
        seq=None,
        at=now,
        level=level_number("ERROR"),
        message=reason,
    )
