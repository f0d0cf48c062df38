"""A WorkingDirectory's job: its children one after the other, in one directory."""

from datetime import datetime
from pathlib import Path

from app.engine.flowable.working_directory import WorkingDirectory
from app.errors import DatabaseAway, TrunklineError, Unavailable
from app.expression.values import is_truthy
from app.model.state import State, severity
from app.plugin.task import Suspended
from app.service import inside, log_lines, steps
from app.service.steps import End
from app.service.work import Overtaken, Progress, Step
from workers import cache, files, mistake
from workers.context import AttemptContext
from workers.perform import end_of, perform, stand_in
from workers.process import Held, Process


def run_directory(
    process: Process, ctx: AttemptContext, held: Held, task: WorkingDirectory, *, fuse: bool
) -> Progress | None:
    """Runs every child and records the directory's own end. None: no longer ours."""
    directory = ctx.working_dir
    is_warm = task.cache is not None and cache.restore(ctx, directory, task.cache)
    files.write_inputs(ctx, directory, task.namespace_files, task.input_files)
    before = cache.seen(directory, task.cache) if task.cache is not None and is_warm else None
    worst = State.SUCCESS
    for pos in range(len(ctx.step.index.steps(task.id, "main", 0, {}))):
        state = _child(process, ctx.step, held, directory, pos)
        if state is None:
            return steps.give_back(process.rt, ctx.step) if held.reason == "DRAIN" else None
        worst = max(worst, state, key=severity)
        if state.is_failed:
            break
    if task.cache is not None and not worst.is_failed:
        cache.store(ctx, directory, task.cache, before)
    outputs = files.collect(ctx, directory, task.output_files)
    values = {"outputFiles": outputs} if task.output_files is not None else None
    fuse = fuse and process.goes_on(ctx.step)
    return steps.record(process.rt, ctx.step, end_of(ctx, worst, values, is_final=True), fuse=fuse)


def _child(process: Process, parent: Step, held: Held, directory: Path, pos: int) -> State | None:
    """One child with all its attempts; None when the directory is no longer ours."""
    while True:
        if held.reason in ("LOST", "DRAIN"):
            return None
        child = inside.claim_child(process.rt, parent, pos)
        if child is None:
            return State.KILLED if held.reason == "KILLED" else None
        ctx = AttemptContext(process.rt, child, held, directory)
        try:
            end = _attempt(ctx, held)
            if held.reason == "DRAIN":
                log_lines.store(process.rt, end.logs)
            if held.reason in ("LOST", "DRAIN"):
                return None
            state, due = _end(process, ctx, parent, end)
        except Overtaken:
            return None
        finally:
            ctx.close()
        if due is None:
            return state
        pause = (due - process.rt.clock()).total_seconds()
        held.cancelled.wait(max(pause, 0))


def _end(
    process: Process, ctx: AttemptContext, parent: Step, end: End
) -> tuple[State, datetime | None]:
    """Records a child's attempt; one whose end cannot be recorded has failed by that."""
    try:
        return inside.end_child(process.rt, parent, ctx.step, end)
    except (DatabaseAway, Overtaken, Unavailable):
        raise
    except Exception as error:
        return inside.end_child(process.rt, parent, ctx.step, mistake.end_by(ctx, error))


def _attempt(ctx: AttemptContext, held: Held) -> End:
    try:
        return _evaluate(ctx, held)
    except (DatabaseAway, Unavailable):
        raise
    except Exception as error:
        return mistake.end_by(ctx, error)


def _evaluate(ctx: AttemptContext, held: Held) -> End:
    try:
        if inside.skips(ctx.step) and not is_truthy(ctx.render(ctx.step.task.run_if)):
            return end_of(ctx, State.SKIPPED)
    except DatabaseAway:
        raise
    except TrunklineError as error:
        ctx.log.error("%s", error)
        return end_of(ctx, State.FAILED)
    end = stand_in(ctx) or perform(ctx, held)
    if isinstance(end, Suspended):
        pause = (end.until - ctx.rt.clock()).total_seconds() if end.until is not None else 0
        held.cancelled.wait(max(pause, 0))
        return end_of(ctx, State((end.data or {}).get("state", State.SUCCESS)))
    return end
