"""States of triggers: listed, switched, unlocked, backfilled."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Row

from app.database import triggers
from app.database.session import Session
from app.errors import Conflict, Invalid, NotFound
from app.model.ids import new_id
from app.model.moment import read_moment
from app.service import flows, trigger_rows
from app.service.runtime import Runtime
from app.service.schedule_dates import Dates
from app.trigger.backfill import Order, read_limit, read_order
from app.trigger.schedule import DatedTrigger

T = TypeVar("T")


def list_states(rt: Runtime, namespace: str | None = None) -> Sequence[Row[Any]]:
    """Every trigger that has a state, by flow and id."""
    with rt.database.reading() as tx:
        return triggers.list_states(tx, namespace)


def list_of_flow(rt: Runtime, namespace: str, flow_id: str) -> Sequence[Row[Any]]:
    """Those of one flow."""
    with rt.database.reading() as tx:
        rows = triggers.list_of_flow(tx, namespace, flow_id)
    return [row for row in rows if row.type not in triggers.SILENT_TYPES]


def _get(tx: Session, namespace: str, flow_id: str, trigger_id: str) -> Row[Any]:
    row = triggers.find(tx, namespace, flow_id, trigger_id)
    if row is None:
        raise NotFound(f"no trigger {trigger_id!r} in flow {namespace}.{flow_id}")
    return row


def set_disabled(
    rt: Runtime, namespace: str, flow_id: str, trigger_id: str, *, disabled: bool
) -> Row[Any]:
    """Switches a trigger off or on; on, it goes on with its next instant from now.

    A backfill that runs goes on where it was.
    """
    index = flows.get(rt, namespace, flow_id)
    flow = flows.index(rt, namespace, flow_id, index.revision).flow
    declared = trigger_rows.find(flow, trigger_id)
    next_at = None
    if declared is not None and not disabled:
        next_at = trigger_rows.first_at(rt, flow, declared)
    with rt.database.transaction() as tx:
        row = _get(tx, namespace, flow_id, trigger_id)
        if row.backfill and next_at is not None:
            next_at = _place_of(row.backfill)
        where = triggers.at(namespace, flow_id, trigger_id)
        values = {"next_at": next_at, "waiting_at": None, "updated_at": rt.clock()}
        triggers.write(tx, where, disabled=disabled, **values)
        result = _get(tx, namespace, flow_id, trigger_id)
    rt.publisher.announce("due", {})
    return result


def unlock(rt: Runtime, namespace: str, flow_id: str, trigger_id: str) -> Row[Any]:
    """Clears the lock. Raises NotFound, or Conflict when it is not locked."""
    with rt.database.transaction() as tx:
        row = _get(tx, namespace, flow_id, trigger_id)
        if row.execution_id is None:
            raise Conflict("the trigger is not locked")
        where = triggers.at(namespace, flow_id, trigger_id)
        triggers.free(tx, where, rt.clock())
        result = _get(tx, namespace, flow_id, trigger_id)
    rt.publisher.announce("due", {})
    return result


def _moment(value: Any, name: str) -> datetime:
    try:
        return read_moment(str(value))
    except ValueError:
        raise Invalid(f"`backfill.{name}` is no ISO-8601 date: {str(value)[:40]!r}") from None


def _read(read: Callable[[Any], T], wanted: Mapping[str, Any], name: str) -> T:
    try:
        return read(wanted.get(name))
    except ValueError as error:
        raise Invalid(f"`backfill.{name}`: {error}") from None


def _first(dates: Dates, order: Order, start: datetime, end: datetime) -> datetime:
    """The instant that a backfill begins with. Raises Invalid when there is none."""
    tick = timedelta(microseconds=1)
    if order is Order.NEWEST_FIRST:
        if end > dates.rt.clock():
            raise Invalid("`backfill.end` lies in the future; the newest first would wait for it")
        first = dates.back_from(end + tick)
    else:
        first = dates.next_after(start - tick)
    if first is None or not start <= first <= end:
        raise Invalid("no instant of the schedule lies between `start` and `end`")
    return first


def backfill(
    rt: Runtime, namespace: str, flow_id: str, trigger_id: str, wanted: Mapping[str, Any]
) -> Row[Any]:
    """Runs the instants from `start` to `end`. Raises Conflict while one is running."""
    start = _moment(wanted.get("start"), "start")
    end = _moment(wanted["end"], "end") if wanted.get("end") else rt.clock()
    order = _read(read_order, wanted, "order")
    limit = _read(read_limit, wanted, "concurrencyLimit")
    saved = flows.get(rt, namespace, flow_id)
    flow = flows.index(rt, namespace, flow_id, saved.revision).flow
    declared = trigger_rows.find(flow, trigger_id)
    if not isinstance(declared, DatedTrigger):
        raise Invalid(f"trigger {trigger_id!r} is no Schedule")
    first = _first(Dates(rt, flow, declared), order, start, end)
    with rt.database.transaction() as tx:
        row = _get(tx, namespace, flow_id, trigger_id)
        if row.backfill:
            raise Conflict("a backfill of this trigger is running")
        values = {
            "id": new_id(),
            "start": start.isoformat(),
            "end": end.isoformat(),
            "currentDate": first.isoformat(),
            "paused": False,
            "order": order,
            "concurrencyLimit": limit,
            "inputs": wanted.get("inputs"),
            "labels": wanted.get("labels"),
            "previousNextExecutionDate": _text(row.next_at or row.waiting_at),
        }
        where = triggers.at(namespace, flow_id, trigger_id)
        changes = {"backfill": values, "next_at": first, "waiting_at": None}
        triggers.write(tx, where, updated_at=rt.clock(), **changes)
        result = _get(tx, namespace, flow_id, trigger_id)
    rt.publisher.announce("due", {})
    return result


def end_backfill(rt: Runtime, namespace: str, flow_id: str, trigger_id: str) -> Row[Any]:
    """Ends a backfill; the schedule goes on where it was. Raises Conflict when none runs."""
    with rt.database.transaction() as tx:
        row = _get(tx, namespace, flow_id, trigger_id)
        if not row.backfill:
            raise Conflict("no backfill of this trigger is running")
        before = row.backfill.get("previousNextExecutionDate")
        next_at = datetime.fromisoformat(before) if before else None
        where = triggers.at(namespace, flow_id, trigger_id)
        changes = {"backfill": None, "next_at": next_at, "waiting_at": None}
        triggers.write(tx, where, updated_at=rt.clock(), **changes)
        return _get(tx, namespace, flow_id, trigger_id)


def pause_backfill(
    rt: Runtime, namespace: str, flow_id: str, trigger_id: str, *, paused: bool
) -> Row[Any]:
    """Holds a backfill at its present date, or lets it go on. Raises Conflict when it cannot."""
    with rt.database.transaction() as tx:
        row = _get(tx, namespace, flow_id, trigger_id)
        if not row.backfill:
            raise Conflict("no backfill of this trigger is running")
        if bool(row.backfill.get("paused")) == paused:
            raise Conflict(f"the backfill is {'paused' if paused else 'running'} already")
        values = {**row.backfill, "paused": paused}
        changes = {"next_at": _place_of(values), "waiting_at": None}
        where = triggers.at(namespace, flow_id, trigger_id)
        triggers.write(tx, where, backfill=values, updated_at=rt.clock(), **changes)
        result = _get(tx, namespace, flow_id, trigger_id)
    rt.publisher.announce("due", {})
    return result


def _place_of(backfill: Mapping[str, Any]) -> datetime | None:
    """The instant that a backfill goes on with; None while it is held."""
    return None if backfill.get("paused") else datetime.fromisoformat(backfill["currentDate"])


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
