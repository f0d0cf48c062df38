"""How an execution ends: its final state, its outputs, its afterExecution tasks, who is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from app.database import executions, milestones, steps, timers, triggers
from app.database.session import Session
from app.engine.index import ROOT, FlowIndex
from app.model.label import merge_labels
from app.model.state import Gate, Severity, State, severity
from app.service import flows, listeners, sla
from app.service.kept import Column
from app.service.progress import Mover
from app.service.runtime import Runtime
from app.service.work import Overtaken, Place, Progress, Step


def ends_execution(step: Step, state: State) -> bool:
    """Whether this is the last step of a plain flow, whose end can be written with it."""
    flow = step.index.flow
    return (
        step.place.scope_task == ROOT
        and step.place.block == "main"
        and state in (State.SUCCESS, State.WARNING)
        and step.pos + 1 == len(step.place.steps)
        and not (flow.outputs or flow.finally_ or flow.after_execution)
        and not (flow.listeners or flow.sla)
    )


def finish_in(mover: Mover, execution: Row[Any]) -> None:
    """Ends an execution within the transaction that ended its last step (strong lock held)."""
    root = steps.run(mover.tx, execution.root)
    if root is None or not State(root.state).is_terminated:
        return
    _close(mover, execution, Ending(State(root.state)))
    mover.progress.finish.clear()


def end_plainly(mover: Mover, place: Place, pos: int, state: State) -> None:
    """The last step of a plain flow has ended, and with it everything; strong lock held.

    `mover.execution` is what `milestones.hold_to_end` gave.
    """
    worst = steps.end_sequence(mover.tx, place.sequence, pos, severity(state))
    if worst is None:
        raise Overtaken
    _end_plainly(mover, Severity(worst), is_awaited=mover.execution.awaited)


def end_cleanly(mover: Mover, place: Place, pos: int) -> None:
    """As `end_plainly`, of a flow all of whose steps ended well, after `hold_open_to_end`.

    The steps from `pos` to the last one have ended. It reads nothing: Overtaken if that is not so.
    """
    milestones.end_clean(mover.tx, place.sequence, pos, len(place.steps) - 1)
    _end_plainly(mover, Severity.SUCCESS, is_awaited=False)


def _end_plainly(mover: Mover, end: Severity, *, is_awaited: bool) -> None:
    execution, now = mover.execution, mover.now
    span = now - execution.created_at
    milestones.end(mover.tx, execution, end, now, span // timedelta(microseconds=1))
    if is_awaited or is_awaited_by_kin(execution, mover.index):
        note = timers.add(mover.tx, "ended", execution.id, execution.epoch, now)
        mover.progress.notes.append(note)
    mover.progress.ended.append(execution.id)
    mover.progress.outcomes.append(end.state.value)


@dataclass(frozen=True)
class Ending:
    """How an execution ends, as found before the transaction that ends it."""

    state: State
    outputs: Column = None
    after: tuple[int, ...] = ()  #: groups of tasks that run after the end
    labels: Mapping[str, str] | None = None


def _close(mover: Mover, execution: Row[Any], end: Ending) -> None:
    """The final state, then afterExecution; or listeners first, if there is nothing else."""
    tx = mover.tx
    timers.drop(tx, execution_id=execution.id)
    if end.labels:
        merged = merge_labels(execution.labels, end.labels)
        executions.write(tx, execution.id, labels=merged)
        executions.write_labels(tx, execution.id, merged)
    if end.outputs is not None:
        executions.write(tx, execution.id, outputs=end.outputs)
    if not end.after:
        _show(mover, execution, end.state, Gate.ENDED)
    elif 0 in end.after:
        _show(mover, execution, end.state, Gate.AFTER)
        _open_after(mover, execution, end)
    else:  # whoever waits for the end finds what the listeners did
        executions.write(tx, execution.id, gate=Gate.AFTER, end_state=end.state)
        _open_after(mover, execution, end)


def _show(mover: Mover, execution: Row[Any], state: State, gate: Gate) -> None:
    """Writes the final state and tells whoever waits for it."""
    tx, now = mover.tx, mover.now
    values: dict[str, Any] = {"ended_at": now, "end_state": None}
    values["duration_us"] = (now - execution.created_at) // timedelta(microseconds=1)
    executions.move(tx, execution.id, state=state, gate=gate, at=now, **values)
    if is_awaited(tx, execution, mover.index):
        mover.progress.notes.append(timers.add(tx, "ended", execution.id, execution.epoch, now))
    mover.progress.ended.append(execution.id)
    mover.progress.outcomes.append(state.value)


def _open_after(mover: Mover, execution: Row[Any], end: Ending) -> None:
    mover.gate = Gate.AFTER
    counters = {"total": len(end.after), "next": 0, "open": 0, "worst": 0}
    where = {"id": execution.root}
    outputs = {"after": list(end.after)}
    steps.write(mover.tx, where, state=State.RUNNING, phase="after", outputs=outputs, **counters)
    mover.fill(execution.root)


def is_awaited(tx: Session, execution: Row[Any], index: FlowIndex) -> bool:
    """Whether anything outside the execution wants to hear of its end."""
    return is_awaited_by_kin(execution, index) or triggers.has_flow_triggers(tx)


def is_awaited_by_kin(execution: Row[Any], index: FlowIndex) -> bool:
    """Whether its caller, its trigger or the next one of its flow wants to hear of its end."""
    return (
        execution.caller_run is not None
        or execution.trigger_id is not None
        or index.flow.concurrency is not None
    )


OutputsOf = Callable[[Runtime, Row[Any], State], tuple[State, Column]]


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
    end = _ending(rt, seen, root, index, outputs_of)
    with rt.database.transaction() as tx:
        execution = executions.hold(tx, execution_id)
        if execution is None or execution.epoch != seen.epoch or execution.gate != seen.gate:
            return None
        mover = Mover(tx, rt, execution, index)
        _finish(mover, execution, end)
        return mover.progress


def _ending(
    rt: Runtime, seen: Row[Any], root: Row[Any], index: FlowIndex, outputs_of: OutputsOf
) -> Ending:
    """What can be said of the end outside the transaction: whatever has to be rendered."""
    state = State(root.state)
    outputs: Column = None
    if seen.gate == Gate.KILLING:
        state = State(seen.end_state or State.KILLED)
        return Ending(state, after=tuple(listeners.after_end(rt, seen, index, state)))
    if not state.is_terminated or seen.gate not in (Gate.OPEN, Gate.PAUSED):
        return Ending(state)
    state, labels = sla.at_end(rt, seen, index, state)
    if index.flow.outputs:
        state, outputs = outputs_of(rt, seen, state)
    return Ending(state, outputs, tuple(listeners.after_end(rt, seen, index, state)), labels)


def _finish(mover: Mover, execution: Row[Any], end: Ending) -> None:
    tx = mover.tx
    root = steps.run(tx, execution.root)
    if execution.gate == Gate.KILLING:
        if steps.is_held(tx, execution.id):
            return
        rest = State.RETRIED if end.state is State.RETRIED else State.KILLED
        steps.kill_rest(tx, execution.id, mover.now, rest)
        _close(mover, execution, end)
    elif root is None or not State(root.state).is_terminated:
        return
    elif execution.gate == Gate.AFTER:
        timers.drop(tx, execution_id=execution.id)
        if execution.end_state is not None:
            _show(mover, execution, State(execution.end_state), Gate.ENDED)
        else:
            executions.write(tx, execution.id, gate=Gate.ENDED)
            mover.progress.ended.append(execution.id)
    elif execution.gate in (Gate.OPEN, Gate.PAUSED):
        _close(mover, execution, end)
