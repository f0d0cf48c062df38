"""What beat does every two seconds: timers due, leases over, jobs that got lost.

Several at once are harmless, because each write is guarded. One bad row stops only itself.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Row

from app.database import attempts, due, executions, logs, steps, timers
from app.database.change import Where
from app.dispatch.celery_app import ENGINE
from app.dispatch.job import Job
from app.dispatch.publish import TOGETHER
from app.errors import DatabaseAway
from app.model.state import Gate, State
from app.service import flows, poison, queueing, routing
from app.service import timers as timer_service
from app.service.log_lines import error_line
from app.service.progress import Mover, claimable
from app.service.runtime import Runtime
from app.service.settle import settle
from app.service.steps import LOST_LIMIT
from app.service.work import Overtaken, Progress
from app.settings import Settings
from app.telemetry.metrics import LEASES_LOST, REPUBLISHED

log = logging.getLogger(__name__)
NAMED = 20  #: so many stranded executions are told by id


@dataclass
class LeaseWatch:
    """What this process saw of leases, by its own monotonic clock.

    A step of the database's clock must not end every attempt. So a lease is over when it lies in
    the past and was not renewed for as long as its launcher's deadline; when it lay in the past at
    first sight, for longer than a heartbeat; or, whatever the database's clock says, when it was
    not renewed for 5 s longer than it lasts. Who was seen to renew lives: that its new lease lies
    in the past says something of a clock only.
    """

    monotonic: Callable[[], float] = time.monotonic
    lease_s: float = 15.0
    heartbeat_s: float = 3.0
    seen: dict[tuple[str, int], tuple[Any, float, bool]] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings) -> "LeaseWatch":
        """A watch with the times of an installation."""
        return cls(lease_s=settings.lease_s, heartbeat_s=settings.heartbeat_s)

    def is_over(self, row: Row[Any]) -> bool:
        """Whether the lease of a row may be taken as over."""
        now = self.monotonic()
        known = self.seen.get(_key(row))
        if known is None or known[0] != row.lease_until:
            known = (row.lease_until, now, known is None and bool(row.is_expired))
            self.seen[_key(row)] = known
        _, first, was_expired = known
        unchanged = now - first
        if unchanged >= self.lease_s + 5:
            return True
        least = self.heartbeat_s + 1 if was_expired else self.lease_s * 0.8
        return bool(row.is_expired) and unchanged >= least

    def forget(self, keep: set[tuple[str, int]]) -> None:
        """Drops what has ended."""
        self.seen = {key: value for key, value in self.seen.items() if key in keep}


def _key(row: Row[Any]) -> tuple[str, int]:
    return (row.id, row.attempt)


def work_round(rt: Runtime, watch: LeaseWatch) -> None:
    """All of it once: for whoever has nothing better to wake up for."""
    work_timers(rt)
    recover_leases(rt, watch)
    admit_queued(rt)
    republish(rt, rt.publisher.depth)


def work_timers(rt: Runtime, limit: int = 200) -> int:
    """Works off timers that are due; how many there were."""
    with rt.database.reading() as tx:
        found = timers.list_due(tx, rt.clock(), limit)
    for row in found:
        try:
            for progress in timer_service.work_off(rt, row.id):
                settle(rt, progress)
        except DatabaseAway:
            raise
        except Exception as error:
            _put_off(rt, row, error)
    return len(found)


def _put_off(rt: Runtime, timer: Row[Any], error: Exception) -> None:
    """A timer that fails comes again, later each time; its last failure ends its execution.

    One of no execution (a flow's slot, a state to tell, a file to delete) is given up then.
    """
    log.warning("timer %s of %s failed: %s", timer.kind, timer.target, error)
    is_last = timer.failures + 1 >= poison.tries_for(error)
    execution_id = timer.target if timer.kind == "kill_child" else timer.execution_id
    with rt.database.transaction() as tx:
        if is_last and timer.execution_id is None:
            log.error("timer %s of %s was given up", timer.kind, timer.target, exc_info=error)
            timers.take(tx, timer.id)
        else:
            timers.put_off(tx, timer.id, rt.clock(), timer.failures + 1)
    if is_last and execution_id is not None:
        settle(rt, poison.set_aside(rt, execution_id, error))


def admit_queued(rt: Runtime) -> None:
    """Executions begin that wait for a slot although their flow has room: its limit was raised or
    set while they waited, or whoever should have begun them did not."""
    for namespace, flow_id in queueing.list_with_room(rt):
        for progress in queueing.admit(rt, namespace, flow_id):
            settle(rt, progress)


def recover_leases(rt: Runtime, watch: LeaseWatch, limit: int = 5000) -> int:
    """Takes attempts from workers that no longer renew them; how many were taken."""
    with rt.database.reading() as tx:
        leased = due.leases(tx, rt.database.lease(timedelta(0))[0], limit)
    watch.forget({_key(row) for row in leased})
    over = [row for row in leased if watch.is_over(row)]
    taken = sum(_alone(rt, row, partial(lost, rt, row)) for row in over)
    LEASES_LOST.inc(taken)
    return taken


def _alone(
    rt: Runtime,
    row: Row[Any],
    act: Callable[[], Progress | None],
    then: Callable[[Runtime, Progress | None], None] = settle,
) -> bool:
    """Does what is due for one row, and `then` what that left; whether it was done.

    A row that cannot be worked on stops only itself.
    """
    try:
        progress = act()
    except DatabaseAway:
        raise
    except Exception as error:
        log.exception("recovery failed on task run %s", row.id)
        progress = poison.refuse(rt, row.execution_id, {"id": row.id}, error)
        settle(rt, progress)
        return False
    then(rt, progress)
    return progress is not None


def lost(rt: Runtime, seen: Row[Any]) -> Progress | None:
    """An attempt whose lease is over ends as LOST; the run is claimable again, three times."""
    try:
        with rt.database.transaction() as tx:
            execution = executions.share(tx, seen.execution_id)
            row = steps.placed(tx, seen.id)
            if execution is None or row is None:
                raise Overtaken
            where = steps.fenced(seen.id, seen.attempt, seen.owner)
            where["lease_until"] = seen.lease_until
            mover = Mover(tx, rt, execution, flows.index_of(rt, execution))
            attempts.end(tx, row.id, row.attempt, State.KILLED, mover.now, "LOST")
            _lost(mover, row, where)
            return mover.progress
    except Overtaken:
        return None


def _lost(mover: Mover, row: Row[Any], where: Where) -> None:
    if mover.gate is Gate.KILLING:
        if not steps.write(mover.tx, where, **steps.ending(State.KILLED, mover.now)):
            raise Overtaken
        mover.progress.finish.append(mover.execution.id)
        return
    _tell_lost(mover, row)
    place = mover.place(row)
    if row.lost + 1 < LOST_LIMIT:
        claimable(mover, place, row.pos, row.attempt, where, lost=row.lost + 1)
        return
    values = steps.ending(State.FAILED, mover.now, lost=row.lost + 1)
    if not steps.write(mover.tx, where, **values):
        raise Overtaken
    for child in steps.inside(mover.tx, row.id):
        attempts.end(mover.tx, child.id, child.attempt, State.KILLED, mover.now, "LOST")
        if not State(child.state).is_terminated:
            here = {"id": child.id}
            steps.write(mover.tx, here, **steps.ending(State.KILLED, mover.now))
    mover.end_step(place, row.pos, State.FAILED)


def _tell_lost(mover: Mover, row: Row[Any]) -> None:
    is_last = row.lost + 1 >= LOST_LIMIT
    then = f"it is the attempt number {LOST_LIMIT} that was lost" if is_last else "it runs again"
    message = f"The worker {row.owner} died or went silent in this attempt; {then}"
    level = "ERROR" if is_last else "WARN"
    logs.add(mover.tx, [error_line(mover.execution, row, mover.now, message, level)])


def republish(rt: Runtime, depth: Callable[[str], int | None], limit: int = 500) -> int:
    """Publishes again what was published and not claimed in time, or before the broker lost all.

    How many runs were; at most `limit` of a queue. Never more messages than claimable rows went
    out in: per queue at most as many as exceed its depth, none while that cannot be asked.
    """
    now, incarnation = rt.clock(), rt.publisher.incarnation()
    latest = now + 2 * timedelta(seconds=rt.settings.republish_s)
    with rt.database.reading() as tx:
        if not due.is_any_unclaimed(tx, now, latest, incarnation):
            return 0
        waiting = due.messages_by_queue(tx, ENGINE, TOGETHER)
    if not rt.publisher.answers():
        return 0  # nothing is written for a broker that is away
    room = {queue: _room(count, depth(queue)) for queue, count in waiting.items()}
    with rt.database.reading() as tx:
        rows = list(due.of_another_life(tx, incarnation, limit))
        lost = {row.id for row in rows}
        for queue in waiting:
            if room[queue]:  # no queue's rows stand before another's
                found = due.unclaimed(tx, queue, now, latest, limit)
                rows += _with_room([row for row in found if row.id not in lost], room)
    moved = _redirect(rt, waiting, now, latest, limit)
    return len(moved) + _send([row for row in rows if row.id not in moved], rt, incarnation, now)


def _room(count: int, depth: int | None) -> int:
    return max(0, count - depth) if depth is not None else 0


def _with_room(rows: Sequence[Row[Any]], room: dict[str, int]) -> Iterator[Row[Any]]:
    """The rows that may be published again; those that went out together need one place."""
    batch: tuple[Any, ...] = ()
    left = 0  # of a message that has its place
    for row in rows:
        key = (row.execution_id, row.publish_due)
        if key != batch or left == 0:
            if room[row.queue] <= 0:
                return
            room[row.queue] -= 1
            batch, left = key, TOGETHER if row.queue == ENGINE else 1
        left -= 1
        yield row


def _send(rows: Sequence[Row[Any]], rt: Runtime, incarnation: str | None, now: datetime) -> int:
    """Marks the rows and sends their jobs, those of an execution in one message again."""
    jobs: list[Job] = []
    try:
        for row in rows:
            act = partial(_republish, rt, row, incarnation, now)
            _alone(rt, row, act, partial(_keep, jobs))
    finally:  # what is marked is sent, although the database went away meanwhile
        settle(rt, Progress(jobs=jobs))
        REPUBLISHED.inc(len(jobs))
    return len(jobs)


def _keep(jobs: list[Job], _rt: Runtime, progress: Progress | None) -> None:
    jobs.extend(progress.jobs if progress else ())


def _redirect(
    rt: Runtime, waiting: Iterable[str], now: datetime, latest: datetime, limit: int
) -> set[str]:
    """Steps that wait for workers which are not there, and did not have to wait on."""
    bound = [queue for queue in waiting if routing.is_bound(queue)]
    if not bound:
        return set()
    served = routing.served(rt)
    moved = set()
    for queue in bound:
        if queue in served.now:
            continue
        with rt.database.reading() as tx:
            rows = due.unclaimed(tx, queue, now, latest, limit)
        acts = {row.id: partial(routing.redirect, rt, row, served) for row in rows}
        moved |= {row.id for row in rows if _alone(rt, row, acts[row.id])}
    return moved


def is_work_waiting(rt: Runtime, queues: Sequence[str]) -> bool:
    """Whether published work waits in one of the queues."""
    with rt.database.reading() as tx:
        counts = due.claimable_by_queue(tx)
    return any(counts.get(queue) for queue in queues)


def _republish(
    rt: Runtime, seen: Row[Any], incarnation: str | None, now: datetime
) -> Progress | None:
    """The same `now` for all of a round tells the next one what went out together."""
    try:
        with rt.database.transaction() as tx:
            mover, row, where = routing.as_seen(tx, rt, seen)
            later = now + timedelta(seconds=rt.settings.republish_s)
            if not steps.write(tx, where, publish_due=later, incarnation=incarnation):
                raise Overtaken
            place = mover.place(row)
            mover.progress.jobs.append(mover.job(place, row.pos, row.attempt + 1, row.queue))
            return mover.progress
    except Overtaken:
        return None


def count_stranded(rt: Runtime) -> int:
    """Live executions that nothing will ever move: must be 0; an alert, not a mechanism."""
    with rt.database.reading() as tx:
        return due.count_stranded(tx)


def list_stranded(rt: Runtime) -> Sequence[str]:
    """The ids of some of them, the oldest first."""
    with rt.database.reading() as tx:
        return due.stranded(tx, NAMED)


def next_timer(rt: Runtime) -> datetime | None:
    """When the first timer is due."""
    with rt.database.reading() as tx:
        return timers.next_due(tx)
