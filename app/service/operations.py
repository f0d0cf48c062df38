"""What a user does to an execution: pause, resume, kill, force-run, labels, delete.

Each takes the strong lock first, so it is alone in the execution (engine rules, transaction 1).
Restart and replay are in `reopen.py`.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from app.database import executions, purge, steps, timers
from app.engine.flowable.pause import Pause
from app.errors import Conflict, Invalid
from app.model.label import SYSTEM_PREFIX, merge_labels
from app.model.state import Gate, State
from app.service.flows import index_of
from app.service.progress import Mover
from app.service.runtime import Runtime
from app.service.settle import settle
from app.service.transitions import (
    ExecutionNotFound,
    admit,
    end_now,
    held,
    kill_in,
    open_gate,
    resume_run,
)
from app.storage.paths import execution_folder


def pause(rt: Runtime, execution_id: str) -> None:
    """Nothing new starts until a resume; what runs goes on. Raises Conflict unless RUNNING."""
    with rt.database.transaction() as tx:
        mover = held(tx, rt, execution_id)
        if mover.gate is not Gate.OPEN or mover.execution.state != State.RUNNING:
            raise Conflict(f"the execution is {mover.execution.state}, only RUNNING can be paused")
        executions.move(tx, execution_id, state=State.PAUSED, gate=Gate.PAUSED, at=mover.now)
        mover.note_state(State.PAUSED)
        steps.park(tx, execution_id)
    settle(rt, mover.progress)


def paused_run(rt: Runtime, execution_id: str) -> tuple[Row[Any], Row[Any] | None, Pause | None]:
    """The execution, its first PAUSED task run (None after a pause by hand) and the Pause task.

    Raises ExecutionNotFound; Conflict unless PAUSED.
    """
    with rt.database.reading() as tx:
        execution = executions.find(tx, execution_id)
        if execution is None:
            raise ExecutionNotFound(execution_id)
        if execution.gate != Gate.PAUSED:
            raise Conflict(f"the execution is {execution.state}, only PAUSED can be resumed")
        run = steps.first_in_state(tx, execution_id, State.PAUSED)
    task = index_of(rt, execution).tasks.get(run.task_id) if run is not None else None
    return execution, run, task if isinstance(task, Pause) else None


def resume(rt: Runtime, execution_id: str, outputs: Mapping[str, Any] | None = None) -> None:
    """Ends the first Pause (with what `onResume` asked for), or a pause by hand."""
    with rt.database.transaction() as tx:
        mover = held(tx, rt, execution_id)
        if mover.gate is not Gate.PAUSED:
            raise Conflict(f"the execution is {mover.execution.state}, only PAUSED can be resumed")
        run = steps.first_in_state(tx, execution_id, State.PAUSED)
        if run is None:
            open_gate(mover)
        else:
            resume_run(mover, run, State.SUCCESS, outputs)
    settle(rt, mover.progress)


def kill(
    rt: Runtime, execution_id: str, *, cascade: bool = True, end: State = State.KILLED
) -> None:
    """Asks everything of an execution to stop. Raises Conflict when it has ended already."""
    with rt.database.transaction() as tx:
        mover = held(tx, rt, execution_id)
        listening = mover.gate is Gate.AFTER and mover.execution.end_state
        leaving = mover.gate is Gate.KILLING and mover.execution.state != State.KILLING
        is_late = mover.gate in (Gate.ENDED, Gate.AFTER, Gate.KILLING)
        if is_late and not listening and not leaving:
            raise Conflict(f"the execution is {mover.execution.state} already")
        if listening:
            end = State(listening)  # its tasks have ended: only its listeners are stopped
        kill_in(mover, end, cascade=cascade)
    settle(rt, mover.progress)


def force_run(rt: Runtime, execution_id: str) -> None:
    """Starts a QUEUED or waiting execution at once, resumes a PAUSED one. Conflict when ended."""
    with rt.database.transaction() as tx:
        mover = held(tx, rt, execution_id)
        if mover.gate in (Gate.ENDED, Gate.AFTER, Gate.KILLING):
            raise Conflict(f"the execution is {mover.execution.state} already")
        gate = mover.gate
        if gate in (Gate.QUEUED, Gate.WAITING):
            admit(mover)
        elif gate is Gate.OPEN:
            if mover.execution.state == State.CREATED:
                executions.move(tx, execution_id, state=State.RUNNING, at=mover.now)
            for row in steps.parked(tx, execution_id, published=True):
                mover.progress.jobs.append(mover.job(mover.place(row), row.pos, row.attempt + 1))
    settle(rt, mover.progress)
    if gate is Gate.PAUSED:
        resume(rt, execution_id)


def unqueue(rt: Runtime, execution_id: str, state: State = State.RUNNING) -> None:
    """Takes an execution out of the queue: it begins, or ends in the state asked for."""
    with rt.database.transaction() as tx:
        mover = held(tx, rt, execution_id)
        if mover.gate is not Gate.QUEUED:
            raise Conflict(f"the execution is {mover.execution.state}, only QUEUED can be unqueued")
        if state is State.RUNNING:
            admit(mover)
        elif state.is_terminated:
            end_now(mover, state)
        else:
            raise Invalid(f"cannot unqueue to {state}")
    settle(rt, mover.progress)


def change_status(rt: Runtime, execution_id: str, state: State) -> None:
    """Overwrites the final state of an ended execution. Raises Conflict or Invalid."""
    if not state.is_terminated:
        raise Invalid(f"{state} is no end state")
    with rt.database.transaction() as tx:
        mover = held(tx, rt, execution_id)
        if mover.gate is not Gate.ENDED:
            raise Conflict(f"the execution is {mover.execution.state}, it has not ended")
        executions.move(tx, execution_id, state=state, at=mover.now)


def set_labels(
    rt: Runtime, execution_id: str, labels: Mapping[str, str], *, replace: bool = False
) -> None:
    """Merges labels into those of an ended execution, or replaces them but for those of the system.

    Raises Conflict while it runs, Invalid for `system.` labels.
    """
    check_labels(labels)
    with rt.database.transaction() as tx:
        mover = held(tx, rt, execution_id)
        if mover.gate is not Gate.ENDED:
            raise Conflict("labels can be changed once the execution has ended")
        own = mover.execution.labels
        if replace:
            own = {key: value for key, value in own.items() if key.startswith(SYSTEM_PREFIX)}
        merged = merge_labels(own, labels)
        executions.write(tx, execution_id, labels=merged)
        executions.write_labels(tx, execution_id, merged)


def check_labels(labels: Mapping[str, str]) -> None:
    """Raises Invalid for labels that only the product sets."""
    for key, value in labels.items():
        if key.startswith(SYSTEM_PREFIX):
            raise Invalid(
                f"System labels can only be set by Kestra itself, offending label: {key}={value}"
            )


def delete(
    rt: Runtime, execution_id: str, *, is_forced: bool = False, logs: bool = True,
    metrics: bool = True, storage: bool = True,
) -> None:  # fmt: skip
    """Removes an ended execution (any, when forced) with its logs, metrics and files."""
    with rt.database.transaction() as tx:
        mover = held(tx, rt, execution_id)
        if mover.gate is not Gate.ENDED and not is_forced:
            raise Conflict(f"the execution is {mover.execution.state}, it has not ended")
        namespace, flow_id = mover.execution.namespace, mover.execution.flow_id
        purge.execution(tx, execution_id, logs=logs, metrics=metrics)
        if mover.gate is not Gate.ENDED:
            place = f"{namespace}\n{flow_id}\n{execution_id}"
            mover.progress.notes.append(timers.add(tx, "slot", place, 0, mover.now))
        _tell_deleted(mover)
    settle(rt, mover.progress)
    if storage:
        rt.storage.delete_prefix(execution_folder(namespace, flow_id, execution_id))


def _tell_deleted(mover: Mover) -> None:
    """The task that waits for a deleted execution, or has not heard of its end yet, fails."""
    tx, child = mover.tx, mover.execution
    parent = executions.find(tx, child.caller_id) if child.caller_id is not None else None
    if parent is None or parent.gate == Gate.ENDED:
        return
    waiting = {"run": child.caller_run, "trigger": child.trigger}
    place: tuple[str, str, int] = ("deleted", child.id, child.caller_attempt)
    note = timers.add(tx, *place, mover.now, execution_id=parent.id, data=waiting)
    mover.progress.notes.append(note)
