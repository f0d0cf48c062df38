"""Evaluates pure steps ahead of their record, under the lease of the first one's row."""

import time

from app.expression.values import is_truthy
from app.model.state import State
from app.plugin.task import Suspended
from app.service import ahead
from app.service.ahead import Done
from app.service.steps import End
from app.service.work import Ahead, Step, Unrecorded
from app.telemetry import tracing
from workers.context import AttemptContext
from workers.perform import end_of, perform, stand_in
from workers.process import Held, Process

MOST_STEPS = 50
MOST_S = 0.05  #: what has ended is recorded after so long: people watch


def evaluate(process: Process, held: Held, step: Step, end: End) -> list[Done]:
    """A step with its end, and those after it that have ended well without any trace so far.

    None at all when the step itself is not one that may be recorded together with others.
    """
    began = time.monotonic()
    if not ahead.is_plain(step, end):
        return []
    done = [Done(step, end, process.rt.clock())]
    given: dict[str, Ahead] = {}
    while len(done) < MOST_STEPS and time.monotonic() - began < MOST_S:
        if held.cancelled.is_set() or process.draining.is_set():
            break
        last = done[-1]
        given[last.step.task.id] = last.given
        following = ahead.following(last, process.rt.clock())
        found = _try(process, held, following, given) if following is not None else None
        if following is None or found is None or not ahead.is_plain(following, found):
            break
        done.append(Done(following, found, process.rt.clock()))
    return done


def _try(process: Process, held: Held, step: Step, given: dict[str, Ahead]) -> End | None:
    """None: it is not clear that it ends well; the step runs again once it has a row."""
    ctx: AttemptContext | None = None
    try:
        with tracing.span(step.task.type, execution=step.execution_id, task=step.task.id):
            ctx = AttemptContext(process.rt, step, held, ahead=given)
            if ahead.asks_first(step) and not is_truthy(ctx.render(step.task.run_if)):
                return end_of(ctx, State.SKIPPED)
            end = stand_in(ctx) or perform(ctx, held)
            return None if isinstance(end, Suspended) else end
    except (Unrecorded, Exception):
        return None
    finally:
        if ctx is not None:
            ctx.close()
