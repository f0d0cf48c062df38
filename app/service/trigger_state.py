"""States of triggers: listed, switched, unlocked, backfilled."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row

from app.database import triggers
from app.database.session import Session
from app.errors import Conflict, Invalid, NotFound
from app.model.ids import new_id
from app.service import flows, trigger_rows
from app.service.runtime import Runtime
from app.trigger.schedule import Schedule


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
    """Switches a trigger off or on; on, it goes on with its next instant from now."""
    index = flows.get(rt, namespace, flow_id)
    flow = flows.index(rt, namespace, flow_id, index.revision).flow
    declared = trigger_rows.find(flow, trigger_id)
    next_at = None
    if isinstance(declared, Schedule) and not disabled:
        next_at = declared.next_after(rt.clock(), rt.settings.timezone)
    with rt.database.transaction() as tx:
        _get(tx, namespace, flow_id, trigger_id)
        where = triggers.at(namespace, flow_id, trigger_id)
        triggers.write(tx, where, disabled=disabled, next_at=next_at, updated_at=rt.clock())
        return _get(tx, namespace, flow_id, trigger_id)


def unlock(rt: Runtime, namespace: str, flow_id: str, trigger_id: str) -> Row[Any]:
    """Clears the lock. Raises NotFound, or Conflict when it is not locked."""
    with rt.database.transaction() as tx:
        row = _get(tx, namespace, flow_id, trigger_id)
        if row.execution_id is None:
            raise Conflict("the trigger is not locked")
        where = triggers.at(namespace, flow_id, trigger_id)
        triggers.write(tx, where, execution_id=None, updated_at=rt.clock())
        return _get(tx, namespace, flow_id, trigger_id)


def _moment(value: Any, name: str) -> datetime:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        raise Invalid(f"`backfill.{name}` is no ISO-8601 date") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def backfill(
    rt: Runtime, namespace: str, flow_id: str, trigger_id: str, wanted: Mapping[str, Any]
) -> Row[Any]:
    """Runs the instants from `start` to `end`. Raises Conflict while one is running."""
    start = _moment(wanted.get("start"), "start")
    end = _moment(wanted["end"], "end") if wanted.get("end") else rt.clock()
    saved = flows.get(rt, namespace, flow_id)
    declared = trigger_rows.find(
        flows.index(rt, namespace, flow_id, saved.revision).flow, trigger_id
    )
    if not isinstance(declared, Schedule):
        raise Invalid(f"trigger {trigger_id!r} is no Schedule")
    first = declared.next_after(start - timedelta(microseconds=1), rt.settings.timezone)
    if first is None or first > end:
        raise Invalid("no instant of the schedule lies between `start` and `end`")
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
            "inputs": wanted.get("inputs"),
            "labels": wanted.get("labels"),
            "previousNextExecutionDate": row.next_at.isoformat() if row.next_at else None,
        }
        where = triggers.at(namespace, flow_id, trigger_id)
        triggers.write(tx, where, backfill=values, next_at=first, updated_at=rt.clock())
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
        triggers.write(tx, where, backfill=None, next_at=next_at, updated_at=rt.clock())
        return _get(tx, namespace, flow_id, trigger_id)
