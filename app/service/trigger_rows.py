"""Keeps the rows of a flow's triggers equal to the flow, in the transaction that saves it."""

import hashlib
import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from app.database import triggers
from app.database.session import Session
from app.model.flow import Flow
from app.model.task import AbstractTrigger
from app.plugin.polling import PollingTrigger
from app.service.runtime import Runtime
from app.service.schedule_dates import Dates
from app.trigger.flow import FlowTrigger
from app.trigger.schedule import DatedTrigger


def follow(tx: Session, rt: Runtime, flow: Flow, revision: int) -> None:
    """Adds rows for new triggers, removes those of dropped ones, keeps the cursors of the rest."""
    known = {row.trigger_id: row for row in triggers.list_of_flow(tx, flow.namespace, flow.id)}
    now = rt.clock()
    for trigger in flow.triggers:
        row = known.pop(trigger.id, None)
        values: dict[str, Any] = {
            "type": type(trigger).type_name,
            "revision": revision,
            "updated_at": now,
            "definition": _definition(flow, trigger),
        }
        if isinstance(trigger, FlowTrigger):
            watched = [state for state in trigger.states if not state.is_terminated]
            values["watches"] = "".join(f" {state} " for state in watched)
        is_off = flow.disabled or trigger.disabled
        is_same = row is not None and row.definition == values["definition"]
        if not is_same and not (row is not None and (row.disabled or row.backfill)):
            values["next_at"] = None if is_off else first_at(rt, flow, trigger)
            values["waiting_at"] = None
            values["memory"] = None
        if row is None:
            place = {"namespace": flow.namespace, "flow_id": flow.id, "trigger_id": trigger.id}
            triggers.add(tx, {**place, **values, "disabled": False})
        else:
            triggers.write(tx, triggers.at(flow.namespace, flow.id, trigger.id), **values)
    for gone in known:
        triggers.drop(tx, flow.namespace, flow.id, gone)


def first_at(rt: Runtime, flow: Flow, trigger: AbstractTrigger) -> datetime | None:
    """When a trigger that is new, or on again, is looked at first; None: never by the clock."""
    if isinstance(trigger, PollingTrigger):
        return rt.clock()
    if isinstance(trigger, DatedTrigger):
        return Dates(rt, flow, trigger).next_after(rt.clock())
    if isinstance(trigger, FlowTrigger):
        return trigger.next_look(rt.clock(), ZoneInfo(rt.settings.timezone))
    return None


def _definition(flow: Flow, trigger: AbstractTrigger) -> str:
    """Equal for declarations that mean the same; a switched off one differs."""
    data = trigger.model_dump(mode="json", by_alias=True, exclude={"description"}, warnings=False)
    text = json.dumps([data, flow.disabled], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def find(flow: Flow, trigger_id: str) -> AbstractTrigger | None:
    """The declaration of a trigger."""
    return next((trigger for trigger in flow.triggers if trigger.id == trigger_id), None)


def hand_on_lock(tx: Session, execution: Row[Any], heir: str) -> None:
    """The trigger that an execution locks waits for the end of the one that replaces it."""
    if execution.trigger_id is None:
        return
    where = triggers.at(execution.namespace, execution.flow_id, execution.trigger_id)
    triggers.write(tx, where & (triggers.C.execution_id == execution.id), execution_id=heir)
