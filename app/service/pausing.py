"""A Pause begins: its `onPause` task first, then the gate closes until a resume or a timer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from app.database import executions, logs, steps, timers
from app.database.change import Where
from app.database.session import Session
from app.engine.flowable.pause import Pause
from app.errors import TrunklineError
from app.expression.evaluate import render_deep
from app.expression.values import to_text
from app.model.duration import parse_duration
from app.model.state import Gate, Severity, State
from app.service import flows, scope
from app.service.flow_outputs import world_of
from app.service.log_lines import error_line
from app.service.progress import Mover
from app.service.runtime import Runtime
from app.service.steps import End, record
from app.service.work import Overtaken, Progress, Step


@dataclass(frozen=True)
class Plan:
    """How long a Pause waits for a resume, and what follows when nobody came."""

    resume: timedelta | None
    timeout: timedelta | None
    behavior: str


def plan_of(asked: Mapping[str, Any]) -> Plan:
    """The plan of a Pause whose question was rendered. Raises ValueError, Invalid."""
    resume, timeout = _span(asked["pauseDuration"]), _span(asked["timeout"])
    return Plan(resume, timeout, to_text(asked["behavior"]))


def _span(value: Any) -> timedelta | None:
    if value is None or isinstance(value, timedelta):
        return value
    return parse_duration(to_text(value))


def pause(rt: Runtime, step: Step, plan: Plan) -> Progress | None:
    """A claimed Pause begins. None: it is no longer ours."""
    assert isinstance(step.task, Pause)
    try:
        with rt.database.transaction() as tx:
            execution = executions.hold(tx, step.execution_id)
            if execution is None or execution.gate == Gate.KILLING:
                raise Overtaken
            mover = Mover(tx, rt, execution, step.index)
            fence = steps.fenced(step.task_run_id, step.attempt, step.owner)
            has_ended = execution.gate == Gate.AFTER
            if not has_ended and step.task.steps("pausing", 0, {}):
                if not steps.write(tx, fence, owner=None, lease_until=None):
                    raise Overtaken
                mover.open_pausing(step.task_run_id)
            elif not has_ended:
                _close_gate(mover, fence, step.task_run_id, step.attempt, plan)
            if not has_ended:
                return mover.progress
    except Overtaken:
        return record(rt, step, End(state=State.KILLED), fuse=False)
    # ended is ended: among listeners and afterExecution there is nothing left to hold up
    return record(rt, step, End(state=State.SUCCESS), fuse=False)


def _close_gate(mover: Mover, where: Where, run_id: str, attempt: int, plan: Plan) -> None:
    tx, execution = mover.tx, mover.execution
    if not steps.write(tx, where, **steps.ending(State.PAUSED, mover.now)):
        raise Overtaken
    if mover.gate is not Gate.PAUSED:
        executions.move(tx, execution.id, state=State.PAUSED, gate=Gate.PAUSED, at=mover.now)
        mover.note_state(State.PAUSED)
        steps.park(tx, execution.id)
    for kind, span in (("resume", plan.resume), ("timeout", plan.timeout)):
        if span is not None:
            place = (kind, run_id, attempt, mover.now + span)
            data = {"behavior": plan.behavior}
            timers.add(tx, *place, execution_id=execution.id, data=data)


def after_on_pause(rt: Runtime, timer: Row[Any]) -> list[Progress]:
    """The `onPause` task of a Pause has ended: now it waits."""
    with rt.database.reading() as tx:
        execution = executions.find(tx, timer.execution_id)
        row = steps.placed(tx, timer.target)
    plan: Plan | str = ""
    if execution is not None and row is not None:
        plan = _plan(rt, execution, row)
    with rt.database.transaction() as tx:
        held = executions.hold(tx, timer.execution_id)
        if not timers.take(tx, timer.id) or held is None:
            raise Overtaken
        mover = Mover(tx, rt, held, flows.index_of(rt, held))
        run = _standing(tx, timer)
        if run is None or mover.gate not in (Gate.OPEN, Gate.PAUSED):
            return []
        _go_on(mover, run, plan)
        return [mover.progress]


def _go_on(mover: Mover, run: Row[Any], plan: Plan | str) -> None:
    where = {"id": run.id, "state": State.RUNNING}
    if isinstance(plan, Plan):
        _close_gate(mover, where, run.id, run.attempt, plan)
        return
    logs.add(mover.tx, [error_line(mover.execution, run, mover.now, plan)])
    steps.write(mover.tx, where, worst=Severity.FAILED)
    mover.end_phase(steps.run(mover.tx, run.id) or run)


def _plan(rt: Runtime, execution: Row[Any], row: Row[Any]) -> Plan | str:
    """The plan, or why there is none."""
    index = flows.index_of(rt, execution)
    task = index.tasks[row.task_id]
    assert isinstance(task, Pause)
    try:
        names = scope.of_run(rt, execution, index, row)
        return plan_of(render_deep(task.question(), names, world_of(rt, execution)))
    except (TrunklineError, ValueError) as error:
        return str(error)


def _standing(tx: Session, timer: Row[Any]) -> Row[Any] | None:
    """The run of the Pause, if it still stands where the note was left."""
    run = steps.hold_run(tx, timer.target)
    wanted = (State.RUNNING, "pausing", timer.guard)
    if run is None or run.gone or (run.state, run.phase, run.attempt) != wanted:
        return None
    return run
