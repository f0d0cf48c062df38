"""One run of a runnable task: its outputs, its failure, its timeout, its kill."""

import json
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType
from typing import Any

from app.database.logs import LogLine
from app.errors import DatabaseAway, Forbidden, TrunklineError
from app.model.duration import format_duration
from app.model.state import State
from app.plugin.task import Output, PolicyRefused, Result, RunnableTask, Suspended, TaskFailed
from app.service import kept, log_lines
from app.service.access import audit
from app.service.convert import MOST_CHARACTERS
from app.service.steps import End
from workers.context import AttemptContext
from workers.process import STOPPED, Held


class TimedOut(Exception):
    """The attempt took longer than its `timeout`."""


def store_rest(ctx: AttemptContext) -> None:
    """Stores the lines that no transaction has taken."""
    rest = tuple(ctx.attempt_log.rest())
    if rest:
        log_lines.store(ctx.rt, rest)


def stand_in(ctx: AttemptContext) -> End | None:
    """How a flow test says that the task ends, without running it; None when it has to run."""
    found = (ctx.step.execution.fixtures or {}).get(ctx.step.task.id)
    return end_of(ctx, State(found["state"]), found["outputs"]) if found is not None else None


def perform(ctx: AttemptContext, held: Held) -> End | Suspended:
    """Runs a runnable task: its outputs, its failure, its timeout, its kill."""
    task = ctx.step.task
    assert isinstance(task, RunnableTask), f"{task.type} cannot be run"
    try:
        limit = ctx.read(task.timeout, timedelta)
        with _time_limit(_left(ctx, limit), held):
            result = task.run(ctx)
    except TimedOut:
        assert limit is not None
        ctx.log.error("Timeout after %s", format_duration(limit))
        return end_of(ctx, State.FAILED, reason="TIMEOUT")
    except DatabaseAway:
        raise
    except TaskFailed as error:
        if held.reason in STOPPED:
            return _stopped(ctx, held, error.outputs)
        ctx.log.error("%s", error)
        _note_refusal(ctx, error)
        return end_of(ctx, State.FAILED, error.outputs, is_final=error.is_final)
    except TrunklineError as error:
        ctx.log.error("%s", error)
        _note_refusal(ctx, error)
        return end_of(ctx, State.FAILED)
    except Exception as error:
        ctx.log.error("%s: %s", type(error).__name__, error)
        return end_of(ctx, State.FAILED)
    if isinstance(result, Suspended):
        return _limited(ctx, result, limit)
    if held.reason == "KILLED":
        return _stopped(ctx, held)
    if isinstance(result, Result):
        return end_of(ctx, result.state, result.outputs)
    if isinstance(result, Output):
        return end_of(ctx, State.SUCCESS, result.to_wire())
    return end_of(ctx, State.SUCCESS, result)


def _stopped(ctx: AttemptContext, held: Held, outputs: Mapping[str, Any] | None = None) -> End:
    """The end of an attempt that was stopped from outside, with a line that says so.

    Its exit code says nothing but that.
    """
    ctx.log.warning(STOPPED[held.reason or ""])
    return end_of(ctx, State.KILLED, outputs, reason=held.reason)


def _note_refusal(ctx: AttemptContext, error: TrunklineError) -> None:
    """Keeps a line of the audit log for what the policy refused; the reason, which may show what a
    task was given, stands in the execution's log alone."""
    if not isinstance(error, PolicyRefused | Forbidden):
        return
    ids = ctx.ids
    act = audit.Act(
        actor=f"{ids.namespace}/{ids.flow_id}",
        action=f"policy {ctx.step.task.type}",
        target=f"execution {ids.execution_id} task {ids.task_id}",
        verdict=audit.REFUSED,
        namespace=ids.namespace,
    )
    audit.note(ctx.rt, act)


def _limited(ctx: AttemptContext, suspended: Suspended, limit: timedelta | None) -> Suspended:
    """A wait that is longer than the task's timeout ends, failed, at the timeout."""
    if limit is None or suspended.until is None:
        return suspended
    ends = ctx.rt.clock() + limit
    if suspended.until <= ends:
        return suspended
    return Suspended(ends, {"state": State.FAILED, "message": format_duration(limit)})


def end_of(
    ctx: AttemptContext,
    state: State,
    outputs: Mapping[str, Any] | None = None,
    *,
    reason: str | None = None,
    is_final: bool = False,
) -> End:
    """How the attempt ended, with the lines and effects that its record writes."""
    state, outputs, uri = _kept(ctx, state, outputs)
    lines: tuple[LogLine, ...] = tuple(ctx.attempt_log.rest())
    is_good = state in (State.SUCCESS, State.WARNING)
    return End(
        state=state,
        outputs=outputs,
        outputs_uri=uri,
        effects=tuple(ctx.effects) if is_good else (),
        logs=lines,
        metrics=tuple(ctx.metrics),
        log_uri=ctx.store_log_file(),
        reason=reason,
        is_final=is_final,
    )


def _kept(
    ctx: AttemptContext, state: State, outputs: Mapping[str, Any] | None
) -> tuple[State, Mapping[str, Any] | None, str | None]:
    """Outputs in the row; large ones as a stored file; too large ones fail the attempt."""
    if not outputs:
        return state, outputs, None
    task = ctx.step.task
    if not (isinstance(task, RunnableTask) and task.shows_secrets):
        outputs = ctx.sealed(outputs)
    text = json.dumps(outputs, default=str)
    if len(text) <= kept.IN_ROW:
        return state, outputs, None
    if len(text) > MOST_CHARACTERS:
        most = MOST_CHARACTERS // 1_000_000
        ctx.log.error("The outputs are larger than the limit of %s MB", most)
        return State.FAILED, None, None
    return state, None, kept.put(ctx.rt, kept.folder_of(ctx.step.execution), text)


def _left(ctx: AttemptContext, limit: timedelta | None) -> timedelta | None:
    """What an attempt may still take: one that was taken over has used some."""
    if limit is None or ctx.step.adopted is None:
        return limit
    return limit - (ctx.rt.clock() - ctx.step.started_at)


@contextmanager
def _time_limit(limit: timedelta | None, held: Held) -> Iterator[None]:
    """Interrupts the main thread's work at the limit; a script sees `cancelled` as well."""
    if limit is None:
        yield
        return
    if threading.current_thread() is not threading.main_thread():
        with _timer(limit, held):
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


@contextmanager
def _timer(limit: timedelta, held: Held) -> Iterator[None]:
    """In another thread nothing is interrupted: what runs sees `cancelled`."""
    timer = threading.Timer(max(limit.total_seconds(), 0.001), held.cancel, ["TIMEOUT"])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if held.reason == "TIMEOUT":
            raise TimedOut
