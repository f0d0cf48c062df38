"""Schedules that are due: each instant fires once, in the transaction that makes the execution."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from app import failpoints
from app.database import triggers
from app.errors import TrunklineError
from app.expression.values import to_text
from app.model.flow import Flow
from app.model.ids import new_id
from app.model.label import read_labels
from app.service import flows, inputs, starting, trigger_rows
from app.service.runtime import Runtime
from app.service.settle import settle
from app.service.starting import Birth
from app.service.work import Progress
from app.trigger.schedule import RecoverMissed, Schedule

LATE = timedelta(seconds=30)  #: later than this an instant counts as missed


def fire_due(rt: Runtime, limit: int = 100) -> datetime | None:
    """Fires what is due; when the next trigger is due (None: never)."""
    with rt.database.reading() as tx:
        due = triggers.list_due(tx, rt.clock(), limit)
    for row in due:
        try:
            settle(rt, _fire(rt, row))
        except TrunklineError:
            _put_off(rt, row)
    with rt.database.reading() as tx:
        return triggers.next_due(tx)


def _put_off(rt: Runtime, row: Row[Any]) -> None:
    """A trigger that cannot be fired stops only itself: it comes again in a minute."""
    with rt.database.transaction() as tx:
        where = triggers.at(row.namespace, row.flow_id, row.trigger_id)
        triggers.write(tx, where, next_at=rt.clock() + timedelta(minutes=1))


def _fire(rt: Runtime, row: Row[Any]) -> Progress | None:
    saved = flows.get(rt, row.namespace, row.flow_id)
    index = flows.index(rt, saved.namespace, saved.id, saved.revision)
    trigger = trigger_rows.find(index.flow, row.trigger_id)
    where = triggers.at(row.namespace, row.flow_id, row.trigger_id)
    where &= triggers.C.next_at == row.next_at
    is_off = row.disabled or saved.disabled or trigger is None or trigger.disabled
    if is_off or not isinstance(trigger, Schedule):
        with rt.database.transaction() as tx:
            triggers.write(tx, where, next_at=None)
        return None
    if row.execution_id is not None and not trigger.allow_concurrent:
        with rt.database.transaction() as tx:
            triggers.write(tx, where, next_at=rt.clock() + timedelta(seconds=1))
        return None
    run = (row.backfill or {}).get("id", "") if row.backfill else ""
    instant = _instant(rt, trigger, row)
    if instant is None:
        _move_on(rt, trigger, row, where, row.next_at)
        return None
    birth = _birth(rt, index.flow, saved, trigger, instant, row)
    with rt.database.transaction() as tx:
        following = trigger.next_after(instant, rt.settings.timezone)
        values: dict[str, Any] = {"next_at": following, "last_at": instant}
        values |= {"last_triggered_at": rt.clock(), "evaluated_at": rt.clock()}
        values |= {"execution_id": birth.execution_id} if not trigger.allow_concurrent else {}
        values |= _backfill_after(row, following)
        if triggers.write(tx, where, **values) == 0:
            return None
        if not triggers.fire(tx, row, run, instant, birth.execution_id):
            triggers.write(
                tx, triggers.at(row.namespace, row.flow_id, row.trigger_id), execution_id=None
            )
            return None
        _, progress = starting.create(tx, rt, index, birth)
        failpoints.hit("beat_after_insert")
    return progress


def _move_on(rt: Runtime, trigger: Schedule, row: Row[Any], where: Any, moment: datetime) -> None:
    following = trigger.next_after(max(moment, rt.clock()), rt.settings.timezone)
    with rt.database.transaction() as tx:
        triggers.write(tx, where, next_at=following, last_at=moment)


def _instant(rt: Runtime, trigger: Schedule, row: Row[Any]) -> datetime | None:
    """The instant to fire now, after the rules for missed and late ones; None: none of them."""
    now = rt.clock()
    instant: datetime = row.next_at
    if row.backfill:
        return instant
    if trigger.late_maximum_delay is not None:
        while instant + trigger.late_maximum_delay < now:
            following = trigger.next_after(instant, rt.settings.timezone)
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
        last = trigger.previous_before(now + timedelta(microseconds=1), rt.settings.timezone)
        return max(instant, last) if last is not None else instant
    return instant


def _backfill_after(row: Row[Any], following: datetime | None) -> dict[str, Any]:
    if not row.backfill:
        return {}
    end = datetime.fromisoformat(row.backfill["end"])
    if following is None or following > end:
        before = row.backfill.get("previousNextExecutionDate")
        return {
            "backfill": None,
            "next_at": datetime.fromisoformat(before) if before else None,
        }
    return {"backfill": {**row.backfill, "currentDate": following.isoformat()}}


def _birth(
    rt: Runtime,
    flow: Flow,
    saved: flows.SavedFlow,
    trigger: Schedule,
    instant: datetime,
    row: Row[Any],
) -> Birth:
    local = instant.astimezone(trigger.zone(rt.settings.timezone))
    following = trigger.next_after(instant, rt.settings.timezone)
    previous = trigger.previous_before(instant, rt.settings.timezone)
    variables = {"date": to_text(local)}
    if following is not None:
        variables["next"] = to_text(following)
    if previous is not None:
        variables["previous"] = to_text(previous)
    backfill = row.backfill or {}
    given = {**(trigger.inputs or {}), **(backfill.get("inputs") or {})}
    labels = {**read_labels(trigger.labels), **read_labels(backfill.get("labels"))}
    execution_id = new_id()
    return Birth(
        namespace=saved.namespace,
        flow_id=saved.id,
        revision=saved.revision,
        inputs=inputs.accept(rt, flow.inputs, given, flow, execution_id),
        labels=labels,
        trigger={"id": trigger.id, "type": trigger.type, "variables": variables},
        locks_trigger=trigger.id,
        execution_id=execution_id,
        commit=(saved.git or {}).get("commit"),
    )
