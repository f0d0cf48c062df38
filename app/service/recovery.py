"""What beat does every two seconds: timers due, leases over, jobs that got lost.

Several at once are harmless, because each write is guarded. One bad row stops only itself.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from app.database import attempts, due, executions, steps, timers
from app.errors import TrunklineError
from app.model.state import Gate, State
from app.service import flows
from app.service import timers as timer_service
from app.service.progress import Mover
from app.service.runtime import Runtime
from app.service.settle import settle
from app.service.steps import LOST_LIMIT, claimable
from app.service.work import Overtaken, Progress

SEEN_TWICE_S = 4.0
UNCHANGED_S = 20.0


@dataclass
class LeaseWatch:
    """What this beat saw of expired leases, by its own monotonic clock.

    A lease is over when it was seen expired twice, 4 s apart, or has not changed for 20 s whatever
    the database's clock says: a step of that clock must not end every attempt.
    """

    monotonic: Callable[[], float] = time.monotonic
    first_seen: dict[tuple[str, int, Any], float] = field(default_factory=dict)

    def is_over(self, row: Row[Any]) -> bool:
        """Whether the lease of a row that looks expired may be taken as over."""
        key = (row.id, row.attempt, row.lease_until)
        now = self.monotonic()
        first = self.first_seen.setdefault(key, now)
        return now - first >= SEEN_TWICE_S

    def forget(self, keep: set[tuple[str, int, Any]]) -> None:
        """Drops what is no longer expired."""
        self.first_seen = {k: v for k, v in self.first_seen.items() if k in keep}


def work_timers(rt: Runtime, limit: int = 200) -> int:
    """Works off timers that are due; how many there were."""
    with rt.database.reading() as tx:
        found = timers.list_due(tx, rt.clock(), limit)
    for row in found:
        try:
            for progress in timer_service.work_off(rt, row.id):
                settle(rt, progress)
        except TrunklineError:
            with rt.database.transaction() as tx:
                timers.put_off(tx, row.id, rt.clock(), row.failures + 1)
    return len(found)


def recover_leases(rt: Runtime, watch: LeaseWatch, limit: int = 100) -> int:
    """Takes attempts from workers that no longer renew them; how many were taken."""
    with rt.database.reading() as tx:
        expired = due.expired_leases(tx, rt.database.now_plus(timedelta(0)), limit)
    watch.forget({(row.id, row.attempt, row.lease_until) for row in expired})
    taken = 0
    for row in expired:
        if watch.is_over(row):
            progress = lost(rt, row)
            taken += progress is not None
            settle(rt, progress)
    return taken


def lost(rt: Runtime, seen: Row[Any]) -> Progress | None:
    """An attempt whose lease is over ends as LOST; the run is claimable again, three times."""
    try:
        with rt.database.transaction() as tx:
            execution = executions.share(tx, seen.execution_id)
            row = steps.placed(tx, seen.id)
            if execution is None or row is None:
                raise Overtaken
            where = steps.fenced(seen.id, seen.attempt, seen.owner)
            where &= steps.T.lease_until == seen.lease_until
            mover = Mover(tx, rt, execution, flows.index_of(rt, execution))
            attempts.end(tx, row.id, row.attempt, State.KILLED, mover.now, "LOST")
            _lost(mover, row, where)
            return mover.progress
    except Overtaken:
        return None


def _lost(mover: Mover, row: Row[Any], where: Any) -> None:
    if mover.gate is Gate.KILLING:
        if not steps.write(mover.tx, where, **steps.ending(State.KILLED, mover.now)):
            raise Overtaken
        mover.progress.finish.append(mover.execution.id)
        return
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
            here = steps.T.id == child.id
            steps.write(mover.tx, here, **steps.ending(State.KILLED, mover.now))
    mover.end_step(place, row.pos, State.FAILED)


def republish(rt: Runtime, depth: Callable[[str], int], limit: int = 500) -> int:
    """Publishes again what was published and not claimed in time, or before the broker lost all.

    Never more hints than claimable rows: per queue at most as many as exceed its depth.
    """
    now, incarnation = rt.clock(), rt.publisher.incarnation()
    with rt.database.reading() as tx:
        rows = due.unclaimed(tx, now, incarnation, limit)
        counts = due.claimable_by_queue(tx) if rows else {}
    room = {queue: max(0, count - depth(queue)) for queue, count in counts.items()}
    sent = 0
    for row in rows:
        is_new_life = incarnation is not None and row.incarnation != incarnation
        if not is_new_life:
            if row.publish_due > now or room.get(row.queue, 0) <= 0:
                continue
            room[row.queue] -= 1
        progress = _republish(rt, row, incarnation)
        sent += progress is not None
        settle(rt, progress)
    return sent


def _republish(rt: Runtime, seen: Row[Any], incarnation: str | None) -> Progress | None:
    try:
        with rt.database.transaction() as tx:
            execution = executions.share(tx, seen.execution_id)
            row = steps.placed(tx, seen.id)
            if execution is None or row is None or execution.gate not in (Gate.OPEN, Gate.AFTER):
                raise Overtaken
            mover = Mover(tx, rt, execution, flows.index_of(rt, execution))
            where = (steps.T.id == row.id) & (steps.T.publish_due == seen.publish_due)
            where &= steps.T.attempt == seen.attempt
            later = mover.now + timedelta(seconds=rt.settings.republish_s)
            if not steps.write(tx, where, publish_due=later, incarnation=incarnation):
                raise Overtaken
            mover.progress.jobs.append(mover.job(mover.place(row), row.pos, row.attempt + 1))
            return mover.progress
    except Overtaken:
        return None


def count_stranded(rt: Runtime) -> int:
    """Live executions that nothing will ever move: must be 0; an alert, not a mechanism."""
    with rt.database.reading() as tx:
        return due.count_stranded(tx)


def next_timer(rt: Runtime) -> datetime | None:
    """When the first timer is due."""
    with rt.database.reading() as tx:
        return timers.next_due(tx)
