"""The life of one claimed step in this process: rendered, run, recorded."""

import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType
from typing import Any

from app.database.logs import LogLine
from app.engine.flowable.base import FlowableError, FlowableTask
from app.engine.flowable.pause import Pause
from app.engine.flowable.subflow import Subflow
from app.engine.flowable.working_directory import WorkingDirectory
from app.engine.index import has_run_if
from app.errors import TrunklineError
from app.expression.values import is_truthy
from app.model.duration import format_duration
from app.model.state import State
from app.plugin.task import Output, Result, RunnableTask, TaskFailed
from app.service import log_lines, steps, subflows
from app.service.progress import Progress, Step
from app.service.steps import End
from workers.context import AttemptContext
from workers.core.suspension import Suspended
from workers.process import Held, Process


class TimedOut(Exception):
    """The attempt took longer than its `timeout`."""


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
            return steps.record(rt, step, _end(ctx, State.SKIPPED), fuse=fuse)
        if isinstance(task, Pause):
            return _pause(process, ctx, task)
        if isinstance(task, WorkingDirectory):
            return process_directory(process, ctx, held, task, fuse=fuse)
        if isinstance(task, FlowableTask):
            answer = ctx.render_typed(task.question())
            return steps.open_flowable(rt, step, task.open(answer), fuse=fuse)
        if isinstance(task, Subflow):
            return subflows.call(rt, step, ctx.render_typed)
    except (TrunklineError, FlowableError, ValueError) as error:
        ctx.log.error("%s", error)
        return steps.record(rt, step, _end(ctx, State.FAILED), fuse=fuse)
    end = perform(ctx, held)
    if isinstance(end, Suspended):
        store_rest(ctx)
        return steps.suspend(rt, step, end.until, end.data)
    if held.reason == "LOST":
        return None
    if held.reason == "DRAIN":
        return steps.give_back(rt, step)
    return steps.record(rt, step, end, fuse=fuse)


def store_rest(ctx: AttemptContext) -> None:
    """Stores the lines that no transaction has taken."""
    rest = tuple(ctx.log.rest())
    if rest:
        log_lines.store(ctx.rt, rest)


def perform(ctx: AttemptContext, held: Held) -> End | Suspended:
    """Runs a runnable task: its outputs, its failure, its timeout, its kill."""
    task = ctx.step.task
    assert isinstance(task, RunnableTask), f"{task.type} cannot be run"
    try:
        limit = ctx.read(task.timeout, timedelta)
        with _time_limit(limit, held):
            result = task.run(ctx)
    except TimedOut:
        assert limit is not None
        ctx.log.error("Timeout after %s", format_duration(limit))
        return _end(ctx, State.FAILED, reason="TIMEOUT")
    except TaskFailed as error:
        if held.reason == "KILLED":
            return _end(ctx, State.KILLED, error.outputs, reason="KILLED")
        ctx.log.error("%s", error)
        return _end(ctx, State.FAILED, error.outputs, is_final=error.is_final)
    except TrunklineError as error:
        ctx.log.error("%s", error)
        return _end(ctx, State.FAILED)
    except Exception as error:
        ctx.log.error("%s: %s", type(error).__name__, error)
        return _end(ctx, State.FAILED)
    if isinstance(result, Suspended):
        return _limited(ctx, result, limit)
    if held.reason == "KILLED":
        return _end(ctx, State.KILLED, reason="KILLED")
    if isinstance(result, Result):
        return _end(ctx, result.state, result.outputs)
    if isinstance(result, Output):
        return _end(ctx, State.SUCCESS, result.to_wire())
    return _end(ctx, State.SUCCESS, result)


def _limited(ctx: AttemptContext, suspended: Suspended, limit: timedelta | None) -> Suspended:
    """A wait that is longer than the task's timeout ends, failed, at the timeout."""
    if limit is None or suspended.until is None:
        return suspended
    ends = ctx.rt.clock() + limit
    if suspended.until <= ends:
        return suspended
    return Suspended(ends, {"state": State.FAILED, "message": format_duration(limit)})


def _end(
    ctx: AttemptContext,
    state: State,
    outputs: Mapping[str, Any] | None = None,
    *,
    reason: str | None = None,
    is_final: bool = False,
) -> End:
    if ctx.metrics:
        log_lines.store_metrics(ctx.rt, ctx.metrics)
        ctx.metrics.clear()
    lines: tuple[LogLine, ...] = tuple(ctx.log.rest())
    is_good = state in (State.SUCCESS, State.WARNING)
    return End(
        state=state,
        outputs=outputs,
        effects=tuple(ctx.effects) if is_good else (),
        logs=lines,
        reason=reason,
        is_final=is_final,
    )


def _pause(process: Process, ctx: AttemptContext, task: Pause) -> Progress | None:
    durations = {
        "resume": ctx.read(task.pause_duration, timedelta),
        "timeout": ctx.read(task.timeout, timedelta),
    }
    store_rest(ctx)
    return steps.pause(process.rt, ctx.step, durations, str(ctx.render(task.behavior)))


@contextmanager
def _time_limit(limit: timedelta | None, held: Held) -> Iterator[None]:
    """Interrupts the main thread's work at the limit; a script sees `cancelled` as well."""
    if limit is None or threading.current_thread() is not threading.main_thread():
        yield
        return

    def expire(_signal: int, _frame: FrameType | None) -> None:
        held.cancel("TIMEOUT")
        raise TimedOut

    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, max(limit.total_seconds(), 0.001))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def process_directory(
    process: Process, ctx: AttemptContext, held: Held, task: WorkingDirectory, *, fuse: bool
) -> Progress | None:
    """Runs a WorkingDirectory (see `directory.py`, which is given this room's `perform`)."""
    from workers.directory import run_directory  # noqa: PLC0415

    return run_directory(process, ctx, held, task, fuse=fuse)
