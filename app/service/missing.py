"""Windows of Flow triggers that ended unmet (`onMiss`): an execution that is FAILED from its start.

The trigger's row is due a little after each end of its window, for what ended in time is heard of
later.
"""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from app.database import triggers
from app.engine.index import FlowIndex
from app.expression.values import to_text
from app.model.ids import new_id
from app.model.label import read_labels
from app.service import meeting, starting
from app.service.flows import SavedFlow
from app.service.runtime import Runtime
from app.service.starting import Birth
from app.service.work import Progress
from app.trigger.flow import GRACE, FlowTrigger


def judge(
    rt: Runtime,
    row: Row[Any],
    flow: tuple[SavedFlow, FlowIndex],
    trigger: FlowTrigger,
    seen: Any,
) -> Progress | None:
    """A window has ended: a FAILED execution when the trigger has not fired in it.

    Of several that ended while nobody looked the first one is told. `seen` guards the row.
    """
    default = ZoneInfo(rt.settings.timezone)
    now, ended, group = rt.clock(), row.next_at - GRACE, trigger.newer_group()
    zone = ZoneInfo(group.timezone) if group.timezone else default
    span = group.window.span(ended - timedelta(microseconds=1), zone)
    values = {"next_at": trigger.next_look(max(now, ended), default), "last_at": ended}
    values |= {"evaluated_at": now, "updated_at": now}
    execution_id = new_id()
    with rt.database.transaction() as tx:
        starting.lock_limit(tx, flow[1])
        if triggers.write(tx, seen, **values) == 0 or span is None:
            return None
        if meeting.has_fired(tx, row, group, span[0]):
            return None
        if not triggers.fire(tx, row, "missed", ended, execution_id):
            return None
        birth = _birth(flow[0], trigger, span, execution_id)
        _, progress = starting.create(tx, rt, flow[1], birth)
    return progress


def _birth(
    saved: SavedFlow, trigger: FlowTrigger, span: tuple[datetime, datetime], execution_id: str
) -> Birth:
    assert trigger.on_miss is not None
    window = {"windowStart": to_text(span[0]), "windowEnd": to_text(span[1])}
    reason = f"The trigger '{trigger.id}' was not met until {window['windowEnd']}"
    return Birth(
        namespace=saved.namespace,
        flow_id=saved.id,
        revision=saved.revision,
        execution_id=execution_id,
        labels={**read_labels(trigger.labels), **read_labels(trigger.on_miss.labels)},
        trigger={"id": trigger.id, "type": trigger.type, "variables": window},
        error=reason,
        commit=(saved.git or {}).get("commit"),
    )
