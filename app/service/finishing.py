"""How an execution ends: its final state, its outputs, its afterExecution tasks, who is told."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from app.database import executions, steps, timers, triggers
from app.database.session import Session
from app.engine.index import ROOT, FlowIndex
from app.model.state import Gate, State
from app.service import flows
from app.service.progress import Mover
from app.service.runtime import Runtime
from app.service.work import Progress, Step


def ends_execution(step: Step, state: State) -> bool:
    """Whether this is the last step of a plain flow, whose end can be written with it."""
    flow = step.index.flow
    return (
        step.place.scope_task == ROOT
        and step.place.block == "main"
        and state in (State.SUCCESS, State.WARNING)
        and step.pos + 1 == len(step.place.steps)
        and not (flow.outputs or flow.finally_ or flow.after_execution)
    )


def finish_in(mover: Mover, execution: Row[Any]) -> None:
    """Ends an execution within the transaction that ended its last step (strong lock held)."""
    root = steps.run(mover.tx, execution.root)
    if root is None or not State(root.state).is_terminated:
        return
    _close(mover, execution, State(root.state), None)
    mover.progress.finish.clear()


def end_in(mover: Mover, execution: Row[Any], state: State) -> None:
    """Ends an execution that an Exit leaves (strong lock held): without outputs and `finally`."""
    _close(mover, execution, state, None)
    mover.progress.finish.clear()


def _close(
    mover: Mover,
    execution: Row[Any],
    state: State,
    outputs: Mapping[str, Any] | None,
) -> None:
    """The final state: afterExecution tasks begin, or the gate closes for good."""
    tx, now = mover.tx, mover.now
    timers.drop(tx, execution_id=execution.id)
    values: dict[str, Any] = {"ended_at": now, "end_state": None}
    values["duration_us"] = (now - execution.created_at) // timedelta(microseconds=1)
    if outputs is not None:
        values["outputs"] = dict(outputs)
    after = mover.index.steps(ROOT, "after", 0, {})
    is_after = bool(after) and execution.gate != Gate.AFTER
    gate = Gate.AFTER if is_after else Gate.ENDED
    executions.move(tx, execution.id, state=state, gate=gate, at=now, **values)
    if is_awaited(tx, execution, mover.index):
        mover.progress.notes.append(timers.add(tx, "ended", execution.id, execution.epoch, now))
    mover.progress.ended.append(execution.id)
    if is_after:
        mover.gate = Gate.AFTER
        steps.write(
            tx,
            steps.T.id == execution.root,
            state=State.RUNNING,
            phase="after",
            total=1,
            next=0,
            open=0,
            worst=0,
        )
        mover.fill(execution.root)


def is_awaited(tx: Session, execution: Row[Any], index: FlowIndex) -> bool:
    """Whether anything outside the execution wants to hear of its end."""
    return (
        execution.caller_run is not None
        or execution.trigger_id is not None
        or index.flow.concurrency is not None
        or triggers.has_flow_triggers(tx)
    )


OutputsOf = Callable[[Runtime, Row[Any], State], tuple[State, Mapping[str, Any] | None]]


def finish(rt: Runtime, execution_id: str, outputs_of: OutputsOf) -> Progress | None:
    """Ends an execution whose root has ended, or whose kill has left nothing running.

    `outputs_of` renders the flow's outputs, outside the transaction.
    """
    with rt.database.reading() as tx:
        seen = executions.find(tx, execution_id)
        root = steps.run(tx, seen.root) if seen is not None else None
    if seen is None or root is None or seen.gate in (Gate.ENDED, Gate.QUEUED, Gate.WAITING):
        return None
    index = flows.index_of(rt, seen)
    state, outputs = State(root.state), None
    if state.is_terminated and seen.gate in (Gate.OPEN, Gate.PAUSED) and index.flow.outputs:
        state, outputs = outputs_of(rt, seen, state)
    with rt.database.transaction() as tx:
        execution = executions.hold(tx, execution_id)
        if execution is None or execution.epoch != seen.epoch:
            return None
        mover = Mover(tx, rt, execution, index)
        _finish(mover, execution, state, outputs)
        return mover.progress


def _finish(
    mover: Mover, execution: Row[Any], state: State, outputs: Mapping[str, Any] | None
) -> None:
    tx = mover.tx
    root = steps.run(tx, execution.root)
    if execution.gate == Gate.KILLING:
        if steps.is_held(tx, execution.id):
            return
        end = State(execution.end_state or State.KILLED)
        rest = State.RETRIED if end is State.RETRIED else State.KILLED
        steps.kill_rest(tx, execution.id, mover.now, rest)
        _close(mover, execution, State(execution.end_state or State.KILLED), None)
    elif root is None or not State(root.state).is_terminated:
        return
    elif execution.gate == Gate.AFTER:
        timers.drop(tx, execution_id=execution.id)
        executions.write(tx, execution.id, gate=Gate.ENDED)
        mover.progress.ended.append(execution.id)
    elif execution.gate in (Gate.OPEN, Gate.PAUSED):
        _close(mover, execution, state, outputs)
