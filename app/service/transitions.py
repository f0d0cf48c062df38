"""Changes of an execution's gate within a transaction: open, kill, admit, resume.

The caller holds the strong lock; what follows the commit is in the mover's progress.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from app.database import attempts, executions, steps, timers
from app.database.session import Session
from app.engine.flowable.pause import Pause
from app.errors import NotFound
from app.model.state import Gate, State, severity
from app.service import kept, starting
from app.service.flows import index_of
from app.service.progress import Mover, allowed
from app.service.reopening import Reopening
from app.service.runtime import Runtime
from app.service.work import Overtaken

KILL_GRACE = timedelta(seconds=10)


class ExecutionNotFound(NotFound):
    """No execution with this id exists."""

    def __init__(self, execution_id: str) -> None:
        super().__init__(f"no execution {execution_id!r}")


def held(tx: Session, rt: Runtime, execution_id: str) -> Mover:
    """A mover that is alone in an execution. Raises ExecutionNotFound."""
    execution = executions.hold(tx, execution_id)
    if execution is None:
        raise ExecutionNotFound(execution_id)
    return Mover(tx, rt, execution, index_of(rt, execution))


def resume_run(
    mover: Mover, run: Row[Any], state: State, outputs: Mapping[str, Any] | None = None
) -> None:
    """A PAUSED task run ends in `state`, or goes on with the tasks or blocks of its Pause."""
    tx = mover.tx
    task = mover.index.tasks[run.task_id]
    assert isinstance(task, Pause)
    timers.drop(tx, target=run.id)
    opening = task.open(None)
    goes_on = opening.total > 0 and state is State.SUCCESS
    has_blocks = bool(task.errors or task.finally_)
    end = state if goes_on or has_blocks else allowed(task, state)
    where = {"id": run.id, "state": State.PAUSED}
    values = steps.ending(State.RUNNING if goes_on or has_blocks else end, mover.now)
    values |= kept.outputs(mover.rt, kept.folder_of(mover.execution), outputs or {})
    if has_blocks and not goes_on:
        values |= {"phase": "main", "total": 0, "next": 0, "open": 0, "result": None}
        values["worst"] = severity(state)
    if not steps.write(tx, where, **values):
        raise Overtaken
    attempts.end(tx, run.id, run.attempt, end, mover.now)
    if steps.first_in_state(tx, run.execution_id, State.PAUSED) is None:
        open_gate(mover)
    if goes_on:
        mover.open_scope(run.id, run.task_id, opening)
    elif has_blocks:
        scope = steps.run(tx, run.id)
        assert scope is not None
        mover.end_phase(scope)
    else:
        mover.after_end(run, end)


def open_gate(mover: Mover) -> None:
    """Steps may start again: what was parked is published."""
    tx, execution = mover.tx, mover.execution
    executions.move(tx, execution.id, state=State.RUNNING, gate=Gate.OPEN, at=mover.now)
    mover.note_state(State.RUNNING)
    mover.gate = Gate.OPEN
    due = mover.now + timedelta(seconds=mover.rt.settings.republish_s)
    for row in steps.parked(tx, execution.id):
        where, since = {"id": row.id}, {"runnable_at": mover.now}
        steps.write(tx, where, publish_due=due, incarnation=mover.incarnation, **since)
        mover.progress.jobs.append(mover.job(mover.place(row), row.pos, row.attempt + 1))
    for run in steps.unspawned(tx, execution.id):
        mover.note("spawn", run.id, run.next)


def kill_in(mover: Mover, end: State, *, cascade: bool = True) -> None:
    """Closes the gate for good; workers are told after the commit, and a timer makes sure."""
    tx, execution = mover.tx, mover.execution
    if end is State.RETRIED:
        executions.write(tx, execution.id, gate=Gate.KILLING, end_state=end)
    else:
        killing = State.KILLING
        executions.move(
            tx, execution.id, state=killing, gate=Gate.KILLING, at=mover.now, end_state=end
        )
        mover.note_state(State.KILLING)
    mover.gate = Gate.KILLING
    steps.kill_waiting(tx, execution.id, mover.now)
    timers.drop(tx, execution_id=execution.id)
    timers.add(
        tx,
        "kill",
        execution.id,
        execution.epoch,
        mover.now + KILL_GRACE,
        execution_id=execution.id,
    )
    if cascade:
        for child in executions.live_children(tx, execution.id):
            note = timers.add(tx, "kill_child", child, execution.epoch, mover.now)
            mover.progress.notes.append(note)
    mover.progress.killed.append(execution.id)
    mover.progress.finish.append(execution.id)


def admit(mover: Mover) -> None:
    """A QUEUED or WAITING execution begins, or goes on where a restart found no free slot."""
    tx, execution = mover.tx, mover.execution
    root = steps.run(tx, execution.root)
    if root is not None and root.phase is not None:
        Reopening(mover).replay()
        return
    timers.drop(tx, execution_id=execution.id, kind="start")
    if mover.gate is Gate.WAITING:
        mover.progress.notes += starting.watch(tx, mover.index, execution.id, mover.now)
    executions.move(tx, execution.id, state=State.RUNNING, gate=Gate.OPEN, at=mover.now)
    mover.note_state(State.RUNNING)
    begun = starting.begin(tx, mover.rt, mover.index, execution.id)
    mover.progress.take_on(begun)


def end_now(mover: Mover, state: State) -> None:
    """An execution that never began ends in `state`; whoever waits for it hears of that."""
    tx, execution, now = mover.tx, mover.execution, mover.now
    timers.drop(tx, execution_id=execution.id)
    spent = (now - execution.created_at) // timedelta(microseconds=1)
    executions.move(
        tx,
        execution.id,
        state=state,
        gate=Gate.ENDED,
        at=now,
        ended_at=now,
        duration_us=spent,
    )
    mover.progress.notes.append(timers.add(tx, "ended", execution.id, execution.epoch, now))
    mover.progress.ended.append(execution.id)
