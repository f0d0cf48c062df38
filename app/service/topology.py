"""How flows hang together: the picture of one, and which flows call which."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.engine.flowable.for_each_item import ForEachItem
from app.engine.flowable.subflow import Subflow
from app.engine.graph import Graph, graph_of
from app.errors import TrunklineError
from app.model.flow import Flow
from app.service import flows, search
from app.service.flows import SavedFlow
from app.service.runtime import Runtime

MOST_OPEN = 100  #: subflows drawn open in one picture
FLOW_TASK, FLOW_TRIGGER = "FLOW_TASK", "FLOW_TRIGGER"

Place = tuple[str, str]  #: namespace and id of a flow


def picture(
    rt: Runtime,
    flow: Flow,
    opened: Sequence[str] = (),
    may_read: Callable[[str], bool] = lambda _: True,
) -> Graph:
    """The graph of a flow; `opened` names subflow tasks (by uid or id) that are drawn open.

    Flows of a namespace that `may_read` says no to stay closed: their tasks are not the reader's.
    """
    left = [MOST_OPEN]

    def expand(task: Subflow, uid: str) -> Flow | None:
        if (uid not in opened and task.id not in opened) or left[0] <= 0:
            return None
        left[0] -= 1
        if not may_read(str(task.namespace)):
            return None
        try:
            saved = flows.get(rt, str(task.namespace), str(task.flow_id))
            return flows.index(rt, saved.namespace, saved.id, saved.revision).flow
        except TrunklineError:
            return None  # an expression, or a flow that is not there

    return graph_of(flow, expand)


@dataclass(frozen=True)
class Link:
    """One flow makes another one run."""

    source: Place
    target: Place
    kind: str


def calls(flow: Flow) -> Iterator[Place]:
    """The flows that a flow's tasks start, as far as they are written out."""
    for task in flow.all_tasks():
        if isinstance(task, Subflow | ForEachItem):
            namespace, flow_id = str(task.namespace), str(task.flow_id)
            if "{" not in namespace + flow_id:
                yield namespace, flow_id


def awaited(document: Mapping[str, Any]) -> Iterator[Place]:
    """The flows whose end a document's Flow triggers wait for, as far as they are written out."""
    for trigger in document.get("triggers") or ():
        if isinstance(trigger, Mapping) and str(trigger.get("type", "")).endswith("trigger.Flow"):
            yield from _places(trigger)


def _places(value: Any) -> Iterator[Place]:
    if isinstance(value, Mapping):
        namespace, flow_id = value.get("namespace"), value.get("flowId")
        if isinstance(namespace, str) and isinstance(flow_id, str):
            yield namespace, flow_id
        for item in value.values():
            yield from _places(item)
    elif isinstance(value, list):
        for item in value:
            yield from _places(item)


def links(rt: Runtime) -> list[Link]:
    """Every link between flows that exist."""
    saved = [SavedFlow.of(row) for row in search.list_flows(rt)]
    known = {(flow.namespace, flow.id) for flow in saved}
    found: dict[Link, None] = {}
    for one in saved:
        here = (one.namespace, one.id)
        for place in awaited(one.document):
            if place in known:
                found[Link(place, here, FLOW_TRIGGER)] = None
        try:
            compiled = flows.index(rt, one.namespace, one.id, one.revision).flow
        except TrunklineError:
            continue  # a revision that this version can no longer read
        for place in calls(compiled):
            if place in known:
                found[Link(here, place, FLOW_TASK)] = None
    return list(found)


def around(
    found: Iterable[Link], starts: Iterable[Place], *, only_after: bool, far: bool
) -> tuple[list[Place], list[Link]]:
    """The links that touch the starts: those they lead to and, unless `only_after`, those that
    lead to them. `far` follows the links of what was found too."""
    kept: dict[Link, None] = {}
    places = dict.fromkeys(starts)
    waiting = deque(places)
    all_links = list(found)
    while waiting:
        place = waiting.popleft()
        for link in all_links:
            if link.source != place and (only_after or link.target != place):
                continue
            kept[link] = None
            for other in (link.source, link.target):
                if other not in places:
                    places[other] = None
                    if far:
                        waiting.append(other)
    return list(places), list(kept)
