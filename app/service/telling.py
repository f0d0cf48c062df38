"""An execution's end is told to all who wait for it: its caller, Flow triggers, the next in line.

Each hears of it in a transaction of its own, and none of them is kept from it by another that
fails. What fails is tried again; at last the caller's task fails with the reason.
"""

import logging
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Row

from app.database import attempts, executions, flows, logs, steps, timers
from app.engine.flowable.for_each_item import BatchCalls
from app.engine.flowable.subflow import caller_state
from app.errors import DatabaseAway, TrunklineError, Unavailable
from app.model.state import Gate, State
from app.service import batches, flow_outputs, kept, listeners, poison, queueing, scope
from app.service.flow_outputs import Given
from app.service.flows import index_of
from app.service.log_lines import error_line
from app.service.progress import Mover, allowed
from app.service.runtime import Runtime
from app.service.steps import End, retry_later
from app.service.work import Overtaken, Progress

log = logging.getLogger(__name__)
Child = Row[Any] | SimpleNamespace


def ended(rt: Runtime, timer: Row[Any]) -> list[Progress]:
    """Tells whoever waits for an execution's end; who cannot be told does not stop the others."""
    with rt.database.reading() as tx:
        execution = executions.find(tx, timer.target)
    done: list[Progress] = []
    failed: dict[Any, Exception] = {}
    if execution is not None and execution.epoch == timer.guard:
        for tell in (_tell_caller, listeners.tell_end, _free_slot):
            try:
                done += tell(rt, execution)
            except DatabaseAway:
                raise
            except Exception as error:
                log.exception("the end of execution %s was not told to all", execution.id)
                failed[tell] = error
    is_last = timer.failures + 1 >= max(map(poison.tries_for, failed.values()), default=0)
    if is_last and _tell_caller in failed:
        done += _give_up(rt, execution, failed[_tell_caller])
    with rt.database.transaction() as tx:
        if failed and not is_last:
            timers.put_off(tx, timer.id, rt.clock(), timer.failures + 1)
        else:
            timers.take(tx, timer.id)
    return done


def _free_slot(rt: Runtime, execution: Row[Any]) -> list[Progress]:
    with rt.database.reading() as tx:
        if not flows.is_limited(tx, execution.namespace, execution.flow_id):
            return []
    return queueing.admit(rt, execution.namespace, execution.flow_id)


def _tell_caller(rt: Runtime, child: Row[Any]) -> list[Progress]:
    """The Subflow task that waits for this execution ends; not for one that another replaces."""
    is_replaced = child.state == State.RETRIED
    if child.caller_run is None or is_replaced or child.gate not in (Gate.ENDED, Gate.AFTER):
        return []
    try:
        given = flow_outputs.for_caller(rt, child)
        _keep_outputs(rt, child)
    except Unavailable:
        raise
    except (TrunklineError, ValueError, TypeError) as error:
        given = _without_outputs(child, f"Failed to extract outputs with the error: '{error}'")
    return _end_call(rt, child, given)


def _without_outputs(child: Child, error: str) -> Given:
    return Given(outputs={"executionId": child.id, "state": child.state}, error=error)


def _give_up(rt: Runtime, child: Any, error: Exception) -> list[Progress]:
    """The caller's task fails; its execution ends if not even that can be done."""
    reason = f"The end of execution {child.id} could not be told: {type(error).__name__}: {error}"
    try:
        return _end_call(rt, child, _without_outputs(child, reason[:1000]))
    except DatabaseAway:
        raise
    except Exception:
        log.exception("the caller of execution %s could not be ended", child.id)
        aside = poison.set_aside(rt, child.caller_id, error)
        return [aside] if aside is not None else []


def deleted(rt: Runtime, timer: Row[Any]) -> list[Progress]:
    """An execution that a task waited for was deleted: the task fails."""
    child = SimpleNamespace(
        id=timer.target, state=State.FAILED, trigger=timer.data["trigger"],
        caller_id=timer.execution_id, caller_run=timer.data["run"], caller_attempt=timer.guard,
    )  # fmt: skip
    reason = f"The execution {child.id} that it waited for was deleted"
    done = _end_call(rt, child, _without_outputs(child, reason))
    with rt.database.transaction() as tx:
        timers.take(tx, timer.id)
    return done


def _end_call(rt: Runtime, child: Child, given: Given) -> list[Progress]:
    """Nothing happens when the task no longer waits for this child."""
    try:
        with rt.database.transaction() as tx:
            parent = executions.share(tx, child.caller_id)
            row = steps.placed(tx, child.caller_run)
            if parent is None or row is None or row.gone:
                return []
            mover = Mover(tx, rt, parent, index_of(rt, parent))
            if given.error is not None and mover.gate is not Gate.KILLING:
                logs.add(tx, [error_line(parent, row, mover.now, given.error)])
            if isinstance(mover.index.tasks[row.task_id], BatchCalls):
                batches.count_end(mover, row, child, transmits=given.transmits)
            else:
                _end_caller(mover, row, child, given)
            return [mover.progress]
    except Overtaken:
        return []


def _keep_outputs(rt: Runtime, child: Row[Any]) -> None:
    with rt.database.reading() as tx:
        parent = executions.find(tx, child.caller_id)
        row = steps.run(tx, child.caller_run)
    if parent is None or row is None:
        return
    if isinstance(index_of(rt, parent).tasks[row.task_id], BatchCalls):
        batches.store_outputs(rt, parent, row, child)


def _end_caller(mover: Mover, row: Row[Any], child: Child, given: Given) -> None:
    where = steps.fenced(row.id, child.caller_attempt, None)
    columns: Mapping[str, Any] = kept.outputs(
        mover.rt, kept.folder_of(mover.execution), given.outputs
    )
    state = caller_state(State(child.state), transmits=given.transmits)
    if given.error is not None:
        state = State.FAILED
    if state is State.FAILED and mover.gate is not Gate.KILLING:
        step = scope.idle_step(mover.execution, mover.index, row)
        if row.state == State.RUNNING and retry_later(mover, step, End(state=state, **columns)):
            attempts.end(mover.tx, row.id, row.attempt, state, mover.now)
            return
    if mover.gate is Gate.KILLING:
        state = State.KILLED
    elif state is not State.KILLED:
        state = allowed(mover.index.tasks[row.task_id], state)
    values = steps.ending(state, mover.now, tries=row.tries + 1, **columns)
    if not steps.write(mover.tx, where, **values):
        raise Overtaken
    attempts.end(mover.tx, row.id, row.attempt, state, mover.now)
    if mover.gate is Gate.KILLING:
        mover.progress.finish.append(mover.execution.id)
    else:
        mover.end_step(mover.place(row), row.pos, state)
