"""A Subflow task starts its child and waits for it without a worker."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from app.database import executions, flows, steps, timers
from app.engine.flowable.subflow import Subflow
from app.engine.index import FlowIndex
from app.errors import Invalid, TrunklineError
from app.model.ids import new_id
from app.model.label import CORRELATION_ID, SYSTEM_PREFIX, read_labels
from app.model.moment import read_moment
from app.model.state import Gate, State
from app.service import checks, iteration_names, kept, scope, starting
from app.service import flows as flow_service
from app.service.admission import full
from app.service.flows import SavedFlow
from app.service.masking import Masks
from app.service.namespace_reach import Reach
from app.service.progress import Mover
from app.service.reopening import NoFreeSlot, NothingToRestart, Reopening
from app.service.runtime import Runtime
from app.service.starting import Birth, FlowDisabled
from app.service.steps import End, record
from app.service.work import Overtaken, Progress, Step


def call(rt: Runtime, step: Step, render: Callable[[Any], Any], masks: Masks) -> Progress | None:
    """Creates the child in the transaction that suspends the calling step.

    `masks` hears of the secrets that `render` reads: inputs that show one are stored encrypted.

    Raises NotFound for a missing flow, FlowDisabled, InvalidInputs: the task run fails.
    """
    task = step.task
    assert isinstance(task, Subflow)
    # a restart sets the tries back; its first attempt may have been lost or given back already
    is_restart = step.attempt > 1 and step.tries == 0
    if is_restart and task.restart_behavior == "RETRY_FAILED":
        child = _failed_child(rt, step)
        if child is not None:
            return _wait_for(rt, step, child)
    waits = is_true(render(task.wait))
    index, birth = prepare(rt, step, task, render, masks, waits=waits)
    return _begin(rt, step, index, birth, waits=waits)


def _failed_child(rt: Runtime, step: Step) -> str | None:
    """The execution that the step started before and that did not end well."""
    with rt.database.reading() as tx:
        run = steps.run(tx, step.task_run_id)
        child_id = kept.outputs_of(rt, run).get("executionId") if run is not None else None
        child = executions.find(tx, child_id) if child_id else None
        if child is not None and child.state == State.RETRIED:
            called = executions.called_by(tx, step.execution_id, step.task_run_id)
            child = next((one for one in reversed(called) if _replaces(one, child)), child)
    if child is None or child.caller_run != step.task_run_id or child.gate != Gate.ENDED:
        return None
    return str(child.id) if State(child.state).is_failed else None


def _replaces(one: Row[Any], child: Row[Any]) -> bool:
    return bool(one.original_id == child.original_id and one.state != State.RETRIED)


def _wait_for(rt: Runtime, step: Step, child: str) -> Progress | None:
    """The step waits again, and a note restarts its child in a transaction of the child's own."""
    try:
        with rt.database.transaction() as tx:
            execution = executions.share(tx, step.execution_id)
            if execution is None or execution.gate == Gate.KILLING:
                raise Overtaken
            mover = Mover(tx, rt, execution, step.index)
            fence = steps.fenced(step.task_run_id, step.attempt, step.owner)
            if not steps.write(tx, fence, owner=None, lease_until=None):
                raise Overtaken
            note_restart(mover, step, child)
    except Overtaken:
        return record(rt, step, End(state=State.KILLED), fuse=False)
    return mover.progress


def note_restart(mover: Mover, step: Step, child: str) -> None:
    """A child is restarted after the commit, unless the caller is killed first.

    The note is one of the caller's timers: a kill deletes them before it looks for live children,
    so it either undoes the restart or finds the child running.
    """
    place = ("restart_child", child, step.attempt)
    note = timers.add(mover.tx, *place, mover.now, execution_id=mover.execution.id)
    mover.progress.notes.append(note)


def restart_child(rt: Runtime, timer: Row[Any]) -> list[Progress]:
    """A child runs again what had failed, for the caller's new attempt."""
    with rt.database.transaction() as tx:
        limit = full(tx, timer.target)
        child = executions.hold(tx, timer.target)
        if not timers.take(tx, timer.id) or child is None:
            raise Overtaken
        executions.write(tx, child.id, caller_attempt=timer.guard)
        mover = Mover(tx, rt, child, flow_service.index_of(rt, child))
        if not State(child.state).is_terminated:
            return []
        try:
            with tx.begin_nested():
                Reopening(mover, full=limit).restart()
        except (NothingToRestart, NoFreeSlot):
            mover = Mover(tx, rt, child, mover.index)
            mover.progress.notes.append(timers.add(tx, "ended", child.id, child.epoch, mover.now))
        return [mover.progress]


def prepare(
    rt: Runtime,
    step: Step,
    task: Subflow,
    render: Callable[[Any], Any],
    masks: Masks,
    *,
    waits: bool,
) -> tuple[FlowIndex, Birth]:
    """The flow that a step calls, and the execution that it would start.

    Raises Invalid for a missing flow, Forbidden, FlowDisabled, InvalidInputs, Blocked.
    """
    namespace, flow_id = str(render(task.namespace)), str(render(task.flow_id))
    Reach(rt, step.execution.namespace).check_start(namespace)
    revision = render(task.revision)
    try:
        saved = flow_service.get(rt, namespace, flow_id, int(revision) if revision else None)
    except TrunklineError:
        at = f" with revision '{revision}'" if revision else ""
        raise Invalid(f"Unable to find flow '{namespace}'.'{flow_id}'{at}") from None
    if saved.disabled:
        raise FlowDisabled
    index = flow_service.index(rt, namespace, flow_id, saved.revision)
    execution_id = new_id()
    accepted = checks.accept(rt, index.flow, render(task.inputs or {}), execution_id, masks)
    return index, Birth(
        namespace=saved.namespace,
        flow_id=saved.id,
        revision=saved.revision,
        is_pinned=bool(revision),
        inputs=accepted.inputs,
        error=accepted.error,
        labels=masks.labels(_labels(step, task, render)),
        trigger=_trigger(rt, step, saved),
        execution_id=execution_id,
        caller=(step.execution_id, step.task_run_id, step.attempt) if waits else None,
        schedule_date=_moment(render(task.schedule_date)),
        commit=(saved.git or {}).get("commit"),
        is_background=step.execution.is_background,
        kind="TEST" if step.execution.kind == "TEST" else "NORMAL",
    )


def _begin(
    rt: Runtime, step: Step, index: FlowIndex, birth: Birth, *, waits: bool
) -> Progress | None:
    try:
        with rt.database.transaction() as tx:
            if starting.may_meet_limit(index, birth):
                flows.lock(tx, birth.namespace, birth.flow_id)
            execution = executions.share(tx, step.execution_id)
            if execution is None or execution.gate == Gate.KILLING:
                raise Overtaken
            mover = Mover(tx, rt, execution, step.index)
            values: dict[str, Any] = {"outputs": {"executionId": birth.execution_id}}
            if waits:
                values |= {"owner": None, "lease_until": None}
            where = steps.fenced(step.task_run_id, step.attempt, step.owner)
            if not steps.write(tx, where, **values):
                raise Overtaken
            _, begun = starting.create(tx, rt, index, birth)
            mover.progress.take_on(begun)
    except Overtaken:
        return record(rt, step, End(state=State.KILLED), fuse=False)
    if waits:
        return mover.progress
    done = record(
        rt, step, End(state=State.SUCCESS, outputs={"executionId": birth.execution_id}), fuse=False
    )
    if done is not None:
        done.take_on(mover.progress)
    return done


def is_true(value: Any) -> bool:
    """A rendered switch."""
    return value if isinstance(value, bool) else str(value).strip().lower() == "true"


def _moment(value: Any) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    return read_moment(str(value))


def _labels(step: Step, task: Subflow, render: Callable[[Any], Any]) -> dict[str, str]:
    own: Mapping[str, str] = step.execution.labels
    inherited = is_true(render(task.inherit_labels))
    kept = {k: v for k, v in own.items() if inherited or k.startswith(SYSTEM_PREFIX)}
    labels = {**kept, **read_labels(render(task.labels))}
    labels.setdefault(CORRELATION_ID, step.execution_id)
    return labels


def _trigger(rt: Runtime, step: Step, called: SavedFlow) -> dict[str, Any]:
    variables: dict[str, Any]
    variables = {
        "executionId": step.execution_id,
        "namespace": step.execution.namespace,
        "flowId": step.execution.flow_id,
        "flowRevision": step.execution.revision,
    }
    if step.place.value is not None:
        variables["taskRunValue"] = _value_for(rt, step, called)
    if step.iteration is not None:
        variables["taskRunIteration"] = step.iteration
    return {"id": step.task.id, "type": step.task.type, "variables": variables}


def _value_for(rt: Runtime, step: Step, called: SavedFlow) -> Any:
    """The value of the calling iteration; one that shows a secret is encrypted for the called."""
    own = scope.ring_of(rt, step.execution)
    secret: list[str] = []
    value = iteration_names.opened(own, step.place.value or "", secret.append)
    return own.at(called.namespace, called.id).seal(value) if secret else value
