"""Schedules that are due: each instant fires once, in the transaction that makes the execution."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from app import failpoints
from app.database import trigger_windows, triggers
from app.engine.index import FlowIndex
from app.errors import DatabaseAway, TrunklineError, Unavailable
from app.expression.evaluate import render_deep
from app.model.ids import new_id
from app.model.label import read_labels
from app.plugin.polling import PollingTrigger
from app.service import checks, flows, log_lines, missing, polling, starting, trigger_rows
from app.service.runtime import Runtime
from app.service.schedule_dates import Dates
from app.service.settle import settle
from app.service.starting import Birth
from app.service.work import Progress
from app.telemetry.metrics import SCHEDULE_LATE
from app.trigger.backfill import is_newest_first, is_within, limit_of
from app.trigger.flow import FlowTrigger
from app.trigger.schedule import DatedTrigger, RecoverMissed, ScheduleOnDates

log = logging.getLogger(__name__)
LATE = timedelta(seconds=30)  #: later than this an instant counts as missed
KEPT_FIRES = timedelta(days=30)
PUT_OFF = timedelta(minutes=1)
WAIT = timedelta(seconds=5)  #: for a part that is away: the instant must not count as missed


def fire_due(rt: Runtime, limit: int = 100) -> datetime | None:
    """Fires what is due; when the next trigger is due (None: never)."""
    with rt.database.reading() as tx:
        due = triggers.list_due(tx, rt.clock(), limit)
    for row in due:
        try:
            settle(rt, _fire(rt, row))
        except DatabaseAway:
            raise  # nothing is wrong with the row: it stays due as it is
        except Exception as error:
            _put_off(rt, row, error)
    with rt.database.reading() as tx:
        return triggers.next_due(tx, rt.clock())


def _put_off(rt: Runtime, row: Row[Any], error: Exception) -> None:
    """A trigger that cannot be fired stops only itself: it comes again in a minute, or in seconds.

    Its instant stays: what fires is always one that the schedule has.
    """
    name = f"{row.namespace}/{row.flow_id}/{row.trigger_id}"
    is_bug = not isinstance(error, TrunklineError)
    log.warning("the trigger %s is put off: %s", name, error, exc_info=error if is_bug else None)
    pause = WAIT if isinstance(error, Unavailable) else PUT_OFF
    with rt.database.transaction() as tx:
        triggers.write(tx, _seen(row), put_off_until=rt.clock() + pause)


def _seen(row: Row[Any]) -> Any:
    """The trigger, if no other beat has moved it since."""
    where = triggers.at(row.namespace, row.flow_id, row.trigger_id)
    return where & (triggers.C.next_at == row.next_at)


@dataclass(frozen=True)
class _Due:
    """A trigger whose instant has come."""

    row: Row[Any]
    saved: flows.SavedFlow
    index: FlowIndex
    trigger: DatedTrigger
    dates: Dates


def _fire(rt: Runtime, row: Row[Any]) -> Progress | None:
    saved = flows.get(rt, row.namespace, row.flow_id)
    index = flows.index(rt, saved.namespace, saved.id, saved.revision)
    trigger = trigger_rows.find(index.flow, row.trigger_id)
    is_off = row.disabled or saved.disabled or trigger is None or trigger.disabled
    if not is_off and isinstance(trigger, FlowTrigger) and trigger.on_miss is not None:
        return missing.judge(rt, row, (saved, index), trigger, _seen(row))
    if is_off or not isinstance(trigger, DatedTrigger | PollingTrigger):
        with rt.database.transaction() as tx:
            triggers.write(tx, _seen(row), next_at=None)
        return None
    if limit_of(row.backfill) is not None:  # it stands in for the lock
        if _waits_for_its_runs(rt, row):
            return None
    elif row.execution_id is not None and not trigger.allow_concurrent:
        with rt.database.transaction() as tx:  # the end of the execution that locks it wakes it
            where = _seen(row) & (triggers.C.execution_id == row.execution_id)
            triggers.write(tx, where, next_at=None, waiting_at=row.next_at)
        return None
    if isinstance(trigger, PollingTrigger):
        return polling.hand_out(rt, row, index.flow, trigger, _seen(row))
    due = _Due(row, saved, index, trigger, Dates(rt, index.flow, trigger))
    instant = _instant(rt, due)
    if instant is None:
        following = due.dates.next_after(max(row.next_at, rt.clock()))
        with rt.database.transaction() as tx:
            triggers.write(tx, _seen(row), next_at=following, last_at=row.next_at)
        return None
    return _start(rt, due, instant)


def _waits_for_its_runs(rt: Runtime, row: Row[Any]) -> bool:
    """Whether as many runs of a backfill are alive as it may have; the end of one wakes it.

    The row is held before they are counted: an end that is not seen yet finds it waiting.
    """
    with rt.database.transaction() as tx:
        triggers.hold(tx, row)
        if triggers.count_backfilling(tx, row) < (limit_of(row.backfill) or 0):
            return False
        triggers.write(tx, _seen(row), next_at=None, waiting_at=row.next_at)
    return True


def _start(rt: Runtime, due: _Due, instant: datetime) -> Progress | None:
    row, trigger = due.row, due.trigger
    birth = _birth(rt, due, instant)
    goes_back = is_newest_first(row.backfill)
    following = due.dates.back_from(instant) if goes_back else due.dates.next_after(instant)
    now = rt.clock()
    values: dict[str, Any] = {"next_at": following, "last_at": instant, "last_triggered_at": now}
    values |= {"evaluated_at": now, "updated_at": now}
    if birth is not None and birth.locks_trigger and not trigger.allow_concurrent:
        values["execution_id"] = birth.execution_id
    values |= _backfill_after(row, following)
    run = (row.backfill or {}).get("id", "")
    with rt.database.transaction() as tx:
        starting.lock_limit(tx, due.index)
        if triggers.write(tx, _seen(row), **values) == 0:
            return None
        if birth is None:
            return None
        if not triggers.fire(tx, row, run, instant, birth.execution_id):
            where = triggers.at(row.namespace, row.flow_id, row.trigger_id)
            triggers.write(tx, where, execution_id=row.execution_id)
            return None
        _, progress = starting.create(tx, rt, due.index, birth)
        failpoints.hit("beat_after_insert")
    if not row.backfill:
        SCHEDULE_LATE.observe((rt.clock() - instant).total_seconds())
    return progress


def _instant(rt: Runtime, due: _Due) -> datetime | None:
    """The instant to fire now, after the rules for missed and late ones; None: none of them."""
    now, trigger = rt.clock(), due.trigger
    instant: datetime = due.row.next_at
    if due.row.backfill:
        return instant
    if trigger.late_maximum_delay is not None:
        while instant + trigger.late_maximum_delay < now:
            following = due.dates.next_after(instant)
            if following is None or following > now:
                return None
            instant = following
    if now - instant <= LATE:
        return instant
    default = RecoverMissed(rt.settings.schedule_recover_missed)
    recover = trigger.recover_missed_schedules or default
    if recover is RecoverMissed.NONE:
        return None
    if recover is RecoverMissed.LAST:
        last = due.dates.previous_before(now + timedelta(microseconds=1))
        return max(instant, last) if last is not None else instant
    return instant


def _backfill_after(row: Row[Any], following: datetime | None) -> dict[str, Any]:
    if not row.backfill:
        return {}
    if following is None or not is_within(row.backfill, following):
        before = row.backfill.get("previousNextExecutionDate")
        return {
            "backfill": None,
            "next_at": datetime.fromisoformat(before) if before else None,
        }
    return {"backfill": {**row.backfill, "currentDate": following.isoformat()}}


def _birth(rt: Runtime, due: _Due, instant: datetime) -> Birth | None:
    """The execution of an instant; FAILED from its start when an expression or input is wrong.

    None when the conditions are not met after all. Raises Unavailable.
    """
    trigger, backfill = due.trigger, due.row.backfill or {}
    common: dict[str, Any] = {
        "namespace": due.saved.namespace,
        "flow_id": due.saved.id,
        "revision": due.saved.revision,
        "execution_id": new_id(),
        "is_background": bool(backfill),
        "commit": (due.saved.git or {}).get("commit"),
    }
    is_list = isinstance(trigger, ScheduleOnDates)
    variables = {} if is_list else due.dates.variables(instant)
    common["trigger"] = {"id": trigger.id, "type": trigger.type, "variables": variables}
    try:
        if not due.dates.fits(instant):
            return None
        names, world = due.dates.names(variables), due.dates.world()
        labels = world.masks.labels(read_labels(render_deep(trigger.labels, names, world)))
        given = {**(trigger.inputs or {}), **(backfill.get("inputs") or {})}
        given = render_deep(given, names, world)
        flow = due.index.flow
        accepted = checks.accept(rt, flow, given, common["execution_id"], world.masks)
        labels |= read_labels(backfill.get("labels"))
    except Unavailable:
        raise  # a secret that cannot be had now is no mistake of the flow
    except (TrunklineError, ValueError) as error:
        log_lines.warn_trigger(rt, due.row, f"The execution fails at its start: {error}")
        return Birth(**common, error=str(error))
    return Birth(
        **common,
        inputs=accepted.inputs,
        error=accepted.error,
        labels=labels,
        locks_trigger=trigger.id,
        started_for=instant if is_list else None,
    )


def tidy(rt: Runtime) -> None:
    """Frees triggers whose execution has ended unheard; forgets fires and windows long past."""
    with rt.database.reading() as tx:
        stale = triggers.stale_locks(tx, 100)
    for row in stale:
        with rt.database.transaction() as tx:
            where = triggers.at(row.namespace, row.flow_id, row.trigger_id)
            where &= triggers.C.execution_id == row.execution_id
            triggers.free(tx, where, rt.clock())
    with rt.database.transaction() as tx:
        triggers.wake_backfills(tx)  # one whose runs were deleted hears of no end
        triggers.drop_fires(tx, rt.clock() - KEPT_FIRES)
        trigger_windows.drop_before(tx, rt.clock() - KEPT_FIRES)
