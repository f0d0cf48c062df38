"""The life of one claimed step in this process: rendered, run, recorded."""

import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from app.engine.flowable.base import FlowableError, FlowableTask, Opening
from app.engine.flowable.for_each_item import BatchCalls
from app.engine.flowable.loop import Loop
from app.engine.flowable.pause import Pause
from app.engine.flowable.subflow import Subflow
from app.engine.flowable.working_directory import WorkingDirectory
from app.engine.index import has_run_if
from app.errors import DatabaseAway, TrunklineError, Unavailable
from app.expression.values import is_truthy
from app.failpoints import FailpointRaised
from app.model.state import State
from app.plugin.task import Suspended
from app.service import (
    ahead,
    batches,
    gathering,
    iteration_names,
    log_lines,
    pausing,
    poison,
    steps,
    subflows,
)
from app.service.steps import End
from app.service.work import Overtaken, Progress, Step
from app.telemetry import tracing
from workers import mistake
from workers.ahead import evaluate
from workers.context import AttemptContext
from workers.directory import run_directory
from workers.perform import end_of, perform, stand_in, store_rest
from workers.process import Held, Process
from workers.task_cache import cached

log = logging.getLogger(__name__)


def run_step(process: Process, step: Step, *, fuse: bool) -> Progress | None:
    """Runs a claimed attempt to its recorded end. None: it is no longer ours."""
    with tracing.span(step.task.type, execution=step.execution_id, task=step.task.id):
        return _hold_and_run(process, step, fuse=fuse)


def _hold_and_run(process: Process, step: Step, *, fuse: bool) -> Progress | None:
    held, ctx = process.hold(step), None
    try:
        ctx = AttemptContext(process.rt, step, held)
        return _run(process, ctx, held, fuse=fuse)
    except DatabaseAway as error:
        log.warning("attempt %s of %s is given back: %s", step.attempt, step.task_run_id, error)
        return persist(held, lambda: steps.give_back(process.rt, step))
    except (Unavailable, FailpointRaised):
        raise  # the lease runs out, then it is tried again
    except Exception as error:
        return _fail(process, held, ctx, error)
    finally:
        process.release(step)
        if ctx is not None:
            ctx.attempt_log.given_up.set()
            ctx.close()


def _fail(
    process: Process, held: Held, ctx: AttemptContext | None, error: Exception
) -> Progress | None:
    """Something failed that nobody foresaw: so does the task run, and its log says what it was.

    Where not even that can be recorded, the row counts it, and is set aside at the third time.
    """
    rt, step = process.rt, held.step
    try:
        end = mistake.end_by(ctx, error) if ctx else mistake.end_before(rt, step, error)
        return persist(held, lambda: steps.record(rt, step, end, fuse=False))
    except (DatabaseAway, Unavailable):
        return None  # the lease runs out, then it is tried again
    except Exception as second:
        log.exception("the end of an attempt cannot be recorded")
        row = {"id": step.task_run_id}
        return persist(held, partial(poison.refuse, rt, step.execution_id, row, second))


def persist(held: Held, write: Callable[[], Progress | None]) -> Progress | None:
    """Writes; tries again while the database is away and the attempt may still be ours.

    A commit whose answer was lost is fenced off the second time: what it made due, recovery does.
    """
    pause = 0.1
    while True:
        try:
            return write()
        except DatabaseAway:
            if not held.may_be_ours:
                return None
            time.sleep(pause * random.uniform(0.5, 1.5))
            pause = min(pause * 2, 2.0)


def _run(process: Process, ctx: AttemptContext, held: Held, *, fuse: bool) -> Progress | None:
    rt, step, task = process.rt, ctx.step, ctx.step.task

    def record(end: End) -> Progress | None:
        return _record(process, held, step, end, fuse=fuse)

    try:
        if (given := _without_a_run(ctx)) is not None:
            return record(given)
        if isinstance(task, Pause):
            return _pause(process, ctx, task)
        if isinstance(task, WorkingDirectory):
            return run_directory(process, ctx, held, task, fuse=fuse)
        if isinstance(task, FlowableTask):
            answer = ctx.render_typed(task.question())
            return steps.open_flowable(rt, step, _opening(ctx, task, answer), fuse=fuse)
        if isinstance(task, BatchCalls):
            return batches.open_calls(rt, step)
        if isinstance(task, Subflow):
            return subflows.call(rt, step, ctx.render_typed, ctx.masks)
    except DatabaseAway:
        raise
    except Overtaken:
        return None  # another attempt has taken its place
    except (TrunklineError, FlowableError, ValueError) as error:
        ctx.log.error("%s", error)
        return record(end_of(ctx, State.FAILED))
    end = cached(ctx, lambda: perform(ctx, held))
    if isinstance(end, Suspended):
        store_rest(ctx)
        return steps.suspend(rt, step, end.until, end.data)
    if held.reason == "LOST":
        return None
    if held.reason == "DRAIN":
        log_lines.store(rt, end.logs)
        return persist(held, lambda: steps.give_back(rt, step))
    return record(end)


def _opening(ctx: AttemptContext, task: FlowableTask, answer: Any) -> Opening:
    """How a flowable opens; its outputs are encrypted where they show a secret (decision 0083).

    Not where they steer: a case that a Switch names is no secret of its flow. So are the values of
    iterations (decision 0122).
    """
    if isinstance(task, Loop):
        opening = gathering.open_loop(ctx.rt, ctx.step, task, answer, ctx.open_uri, ctx.masks)
        _tell_readable(ctx, opening.items)
        return opening
    opening = task.open(answer)
    if opening.values:
        stored = iteration_names.hidden(ctx.ring(), ctx.masks, opening.values)
        opening = replace(opening, values=stored)
        _tell_readable(ctx, stored)
    hidden = ctx.sealed(opening.outputs)
    if hidden == opening.outputs or task.main_steps(0, hidden) != task.main_steps(
        0, opening.outputs
    ):
        return opening
    return replace(opening, outputs=hidden)


def _tell_readable(ctx: AttemptContext, values: Sequence[str]) -> None:
    """Warns of values that show a secret as they are stored: there is no key to encrypt them."""
    if any(ctx.shows_secret(value) for value in values):
        task = ctx.step.task.id
        ctx.log.warning("values of %s show a secret, and there is no key to encrypt them", task)
        store_rest(ctx)


def _without_a_run(ctx: AttemptContext) -> End | None:
    """How the step ends without being run; one that was taken over has been asked before."""
    if ctx.step.adopted is not None:
        return None
    task = ctx.step.task
    if has_run_if(task) and not is_truthy(ctx.render(task.run_if)):
        return end_of(ctx, State.SKIPPED)
    return stand_in(ctx)


def _record(process: Process, held: Held, step: Step, end: End, *, fuse: bool) -> Progress | None:
    """Records the step, with the pure ones that follow it when it is pure."""
    rt = process.rt
    fuse = fuse and process.goes_on(step)  # it may have taken hours
    done = evaluate(process, held, step, end) if fuse else []
    if done:
        more = not process.draining.is_set()
        return persist(held, lambda: ahead.record(rt, done, fuse=more))
    return persist(held, lambda: steps.record(rt, step, end, fuse=fuse))


def _pause(process: Process, ctx: AttemptContext, task: Pause) -> Progress | None:
    plan = pausing.plan_of(ctx.render(task.question()))
    store_rest(ctx)
    return pausing.pause(process.rt, ctx.step, plan)
