"""A mistake of the engine's own in an attempt: the task run fails, and its log names the mistake.

The traceback is in the worker's log, masked by what the attempt knew to be secret.
"""

import logging
from collections.abc import Callable

from app.database import steps as rows
from app.errors import TrunklineError
from app.model.state import State
from app.service.log_lines import error_line, traced
from app.service.runtime import Runtime
from app.service.steps import End
from app.service.work import Step
from workers.context import AttemptContext
from workers.perform import end_of

log = logging.getLogger(__name__)


def end_by(ctx: AttemptContext, error: Exception) -> End:
    """How an attempt ends in which `error` was raised that nobody foresaw."""
    message = _told(ctx.step, ctx.masks.apply, error)
    ctx.log.error("%s", message)
    return end_of(ctx, State.FAILED)


def end_before(rt: Runtime, step: Step, error: Exception) -> End:
    """As `end_by`, of an attempt that has no context: nothing is known to be secret."""
    with rt.database.reading() as tx:
        run = rows.run(tx, step.task_run_id)
    message = _told(step, lambda _text: "before it began", error)
    return End(state=State.FAILED, logs=(error_line(step.execution, run, rt.clock(), message),))


def _told(step: Step, masked: Callable[[str], str], error: Exception) -> str:
    """The line for the attempt's log; the worker's own log gets the traceback."""
    if isinstance(error, TrunklineError):
        return str(error)
    place = (step.attempt, step.task_run_id)
    log.error("attempt %s of %s failed:\n%s", *place, traced(error, masked))
    return f"The engine failed in this attempt: {type(error).__name__}: {masked(str(error))}"[:1000]
