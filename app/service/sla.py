"""Promises about an execution (flow language 4.9): what breaks them, and what follows.

A MAX_DURATION has a timer from the execution's creation, or from its schedule date: waiting for a
slot counts, waiting for a date does not. Assertions are asked then too, when a step ends, and at
the end. The first broken promise acts; labels are set whatever its behaviour.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from app.database import attempts, executions, logs, steps, timers
from app.database.session import Session
from app.engine.index import FlowIndex
from app.errors import TrunklineError, Unavailable
from app.expression.evaluate import render_deep
from app.expression.values import is_truthy
from app.model.flow import Sla, SlaBehavior
from app.model.label import merge_labels, read_labels
from app.model.state import Gate, State
from app.service import flows, scope, transitions
from app.service.flow_outputs import world_of
from app.service.log_lines import error_line
from app.service.progress import Mover
from app.service.runtime import Runtime
from app.service.work import Overtaken, Progress

ENDS = {SlaBehavior.FAIL: State.FAILED, SlaBehavior.CANCEL: State.CANCELLED}


def handle(rt: Runtime, timer: Row[Any]) -> list[Progress]:
    """A timer of a duration is due, or a step has ended and assertions are to be asked."""
    with rt.database.reading() as tx:
        execution = executions.find(tx, timer.execution_id)
    broken = None
    if execution is not None:
        index = flows.index_of(rt, execution)
        broken = _assertion(rt, execution, index) if timer.guard < 0 else _by(index, timer.guard)
    with rt.database.transaction() as tx:
        held = executions.hold(tx, timer.execution_id)
        if not timers.take(tx, timer.id) or held is None:
            raise Overtaken
        mover = Mover(tx, rt, held, flows.index_of(rt, held))
        if broken is not None and mover.gate in (Gate.OPEN, Gate.PAUSED, Gate.QUEUED):
            _act(mover, broken)
        return [mover.progress]


def _by(index: FlowIndex, number: int) -> Sla | None:
    return index.flow.sla[number] if number < len(index.flow.sla) else None


def _assertion(rt: Runtime, execution: Row[Any], index: FlowIndex) -> Sla | None:
    """The first assertion that does not hold; one that cannot be rendered does not.

    Raises Unavailable when what one asks cannot be had now.
    """
    names = scope.of_execution(rt, execution, index)
    for promise in index.flow.sla:
        if promise.assert_ is None:
            continue
        try:
            if not is_truthy(render_deep(promise.assert_, names, world_of(rt, execution))):
                return promise
        except Unavailable:
            raise
        except TrunklineError:
            return promise
    return None


def at_end(
    rt: Runtime, execution: Row[Any], index: FlowIndex, state: State
) -> tuple[State, Mapping[str, str] | None]:
    """The final state and labels of an execution whose tasks have ended in `state`."""
    broken = _assertion(rt, execution, index) if index.has_assertions else None
    if broken is None:
        return state, None
    return ENDS.get(broken.behavior, state), read_labels(broken.labels)


def _act(mover: Mover, broken: Sla) -> None:
    tx, execution = mover.tx, mover.execution
    if labels := read_labels(broken.labels):
        merged = merge_labels(execution.labels, labels)
        executions.write(tx, execution.id, labels=merged)
        executions.write_labels(tx, execution.id, merged)
    end = ENDS.get(broken.behavior)
    if end is None:
        return
    logs.add(tx, [error_line(execution, None, mover.now, f"SLA '{broken.id}' was violated")])
    if end is State.FAILED:
        _fail_last(tx, mover)
    transitions.kill_in(mover, end, cascade=False)


def _fail_last(tx: Session, mover: Mover) -> None:
    """The last task run that has not ended fails, unless a worker holds it: that one is killed."""
    run = steps.last_open(tx, mover.execution.id)
    if run is not None and run.owner is None:
        where = {"id": run.id, "state": run.state}
        steps.write(tx, where, **steps.ending(State.FAILED, mover.now))
        attempts.end(tx, run.id, run.attempt, State.FAILED, mover.now)
