"""After a commit: stop what was killed, finish executions, work off notes, publish jobs.

A crash anywhere in here loses nothing: notes and `finish` are timers, jobs are rows that are due.
"""

import logging
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from app import failpoints
from app.errors import DatabaseAway
from app.service import timers as timer_service
from app.service.finishing import finish
from app.service.runtime import Runtime
from app.service.work import Progress
from app.telemetry.metrics import ENDED, STARTED

log = logging.getLogger(__name__)
MOST_NOTES = 1000
_put_off: ContextVar[list[Progress] | None] = ContextVar("put_off", default=None)


@contextmanager
def settling_later(rt: Runtime) -> Iterator[None]:
    """What commits in the block leave due happens at its end: an answer made in it shows the rows
    as the operation left them."""
    collected: list[Progress] = []
    token = _put_off.set(collected)
    try:
        yield
    finally:
        _put_off.reset(token)
        for progress in collected:
            settle(rt, progress)


def _count(progress: Progress) -> None:
    STARTED.inc(progress.born)
    for state in progress.outcomes:
        ENDED.labels(state).inc()


def settle(rt: Runtime, progress: Progress | None) -> None:
    """Makes what a committed transaction left due happen. Never raises for one bad note."""
    if progress is None:
        return
    collected = _put_off.get()
    if collected is not None:
        collected.append(progress)
        return
    try:
        _settle(rt, progress)
    except DatabaseAway as error:
        log.warning("recovery will do what a commit left: %s", error)


def _settle(rt: Runtime, progress: Progress) -> None:
    waiting = deque([progress])
    done = 0
    while waiting:
        current = waiting.popleft()
        failpoints.hit("after_commit_before_publish")
        _count(current)
        for execution_id in current.killed:
            rt.publisher.broadcast_kill(execution_id)
        if current.jobs:
            rt.publisher.publish(current.jobs)
            for execution_id in dict.fromkeys(job.execution_id for job in current.jobs):
                rt.publisher.announce(f"execution:{execution_id}", {})
        for execution_id in dict.fromkeys(current.finish):
            more = _finish(rt, execution_id)
            if more is not None:
                waiting.append(more)
        for execution_id in current.ended:
            rt.publisher.announce(f"execution:{execution_id}", {"ended": True})
        for note in current.notes:
            done += 1
            if done > MOST_NOTES:
                return
            try:
                waiting.extend(timer_service.work_off(rt, note))
            except DatabaseAway:
                raise
            except Exception:
                log.exception("a note was not worked off")  # beat comes back to it


def _finish(rt: Runtime, execution_id: str) -> Progress | None:
    try:
        return finish(rt, execution_id, timer_service.outputs_of)
    except DatabaseAway:
        raise
    except Exception:  # its timer comes back to it, and counts how often it fails
        log.exception("execution %s was not finished", execution_id)
        return None
