"""Steps that wait for workers which are not there: sent elsewhere, ended, or left to wait.

Asked once a step was published and not claimed in time, so a worker that is only busy or has just
started changes nothing. The rules are those of `workerGroup` and `workerSelector` (flow language
3.1): a group is unknown when nobody has served it within a day and no setting names it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from app.database import executions, logs, services, steps
from app.database.change import Where
from app.database.session import Session
from app.engine.route import Route
from app.errors import TrunklineError
from app.model.state import Gate, State
from app.model.task import Fallback
from app.service import flows
from app.service.log_lines import error_line
from app.service.presence import EVERY_S, RUNNING
from app.service.progress import Mover, allowed
from app.service.runtime import Runtime
from app.service.work import Overtaken, Progress

ALIVE = timedelta(seconds=3 * EVERY_S)
REMEMBERED = timedelta(days=1)


@dataclass(frozen=True)
class Served:
    """What workers serve."""

    now: frozenset[str]  #: queues that a live worker serves
    groups: frozenset[str]  #: what workers of the last day, or the settings, add to queues


def served(rt: Runtime) -> Served:
    """What is served, by the rows that workers keep of themselves."""
    now = rt.clock()
    with rt.database.reading() as tx:
        rows = [row for row in services.list_since(tx, now - REMEMBERED) if row.kind == "worker"]
    alive = [row for row in rows if row.state == RUNNING and row.seen_at >= now - ALIVE]
    groups = {queue.partition(".")[2] for row in rows for queue in row.queues}
    return Served(
        frozenset(queue for row in alive for queue in row.queues),
        frozenset(groups | {key.strip() for key in rt.settings.worker_groups.split(",")}),
    )


class NoWorker(TrunklineError):
    """Nobody serves what is asked for, and its fallback does not let it wait."""


def queue_now(rt: Runtime, queues: Sequence[str], route: Route) -> str:
    """The first of a route's queues that a live worker serves, else where it may wait.

    Raises NoWorker.
    """
    found = served(rt)
    queue = next((queue for queue in queues if queue in found.now), None)
    if queue is not None or route.fallback is Fallback.IGNORE:
        return queue or queues[-1]
    if (end := _end(route, found)) is not None:
        raise NoWorker(end[1])
    return queues[0]


def is_bound(queue: str) -> bool:
    """Whether only some workers serve a queue."""
    return "." in queue


def as_seen(tx: Session, rt: Runtime, seen: Row[Any]) -> tuple[Mover, Row[Any], Any]:
    """A published step that nobody has claimed since it was `seen`: what moves its execution, its
    row, and the condition under which it may still be written. Raises Overtaken.
    """
    execution = executions.share(tx, seen.execution_id)
    row = steps.placed(tx, seen.id)
    if execution is None or row is None or execution.gate not in (Gate.OPEN, Gate.AFTER):
        raise Overtaken
    where = {"id": row.id, "publish_due": seen.publish_due, "attempt": seen.attempt}
    return Mover(tx, rt, execution, flows.index_of(rt, execution)), row, where


def redirect(rt: Runtime, seen: Row[Any], found: Served) -> Progress | None:
    """A step whose queue no live worker serves: on to the next queue, or its fallback.

    None when there is nothing to do but to wait.
    """
    if seen.queue in found.now:
        return None
    try:
        with rt.database.transaction() as tx:
            mover, row, where = as_seen(tx, rt, seen)
            task = mover.index.tasks[row.task_id]
            route = mover.index.route_of(task)
            queue = _elsewhere(mover.index.queues_of(task), seen.queue, found, route)
            if queue is not None:
                _move(mover, row, queue, where)
                return mover.progress
            end = _end(route, found)
            if end is None:
                return None
            _give_up(mover, row, where, *end)
            return mover.progress
    except Overtaken:
        return None


def _elsewhere(
    queues: tuple[str, ...], present: str, found: Served, route: Route | None
) -> str | None:
    """The first queue that somebody serves, else the one that everybody may serve."""
    served_one = next((queue for queue in queues if queue in found.now), None)
    if served_one is None and route is not None and route.fallback is Fallback.IGNORE:
        served_one = queues[-1]
    return served_one if served_one != present else None


def _end(route: Route | None, found: Served) -> tuple[State, str] | None:
    if route is None:
        return None
    if route.is_group and not found.groups.intersection(route.names):
        return State.FAILED, f"No worker group exist for {route.what}"
    ends = {Fallback.FAIL: State.FAILED, Fallback.CANCEL: State.CANCELLED}
    end = ends.get(route.fallback)
    return (end, f"No worker is available for {route.what}") if end is not None else None


def _move(mover: Mover, row: Row[Any], queue: str, where: Where) -> None:
    later = mover.now + timedelta(seconds=mover.rt.settings.republish_s)
    if not steps.write(mover.tx, where, queue=queue, publish_due=later):
        raise Overtaken
    mover.progress.jobs.append(mover.job(mover.place(row), row.pos, row.attempt + 1, queue))


def _give_up(mover: Mover, row: Row[Any], where: Where, state: State, message: str) -> None:
    state = allowed(mover.index.tasks[row.task_id], state)
    if not steps.write(mover.tx, where, **steps.ending(state, mover.now)):
        raise Overtaken
    logs.add(mover.tx, [error_line(mover.execution, row, mover.now, message)])
    mover.end_step(mover.place(row), row.pos, state)
