"""Whether a flow's concurrency limit leaves room for one more execution.

The flow's row is locked before an execution's (engine rules, transaction 1), and stays so until the
caller's commit: two that ask at once are counted one after the other.
"""

from typing import Any

from sqlalchemy import Row

from app.database import executions, flows, logs, timers
from app.database.session import Session
from app.model.flow import ConcurrencyBehavior
from app.model.state import Gate, State
from app.service import starting, transitions
from app.service.flows import index_of
from app.service.progress import Mover
from app.service.runtime import Runtime
from app.service.work import Overtaken, Progress


def lock_flow(tx: Session, execution_id: str) -> Row[Any] | None:
    """The row of an execution's flow, alone; None for an execution or a flow that is unknown."""
    execution = executions.find(tx, execution_id)
    return flows.lock(tx, execution.namespace, execution.flow_id) if execution else None


def full(tx: Session, execution_id: str) -> ConcurrencyBehavior | None:
    """What the latest revision of an execution's flow does with one more; None while it has room.

    Call it before the execution's row is locked. None too for an execution that is unknown.
    """
    head = lock_flow(tx, execution_id)
    if head is None or not head.concurrency:
        return None
    if flows.count_live(tx, head.namespace, head.id) < head.concurrency["limit"]:
        return None
    return ConcurrencyBehavior(head.concurrency["behavior"])


def start_on_date(rt: Runtime, timer: Row[Any]) -> list[Progress]:
    """A schedule date has come: the execution begins, or meets the limit as a new one does."""
    with rt.database.transaction() as tx:
        behavior = full(tx, timer.execution_id)
        execution = executions.hold(tx, timer.execution_id)
        if not timers.take(tx, timer.id) or execution is None:
            raise Overtaken
        mover = Mover(tx, rt, execution, index_of(rt, execution))
        if mover.gate is not Gate.WAITING:
            return []
        if behavior is None:
            transitions.admit(mover)
        elif behavior is ConcurrencyBehavior.QUEUE:
            queued = State.QUEUED
            executions.move(tx, execution.id, state=queued, gate=Gate.QUEUED, at=mover.now)
            mover.note_state(State.QUEUED)
            mover.progress.notes += starting.watch(tx, mover.index, execution.id, mover.now)
        else:
            _turn_away(mover, behavior)
        return [mover.progress]


def _turn_away(mover: Mover, behavior: ConcurrencyBehavior) -> None:
    """It ends as one does that finds no slot at its birth."""
    tx, execution = mover.tx, mover.execution
    end = State.CANCELLED if behavior is ConcurrencyBehavior.CANCEL else State.FAILED
    transitions.end_now(mover, end)
    executions.write(tx, execution.id, error=starting.LIMIT_EXCEEDED)
    logs.add(tx, [starting.error_line(execution, mover.now, starting.LIMIT_EXCEEDED)])
