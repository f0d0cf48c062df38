"""The palette: everything that a text may mean, of every kind at once."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.model.access import Caller, Permission
from app.model.filter import Filter, Group, Operator
from app.service import catalogue, search
from app.service.runtime import Runtime
from app.service.search import Wanted

MOST_EACH = 8
KINDS = ("flow", "execution", "namespace", "plugin")


@dataclass(frozen=True)
class Hit:
    """One thing found."""

    kind: str
    id: str
    namespace: str | None = None
    title: str | None = None


def find(rt: Runtime, text: str, kinds: frozenset[str], caller: Caller) -> list[Hit]:
    """What a caller may see and a text is part of; at most 8 of each kind."""
    makers = {"flow": _flows, "execution": _executions, "namespace": _namespaces}
    found: list[Hit] = []
    for kind, maker in makers.items():
        if kind in kinds:
            found += maker(rt, text, caller)
    if "plugin" in kinds:
        found += list(_plugins(rt, text))[:MOST_EACH]
    return found


def _asked(text: str, caller: Caller, permission: Permission) -> Group:
    asked = Filter(field="q", operator=Operator.EQUALS, value=text)
    visible = caller.visible(permission)
    if visible is None:
        return Group((asked,))
    places = tuple(
        Filter(field="namespace", operator=Operator.PREFIX, value=name) for name in visible
    )
    return Group((asked, Group(places, is_any=True)))


def _flows(rt: Runtime, text: str, caller: Caller) -> list[Hit]:
    if not caller.may_somewhere(Permission.FLOW_READ):
        return []
    asked = _asked(text, caller, Permission.FLOW_READ)
    rows, _ = search.page_of_flows(rt, asked, page=1, size=MOST_EACH, sort=[])
    return [Hit("flow", row.id, row.namespace) for row in rows]


def _executions(rt: Runtime, text: str, caller: Caller) -> list[Hit]:
    if not text or not caller.may_somewhere(Permission.EXECUTION_READ):
        return []
    wanted = Wanted(where=_asked(text, caller, Permission.EXECUTION_READ))
    rows, _ = search.list_executions(rt, wanted, page=1, size=MOST_EACH)
    return [Hit("execution", row.id, row.namespace, f"{row.flow_id} {row.state}") for row in rows]


def _namespaces(rt: Runtime, text: str, caller: Caller) -> list[Hit]:
    lower = text.lower()
    found = [
        name
        for name in search.list_namespaces(rt)
        if lower in name.lower() and caller.may(Permission.NAMESPACE_READ, name)
    ]
    return [Hit("namespace", name) for name in sorted(found)[:MOST_EACH]]


def _plugins(rt: Runtime, text: str) -> Iterator[Hit]:
    lower = text.lower()
    for cls in catalogue.shown(rt.registry):
        if lower in cls.type_name.lower():
            yield Hit("plugin", cls.type_name, title=catalogue.title_of(cls))
