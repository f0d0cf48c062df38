"""Keeps the rows of a flow's triggers equal to the flow, in the transaction that saves it."""

from app.database import triggers
from app.database.session import Session
from app.model.flow import Flow
from app.model.task import AbstractTrigger
from app.service.runtime import Runtime
from app.trigger.flow import FlowTrigger
from app.trigger.schedule import Schedule


def follow(tx: Session, rt: Runtime, flow: Flow, revision: int) -> None:
    """Adds rows for new triggers, removes those of dropped ones, keeps the cursors of the rest."""
    known = {row.trigger_id: row for row in triggers.list_of_flow(tx, flow.namespace, flow.id)}
    now = rt.clock()
    for trigger in flow.triggers:
        row = known.pop(trigger.id, None)
        is_off = flow.disabled or trigger.disabled
        next_at = None
        if isinstance(trigger, Schedule) and not is_off:
            after = row.last_at if row is not None and row.last_at is not None else now
            next_at = trigger.next_after(after, rt.settings.timezone)
        values = {
            "type": type(trigger).type_name,
            "revision": revision,
            "updated_at": now,
            "next_at": next_at,
        }
        if isinstance(trigger, FlowTrigger):
            watched = [state for state in trigger.states if not state.is_terminated]
            values["watches"] = "".join(f" {state} " for state in watched)
        if row is None:
            place = {"namespace": flow.namespace, "flow_id": flow.id, "trigger_id": trigger.id}
            triggers.add(tx, {**place, **values, "disabled": False})
            continue
        if row.disabled or row.backfill:
            values["next_at"] = row.next_at
        triggers.write(tx, triggers.at(flow.namespace, flow.id, trigger.id), **values)
    for gone in known:
        triggers.drop(tx, flow.namespace, flow.id, gone)


def find(flow: Flow, trigger_id: str) -> AbstractTrigger | None:
    """The declaration of a trigger."""
    return next((trigger for trigger in flow.triggers if trigger.id == trigger_id), None)
