"""Pure steps that are evaluated one after the other and recorded together, in one transaction.

The process holds one row: that of the first of them. The others have none until the transaction
inserts them, ended. So a crash leaves what it always leaves, one leased row, and pure steps may run
again without a trace. What all guards of a single step say is said once, for the first one.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from app import failpoints
from app.database import attempts, executions, logs, milestones
from app.database import steps as rows
from app.database.executions import history_line
from app.database.session import Session
from app.engine.index import Kind, has_run_if, kind_of
from app.model.ids import new_id
from app.model.state import Gate, State
from app.model.task import Task
from app.plugin.task import RunnableTask
from app.service import finishing, steps
from app.service.progress import Mover
from app.service.runtime import Runtime
from app.service.step_starter import iteration_of
from app.service.steps import End
from app.service.work import Ahead, Overtaken, Progress, Step
from app.telemetry.metrics import STEPS_ENDED

_NEXT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Done:
    """A step that is evaluated and not recorded."""

    step: Step
    end: End
    at: datetime  #: when it ended

    @property
    def given(self) -> Ahead:
        """What later steps may read of it."""
        step, end = self.step, self.end
        return Ahead(step.task_run_id, step.place.path, end.outputs, end.outputs_uri)


def is_plain(step: Step, end: End) -> bool:
    """Whether a step that ended so may be recorded together with the ones that follow it."""
    return (
        _is_pure(step.task)
        and steps.goes_on(step, end)
        and steps.final_state(step, end.state) is end.state
        and end.log_uri is None
        and not step.index.has_assertions
    )


def _is_pure(task: Task) -> bool:
    is_declared = isinstance(task, RunnableTask) and task.is_pure
    is_limited = task.timeout is not None or task.task_cache is not None
    return is_declared and kind_of(task) is Kind.INLINE and not is_limited


def following(done: Done, now: datetime) -> Step | None:
    """The step after one, when it may be evaluated before that one is recorded."""
    before = done.step
    place, pos = before.place, before.pos + 1
    if pos >= len(place.steps) or not _is_pure(place.steps[pos]):
        return None
    return Step(
        execution_id=before.execution_id,
        task_run_id=new_id(),
        attempt=1,
        owner=before.owner,
        pos=pos,
        task=place.steps[pos],
        place=place,
        index=before.index,
        queue=before.index.queue_of(place.steps[pos]),
        tries=0,
        iteration=iteration_of(before.index, place),
        started_at=max(now, done.at + _NEXT),
        execution=before.execution,
        slot=before.slot,
    )


def record(rt: Runtime, done: Sequence[Done], *, fuse: bool) -> Progress | None:
    """Records steps that have ended, the first of which this process holds, and starts the next.

    When that is not how the execution goes on (somebody paused or killed it), the first one alone
    is recorded: the others have never been. None: fenced off.
    """
    failpoints.hit("before_record")
    progress = _try_clean_end(rt, done) or _try_record(rt, done, fuse=fuse)
    if progress is None:
        return steps.record(rt, done[0].step, done[0].end, fuse=fuse)
    progress.steps = len(done)
    for one in done:
        STEPS_ENDED.labels(one.end.state).inc()
    failpoints.hit("after_record")
    return progress


def _try_clean_end(rt: Runtime, done: Sequence[Done]) -> Progress | None:
    """The end of a plain flow all of whose steps ended well, by writes alone; None: it is not."""
    first, last = done[0].step, done[-1]
    if not finishing.ends_execution(last.step, last.end.state):
        return None
    with suppress(Overtaken), rt.database.transaction() as tx:
        milestones.hold_open_to_end(tx, first.execution_id)
        mover = Mover(tx, rt, first.execution, first.index)
        _write(mover, done, by=0)
        finishing.end_cleanly(mover, first.place, first.pos)
        return mover.progress
    return None


def _try_record(rt: Runtime, done: Sequence[Done], *, fuse: bool) -> Progress | None:
    with suppress(Overtaken):
        return _record(rt, done, fuse=fuse)
    return None


def _record(rt: Runtime, done: Sequence[Done], *, fuse: bool) -> Progress:
    first, last, state = done[0].step, done[-1].step, done[-1].end.state
    closes = last.pos + 1 == len(last.place.steps)
    ends = closes and finishing.ends_execution(last, state)
    with rt.database.transaction() as tx:
        execution = _execution(tx, first, closes=closes, ends=ends)
        mover = Mover(tx, rt, execution, first.index, first.owner if fuse else None, first.slot)
        _write(mover, done, by=len(done) - closes)
        if ends:
            finishing.end_plainly(mover, last.place, last.pos, state)
        elif closes:
            mover.end_step(last.place, last.pos, state)
        else:
            mover.start_step(last.place, last.pos + 1)
    return mover.progress


def _execution(tx: Session, step: Step, *, closes: bool, ends: bool) -> Row[Any]:
    """The row that the transaction trusts; Overtaken unless its gate is open."""
    if not closes:
        executions.share_open(tx, step.execution_id)
        return step.execution
    read = milestones.hold_to_end if ends else executions.share
    execution = read(tx, step.execution_id)
    if execution is None or execution.gate != Gate.OPEN:
        raise Overtaken
    return execution


def _write(mover: Mover, done: Sequence[Done], *, by: int) -> None:
    """The ends of all steps; their sequence moves on by so many, which is one write."""
    tx, first, rest = mover.tx, done[0], done[1:]
    step, state = first.step, first.end.state
    steps.end_run(mover, step, first.end, state, first.at)
    attempts.end(tx, step.task_run_id, step.attempt, state, first.at, first.end.reason)
    rows.add_runs(tx, [_run(mover, one) for one in rest])
    attempts.add_ended(tx, [_attempt(one) for one in rest])
    if by:
        rows.step_on(tx, step.place.sequence, step.pos, 0, by=by)
    logs.add_metrics(tx, [metric for one in done for metric in one.end.metrics])
    logs.add(tx, [line for one in done for line in one.end.logs])


def _run(mover: Mover, done: Done) -> Mapping[str, Any]:
    step, end, began = done.step, done.end, done.step.started_at
    lines = history_line(State.RUNNING, began) + history_line(end.state, done.at)
    run = mover.new_run(step.place, step.pos, step.task, began)
    return run | {
        "id": step.task_run_id,
        "state": end.state,
        "attempt": step.attempt,
        "tries": 0 if end.state is State.SKIPPED else 1,
        "outputs": dict(end.outputs) if end.outputs is not None else None,
        "outputs_uri": end.outputs_uri,
        "first_start": began,
        "ended_at": done.at,
        "histories": run["histories"] + lines,
    }


def _attempt(done: Done) -> Mapping[str, Any]:
    began = done.step.started_at
    lines = [(State.CREATED, began), (State.RUNNING, began), (done.end.state, done.at)]
    return {
        "task_run_id": done.step.task_run_id,
        "execution_id": done.step.execution_id,
        "owner": done.step.owner,
        "state": done.end.state,
        "histories": "".join(history_line(state, at) for state, at in lines),
    }


def asks_first(step: Step) -> bool:
    """Whether its `runIf` has to be rendered before it runs."""
    return has_run_if(step.task)
