"""The rounds of a LoopUntil: asked outside of transactions whether to go on, one timer a round."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from app.database import executions, logs, sequences, steps, timers
from app.database.session import Session
from app.engine.flowable.loop_until import LoopUntil
from app.errors import DatabaseAway, TrunklineError
from app.expression.evaluate import render_deep
from app.expression.values import is_truthy, to_text
from app.model.duration import parse_duration
from app.model.state import Gate, Severity, State
from app.service import flows, scope
from app.service.flow_outputs import world_of
from app.service.log_lines import error_line, traced
from app.service.progress import Mover
from app.service.reopening import set_aside
from app.service.runtime import Runtime
from app.service.work import Overtaken, Progress

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Verdict:
    """What follows a round."""

    is_done: bool = False
    has_failed: bool = False
    pause: timedelta = timedelta(0)
    error: str | None = None  #: why the question could not be answered


def ask(rt: Runtime, timer: Row[Any]) -> list[Progress]:
    """A round has ended: the loop ends, or its next round gets its timer."""
    with rt.database.reading() as tx:
        execution = executions.find(tx, timer.execution_id)
        row = steps.placed(tx, timer.target)
    verdict = Verdict()
    if execution is not None and row is not None:
        verdict = _judge(rt, execution, row)
    with rt.database.transaction() as tx:
        mover, loop = _meet(tx, rt, timer)
        if loop is None or loop.open:
            return []
        _follow(mover, loop, verdict)
        return [mover.progress]


def go_on(rt: Runtime, timer: Row[Any]) -> list[Progress]:
    """The interval is over: the next round begins in place of the one before."""
    with rt.database.transaction() as tx:
        mover, loop = _meet(tx, rt, timer)
        if loop is None:
            return []
        set_aside(tx, [row.id for row in sequences.children(tx, loop.id, ("main",))], mover.now)
        count = int((loop.outputs or {}).get("iterationCount", loop.next)) + 1
        outputs = {"iterationCount": count}
        steps.write(tx, {"id": loop.id}, total=loop.next + 1, outputs=outputs)
        mover.fill(loop.id)
        return [mover.progress]


def _meet(tx: Session, rt: Runtime, timer: Row[Any]) -> tuple[Mover, Row[Any] | None]:
    """Takes the timer; the loop's row, held, if it still stands where the timer was set."""
    execution = executions.share(tx, timer.execution_id)
    if not timers.take(tx, timer.id) or execution is None:
        raise Overtaken
    mover = Mover(tx, rt, execution, flows.index_of(rt, execution))
    loop = steps.hold_run(tx, timer.target)
    stands = (
        loop is not None
        and not loop.gone
        and (loop.state, loop.phase, loop.next) == (State.RUNNING, "main", timer.guard)
        and mover.gate not in (Gate.KILLING, Gate.ENDED)
    )
    return mover, loop if stands else None


def _follow(mover: Mover, loop: Row[Any], verdict: Verdict) -> None:
    if verdict.error is not None:
        logs.add(mover.tx, [error_line(mover.execution, loop, mover.now, verdict.error)])
    if verdict.has_failed:
        steps.write(mover.tx, {"id": loop.id}, worst=Severity.FAILED)
        loop = steps.run(mover.tx, loop.id) or loop
    if verdict.is_done:
        mover.end_phase(loop)
        return
    due = mover.now + verdict.pause
    place = ("round", loop.id, loop.next)
    note = timers.add(mover.tx, *place, due, execution_id=mover.execution.id)
    if not verdict.pause:
        mover.progress.notes.append(note)


def _judge(rt: Runtime, execution: Row[Any], row: Row[Any]) -> Verdict:
    index = flows.index_of(rt, execution)
    task = index.tasks[row.task_id]
    assert isinstance(task, LoopUntil)
    names, world = scope.of_run(rt, execution, index, row), world_of(rt, execution)
    try:
        asked = render_deep(_questions(task), names, world)
        return _weigh(rt.clock(), row, asked)
    except DatabaseAway:
        raise
    except (TrunklineError, ValueError) as error:
        said = str(error)
    except Exception as error:
        log.error("a LoopUntil cannot be judged:\n%s", traced(error, world.masked))
        said = f"The engine failed: {type(error).__name__}: {error}"
    return Verdict(is_done=True, has_failed=True, error=world.masked(said))


def _questions(task: LoopUntil) -> dict[str, Any]:
    often = task.check_frequency
    return {
        "condition": task.condition if isinstance(task.condition, str) else to_text(task.condition),
        "interval": often.interval,
        "most": often.max_iterations,
        "longest": often.max_duration,
        "fails": task.fail_on_max_reached,
    }


def _weigh(now: datetime, row: Row[Any], asked: Mapping[str, Any]) -> Verdict:
    if is_truthy(asked["condition"]):
        return Verdict(is_done=True)
    count = int((row.outputs or {}).get("iterationCount", 1))
    pause = _span(asked["interval"])
    began = row.first_start or row.created_at
    is_over = asked["most"] is not None and count >= int(asked["most"])
    if asked["longest"] is not None and now + pause > began + _span(asked["longest"]):
        is_over = True
    if is_over:
        return Verdict(is_done=True, has_failed=to_text(asked["fails"]).strip().lower() == "true")
    return Verdict(pause=pause)


def _span(value: Any) -> timedelta:
    return value if isinstance(value, timedelta) else parse_duration(to_text(value))
