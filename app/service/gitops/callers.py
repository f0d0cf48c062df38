"""Flows of a plan that call flows which will not be there: warnings, never a reason to stop."""

from dataclasses import replace

from app.database import flows as flow_rows
from app.errors import TrunklineError
from app.gitops.layout import Kind
from app.gitops.plan import Action, Item, Plan
from app.service.gitops.states import Picture
from app.service.runtime import Runtime
from app.service.topology import calls

MOST = 200  #: flows that are looked at
_WRITES = (Action.CREATE, Action.UPDATE)


def with_warnings(rt: Runtime, plan: Plan, picture: Picture) -> Plan:
    """The plan, each flow that it writes with the subflows that are missing after it."""
    gone = {item.key for item in plan.items if item.action is Action.DELETE}
    coming = {key for kind, key in picture.states.desired if kind is Kind.FLOW}
    left = MOST
    items = []
    for item in plan.items:
        if item.kind is Kind.FLOW and item.action in _WRITES and left > 0:
            left -= 1
            missing = [k for k in _called(item, picture) if k not in coming]
            found = _absent(rt, missing, gone)
            item = replace(
                item, warnings=tuple(f"it calls {key}, which is missing" for key in found)
            )
        items.append(item)
    return Plan(tuple(items), plan.blocked)


def _called(item: Item, picture: Picture) -> list[str]:
    try:
        parsed = picture.load((item.kind, item.key)).parsed
    except TrunklineError:
        return []
    found = (
        [f"{namespace}/{flow_id}" for namespace, flow_id in calls(parsed.flow)] if parsed else []
    )
    return list(dict.fromkeys(found))


def _absent(rt: Runtime, keys: list[str], gone: set[str]) -> list[str]:
    found = []
    with rt.database.reading() as tx:
        for key in keys:
            namespace, _, flow_id = key.partition("/")
            row = flow_rows.revision(tx, namespace, flow_id)
            if key in gone or row is None or row.flow_deleted:
                found.append(key)
    return found
