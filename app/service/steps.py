"""The life of one attempt: claimed, run elsewhere, recorded; and what follows its commit.

Each function is one transaction (engine rules, "Transitions"). `None` means that the guard was
lost: somebody else holds the step, or it has ended; the caller stops quietly.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from app import failpoints
from app.database import attempts, executions, holding, logs, milestones, steps, timers
from app.database.logs import LogLine, Metric
from app.database.session import Session
from app.engine.flowable.base import Opening
from app.engine.flowable.working_directory import WorkingDirectory
from app.model.retry import RetryBehavior
from app.model.state import Gate, State, severity
from app.model.task import Task
from app.plugin.context import Effect
from app.service import effects, finishing, leaving
from app.service.progress import Mover, allowed, claimable
from app.service.runtime import Runtime
from app.service.work import Overtaken, Progress, Step
from app.telemetry.metrics import STEPS_ENDED

LOST_LIMIT = 3  #: attempts lost in a row before the task run fails


@dataclass(frozen=True, kw_only=True)
class End:
    """How an attempt ended, with all that is written in the same transaction."""

    state: State
    outputs: Mapping[str, Any] | None = None
    outputs_uri: str | None = None
    effects: tuple[Effect, ...] = ()
    logs: tuple[LogLine, ...] = ()
    metrics: tuple[Metric, ...] = ()
    log_uri: str | None = None  #: the file that holds the log instead
    reason: str | None = None
    is_final: bool = False  #: no retry, whatever the task says
    first_start: datetime | None = None


def locked(tx: Session, step: Step, *, alone: bool = False) -> Row[Any]:
    """The row of a step's execution, locked. Raises Overtaken when there is none."""
    lock = executions.hold if alone else executions.share
    execution = lock(tx, step.execution_id)
    if execution is None:
        raise Overtaken
    return execution


def hold(tx: Session, step: Step) -> None:
    """The step's execution and its own row, locked: for what is written before it ends or opens.

    Raises Overtaken when the step is no longer ours, as of a worker that slept for too long.
    """
    locked(tx, step)
    if not steps.write(tx, _fence(step), owner=step.owner):
        raise Overtaken


def _fence(step: Step) -> Any:
    return steps.fenced(step.task_run_id, step.attempt, step.owner)


def record(rt: Runtime, step: Step, end: End, *, fuse: bool) -> Progress | None:
    """The attempt has ended: writes its end and, in the same transaction, starts what follows.

    With `fuse` the next in-process step is born claimed by this process. None: fenced off.
    """
    failpoints.hit("before_record")
    progress = _try_writes(rt, step, end, fuse=fuse) or _try_record(rt, step, end, fuse=fuse)
    if progress is None:
        return None
    STEPS_ENDED.labels(end.state).inc()
    failpoints.hit("after_record")
    return progress


def goes_on(step: Step, end: End) -> bool:
    """Whether this end asks nothing of the execution's row but that its gate is open, as it was.

    The end of a sequence reads the row anew: what follows a join sees what all branches wrote.
    """
    return (
        end.state in (State.SUCCESS, State.SKIPPED)
        and step.owner is not None
        and step.execution.gate == Gate.OPEN
        and step.execution.state == State.RUNNING
        and not end.effects
        and not _has_blocks(step.task)
    )


def _try_writes(rt: Runtime, step: Step, end: End, *, fuse: bool) -> Progress | None:
    """One transaction that reads nothing: on the row that the process has, whose gate it guards.

    None: the end is not of that kind, or the guard was lost.
    """
    is_last = step.pos + 1 == len(step.place.steps)
    if not goes_on(step, end) or (is_last and not _ends_cleanly(step, end)):
        return None
    with suppress(Overtaken), rt.database.transaction() as tx:
        owner = step.owner if fuse else None
        mover = Mover(tx, rt, step.execution, step.index, owner, step.slot)
        if not is_last:
            executions.share_open(tx, step.execution_id)
            _record(mover, step, end)
        else:
            milestones.hold_open_to_end(tx, step.execution_id)
            end_attempt(tx, step, end, end.state, mover.now)
            end_run(mover, step, end, end.state)
            finishing.end_cleanly(mover, step.place, step.pos)
        return mover.progress
    return None


def _ends_cleanly(step: Step, end: End) -> bool:
    """Whether a plain flow ends with it, and well if all steps before it did."""
    is_plain = finishing.ends_execution(step, end.state)
    return is_plain and final_state(step, end.state) is end.state


def _try_record(rt: Runtime, step: Step, end: End, *, fuse: bool) -> Progress | None:
    """One transaction on the execution's row as it is now."""
    is_last = finishing.ends_execution(step, end.state)
    alone = is_last or effects.need_lock(end.effects)
    try:
        with rt.database.transaction() as tx:
            execution = locked(tx, step, alone=alone)
            mover = Mover(tx, rt, execution, step.index, step.owner if fuse else None, step.slot)
            _record(mover, step, end)
            if is_last and mover.progress.finish and execution.gate == Gate.OPEN:
                finishing.finish_in(mover, execution)
    except Overtaken:
        return None
    return mover.progress


def _record(mover: Mover, step: Step, end: End) -> None:
    tx, state = mover.tx, end.state
    leaves = effects.exit_state(end.effects)
    state = leaves or state
    end_attempt(tx, step, end, state, mover.now)
    if mover.gate is Gate.KILLING:
        is_killed = mover.execution.state == State.KILLING  # else an Exit waits for this step
        state = State.KILLED if is_killed and state is not State.SUCCESS else state
        end_run(mover, step, end, state)
        mover.progress.finish.append(step.execution_id)
        return
    if leaves is not None:
        end_run(mover, step, end, leaves)
        leaving.leave(mover, step.place, leaves)
        return
    if state is State.FAILED and not end.is_final and retry_later(mover, step, end):
        return
    if _has_blocks(step.task) and state is not State.SKIPPED:
        _open_blocks(mover, step, end)
        return
    state = final_state(step, state)
    end_run(mover, step, end, state)
    mover.end_step(step.place, step.pos, state)


def _has_blocks(task: Task) -> bool:
    return isinstance(task, WorkingDirectory) and bool(task.errors or task.finally_)


def _open_blocks(mover: Mover, step: Step, end: End) -> None:
    """A WorkingDirectory's job is done: its `errors` and `finally` run without it."""
    values: dict[str, Any] = {"owner": None, "lease_until": None, "publish_due": None}
    values |= {"phase": "main", "total": 0, "next": 0, "open": 0, "result": None}
    values |= {"outputs": end.outputs and dict(end.outputs), "outputs_uri": end.outputs_uri}
    worst = severity(end.state)
    if not steps.write(mover.tx, _fence(step), worst=worst, **values):
        raise Overtaken
    effects.apply(mover, end.effects)
    scope = steps.run(mover.tx, step.task_run_id)
    assert scope is not None
    mover.end_phase(scope)


def end_attempt(tx: Session, step: Step, end: End, state: State, now: datetime) -> None:
    """Ends the record of an attempt, with the lines and metrics that came last."""
    attempts.end(tx, step.task_run_id, step.attempt, state, now, end.reason, end.log_uri)
    if end.logs:
        logs.add(tx, end.logs)
    if end.metrics:
        logs.add_metrics(tx, end.metrics)


def final_state(step: Step, state: State) -> State:
    """`warningOnRetry` first, then `allowFailure` and `allowWarning`."""
    retry = step.index.retry_of(step.task.id)
    if state is State.SUCCESS and step.tries and retry and retry.warning_on_retry:
        state = State.WARNING
    return allowed(step.task, state)


def end_run(mover: Mover, step: Step, end: End, state: State, at: datetime | None = None) -> None:
    """Ends a task run, now or at a moment that has passed; guarded by its attempt and owner."""
    at = at or mover.now
    tries = step.tries if state is State.SKIPPED else step.tries + 1
    outputs = None
    if end.outputs is not None or end.outputs_uri is not None:
        outputs = (dict(end.outputs) if end.outputs is not None else None, end.outputs_uri)
    if step.owner is not None:
        fence = (step.task_run_id, step.attempt, step.owner)
        holding.end_run(mover.tx, fence, state, at, tries, outputs)
    else:  # nobody held it: a Subflow's
        values = steps.ending(state, at, tries=tries, lost=0)
        if outputs is not None:
            values |= {"outputs": outputs[0], "outputs_uri": outputs[1]}
        if not steps.write(mover.tx, _fence(step), **values):
            raise Overtaken
    if end.effects:
        effects.apply(mover, end.effects)


def retry_later(mover: Mover, step: Step, end: End) -> bool:
    """Puts a failed run off to its next attempt; False when it has none left."""
    retry = step.index.retry_of(step.task.id)
    if retry is None:
        return False
    kind = "retry"
    if retry.behavior is RetryBehavior.CREATE_NEW_EXECUTION:
        # attempts are executions here: counted and timed from the first of them
        kind, execution = "renew", mover.execution
        first = execution.original_created_at or execution.created_at
        due = retry.next_start(execution.attempt_number, first, mover.now)
    else:
        row = steps.run(mover.tx, step.task_run_id)
        first = (row.first_start if row is not None else None) or step.started_at
        due = retry.next_start(step.tries + 1, first, mover.now)
    if due is None:
        return False
    end_run(mover, step, end, State.RETRYING)
    mover.progress.notes.extend(
        [
            timers.add(
                mover.tx,
                kind,
                step.task_run_id,
                step.attempt,
                due,
                execution_id=step.execution_id,
            )
        ]
        if due <= mover.now
        else _put(mover, kind, step, due)
    )
    return True


def _put(
    mover: Mover, kind: str, step: Step, due: datetime, data: Mapping[str, Any] | None = None
) -> list[str]:
    timers.add(
        mover.tx,
        kind,
        step.task_run_id,
        step.attempt,
        due,
        execution_id=step.execution_id,
        data=data,
    )
    return []


def suspend(
    rt: Runtime, step: Step, due: datetime | None, data: Mapping[str, Any] | None = None
) -> Progress | None:
    """The run goes on without a worker: until `due`, or until another execution ends it."""
    try:
        with rt.database.transaction() as tx:
            mover = Mover(tx, rt, locked(tx, step), step.index)
            if mover.gate is Gate.KILLING:
                _record(mover, step, End(state=State.KILLED))
                return mover.progress
            if not steps.write(tx, _fence(step), owner=None, lease_until=None):
                raise Overtaken
            if due is not None:
                _put(mover, "wake", step, due, data)
    except Overtaken:
        return None
    return mover.progress


def open_flowable(rt: Runtime, step: Step, opening: Opening, *, fuse: bool) -> Progress | None:
    """A flowable whose question was rendered opens its child sequences."""
    try:
        with rt.database.transaction() as tx:
            execution = locked(tx, step)
            mover = Mover(tx, rt, execution, step.index, step.owner if fuse else None, step.slot)
            if mover.gate is Gate.KILLING:
                _record(mover, step, End(state=State.KILLED))
                return mover.progress
            values = {"owner": None, "lease_until": None}
            if not steps.write(tx, _fence(step), **values):
                raise Overtaken
            attempts.end(tx, step.task_run_id, step.attempt, State.SUCCESS, mover.now)
            mover.open_scope(step.task_run_id, step.task.id, opening)
    except Overtaken:
        return None
    return mover.progress


def give_back(rt: Runtime, step: Step) -> Progress | None:
    """A stopping worker hands its attempt back: it counts neither as a try nor as lost."""
    try:
        with rt.database.transaction() as tx:
            mover = Mover(tx, rt, locked(tx, step), step.index)
            attempts.end(tx, step.task_run_id, step.attempt, State.KILLED, mover.now, "DRAIN")
            if mover.gate is Gate.KILLING:
                end_run(mover, step, End(state=State.KILLED), State.KILLED)
                mover.progress.finish.append(step.execution_id)
            else:
                claimable(mover, step.place, step.pos, step.attempt, _fence(step))
    except Overtaken:
        return None
    return mover.progress


def renew(rt: Runtime, owner: str, held: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Gate]:
    """Prolongs the leases of the attempts that this process knows it runs.

    The answer holds those that are still ours, each with its execution's gate.
    """
    with rt.database.transaction() as tx:
        lease = rt.database.now_plus(timedelta(seconds=rt.settings.lease_s))
        return steps.renew(tx, owner, held, lease)
