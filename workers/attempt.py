"""The life of one claimed step in this process: rendered, run, recorded."""

from datetime import timedelta

from app.engine.flowable.base import FlowableError, FlowableTask
from app.engine.flowable.for_each_item import BatchCalls
from app.engine.flowable.pause import Pause
from app.engine.flowable.subflow import Subflow
from app.engine.flowable.working_directory import WorkingDirectory
from app.engine.index import has_run_if
from app.errors import TrunklineError
from app.expression.values import is_truthy
from app.model.state import State
from app.plugin.task import Suspended
from app.service import batches, steps, subflows
from app.service.work import Progress, Step
from workers.context import AttemptContext
from workers.directory import run_directory
from workers.perform import end_of, perform, store_rest
from workers.process import Held, Process


def run_step(process: Process, step: Step, *, fuse: bool) -> Progress | None:
    """Runs a claimed attempt to its recorded end. None: it is no longer ours."""
    held = process.hold(step)
    ctx = AttemptContext(process.rt, step, held)
    try:
        return _run(process, ctx, held, fuse=fuse)
    finally:
        process.release(step)
        ctx.close()


def _run(process: Process, ctx: AttemptContext, held: Held, *, fuse: bool) -> Progress | None:
    rt, step, task = process.rt, ctx.step, ctx.step.task
    try:
        if has_run_if(task) and not is_truthy(ctx.render(task.run_if)):
            return steps.record(rt, step, end_of(ctx, State.SKIPPED), fuse=fuse)
        if isinstance(task, Pause):
            return _pause(process, ctx, task)
        if isinstance(task, WorkingDirectory):
            return run_directory(process, ctx, held, task, fuse=fuse)
        if isinstance(task, FlowableTask):
            answer = ctx.render_typed(task.question())
            return steps.open_flowable(rt, step, task.open(answer), fuse=fuse)
        if isinstance(task, BatchCalls):
            return batches.open_calls(rt, step)
        if isinstance(task, Subflow):
            return subflows.call(rt, step, ctx.render_typed)
    except (TrunklineError, FlowableError, ValueError) as error:
        ctx.log.error("%s", error)
        return steps.record(rt, step, end_of(ctx, State.FAILED), fuse=fuse)
    end = perform(ctx, held)
    if isinstance(end, Suspended):
        store_rest(ctx)
        return steps.suspend(rt, step, end.until, end.data)
    if held.reason == "LOST":
        return None
    if held.reason == "DRAIN":
        return steps.give_back(rt, step)
    return steps.record(rt, step, end, fuse=fuse)


def _pause(process: Process, ctx: AttemptContext, task: Pause) -> Progress | None:
    durations = {
        "resume": ctx.read(task.pause_duration, timedelta),
        "timeout": ctx.read(task.timeout, timedelta),
    }
    store_rest(ctx)
    return steps.pause(process.rt, ctx.step, durations, str(ctx.render(task.behavior)))
