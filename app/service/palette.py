"""The palette: everything that a text may mean, of every kind at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.database import names
from app.model.access import Caller, Permission
from app.model.filter import Filter, Group, Operator
from app.service import catalogue, search
from app.service.runtime import Runtime
from app.service.search import Wanted

MOST_EACH = 8  #: where nobody says how many
KINDS = ("flow", "execution", "namespace", "plugin", "file", "resource")
MOST_NAMES = 2000  #: of one kind at once, for a list of all names


@dataclass(frozen=True)
class Hit:
    """One thing found."""

    kind: str
    id: str
    namespace: str | None = None
    title: str | None = None


@dataclass(frozen=True)
class Question:
    """Who asks for what text, and for which part of what is found of each kind."""

    text: str
    caller: Caller
    page: int = 1
    size: int = MOST_EACH

    def part(self) -> slice:
        """That part of all there is."""
        return slice((self.page - 1) * self.size, self.page * self.size)


def find(rt: Runtime, question: Question, kinds: frozenset[str]) -> list[Hit]:
    """What a caller may see and a text is part of; at most `size` of each kind."""
    found: list[Hit] = []
    for kind, maker in _MAKERS.items():
        if kind in kinds:
            found += maker(rt, question)
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


def _flows(rt: Runtime, asked: Question) -> list[Hit]:
    if not asked.caller.may_somewhere(Permission.FLOW_READ):
        return []
    where = _asked(asked.text, asked.caller, Permission.FLOW_READ)
    rows, _ = search.page_of_flows(rt, where, page=asked.page, size=asked.size, sort=[])
    return [Hit("flow", row.id, row.namespace) for row in rows]


def _executions(rt: Runtime, asked: Question) -> list[Hit]:
    if not asked.text or not asked.caller.may_somewhere(Permission.EXECUTION_READ):
        return []
    wanted = Wanted(where=_asked(asked.text, asked.caller, Permission.EXECUTION_READ))
    rows, _ = search.list_executions(rt, wanted, page=asked.page, size=asked.size)
    return [Hit("execution", row.id, row.namespace, f"{row.flow_id} {row.state}") for row in rows]


def _namespaces(rt: Runtime, asked: Question) -> list[Hit]:
    lower = asked.text.lower()
    found = [
        name
        for name in search.list_namespaces(rt)
        if lower in name.lower() and asked.caller.may(Permission.NAMESPACE_READ, name)
    ]
    return [Hit("namespace", name) for name in sorted(found)[asked.part()]]


def _plugins(rt: Runtime, asked: Question) -> list[Hit]:
    lower = asked.text.lower()
    found = [cls for cls in catalogue.shown(rt.registry) if lower in cls.type_name.lower()]
    return [
        Hit("plugin", cls.type_name, title=catalogue.title_of(cls)) for cls in found[asked.part()]
    ]


def _files(rt: Runtime, asked: Question) -> list[Hit]:
    places = asked.caller.visible(Permission.FILE_READ)
    if not asked.text or places == ():
        return []
    with rt.database.reading() as tx:
        rows = names.files_like(tx, asked.text, places, asked.part().stop)
    return [Hit("file", row.path, row.namespace) for row in rows[asked.part()]]


def _resources(rt: Runtime, asked: Question) -> list[Hit]:
    if not asked.text or not asked.caller.may(Permission.GIT_READ):
        return []
    with rt.database.reading() as tx:
        rows = names.resources_like(tx, asked.text, asked.part().stop)
    found = rows[asked.part()]
    return [Hit("resource", row.key, title=f"{row.binding} {row.state}") for row in found]


_MAKERS: Mapping[str, Callable[[Runtime, Question], list[Hit]]] = {
    "flow": _flows,
    "execution": _executions,
    "namespace": _namespaces,
    "plugin": _plugins,
    "file": _files,
    "resource": _resources,
}
