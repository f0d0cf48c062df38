"""The picture of a flow: nodes, edges and clusters, as the topology view draws them.

Each flowable is a cluster with a node where it begins, one where it ends and one for the task
itself; children hang between. An `errors` block leaves from the beginning, a `finally` block stands
before the end. Pure: a compiled flow in, plain values out.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.engine.flowable.base import FlowableTask
from app.engine.flowable.choice import If, Switch
from app.engine.flowable.dag import Dag
from app.engine.flowable.for_each import EachParallel, ForEach
from app.engine.flowable.loop import Loop
from app.engine.flowable.parallel import Parallel
from app.engine.flowable.subflow import Subflow
from app.model.flow import Flow
from app.model.task import AbstractTrigger, Task

_CLASS = "io.kestra.core.models.hierarchies."
SEQUENTIAL, PARALLEL, CHOICE, DYNAMIC = "SEQUENTIAL", "PARALLEL", "CHOICE", "DYNAMIC"
ERROR, FINALLY, AFTER = "ERROR", "FINALLY", "AFTER_EXECUTION"


@dataclass(frozen=True, kw_only=True)
class Node:
    """A point of the picture."""

    uid: str
    kind: str  #: the class that clients know, without its package
    task: Task | None = None
    trigger: AbstractTrigger | None = None
    relation: str | None = None
    branch: str | None = None  #: ERROR, FINALLY or AFTER_EXECUTION below such a block

    @property
    def type(self) -> str:
        """The name on the wire."""
        return _CLASS + self.kind


@dataclass(frozen=True)
class Edge:
    """A line from one node to another."""

    source: str
    target: str
    relation: str | None = None
    value: str | None = None


@dataclass(kw_only=True)
class Cluster:
    """What a flowable encloses."""

    uid: str
    parents: tuple[str, ...]
    start: str
    end: str
    relation: str | None = None
    task_node: Node | None = None
    nodes: list[str] = field(default_factory=list)


@dataclass
class Graph:
    """A whole picture."""

    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    clusters: list[Cluster] = field(default_factory=list)
    flowables: list[str] = field(default_factory=list)


#: finds the flow that a Subflow task names; None: the task stays one node
Expand = Callable[[Subflow, str], Flow | None]


def graph_of(flow: Flow, expand: Expand = lambda _task, _uid: None) -> Graph:
    """The picture of a flow; `expand` says which subflows are drawn open."""
    drawing = _Drawing(expand)
    drawing.whole(flow, "root", (), None)
    return drawing.graph


@dataclass
class _Drawing:
    expand: Expand
    graph: Graph = field(default_factory=Graph)

    def node(self, node: Node, cluster: Cluster | None) -> str:
        self.graph.nodes.append(node)
        if cluster is not None:
            cluster.nodes.append(node.uid)
        return node.uid

    def edge(
        self, source: str, target: str, relation: str | None = None, value: str | None = None
    ) -> None:
        self.graph.edges.append(Edge(source, target, relation, value))

    def ends(self, prefix: str, cluster: Cluster | None, branch: str | None) -> tuple[str, str]:
        start = self.node(
            Node(uid=f"{prefix}.root", kind="GraphClusterRoot", branch=branch), cluster
        )
        end = self.node(Node(uid=f"{prefix}.end", kind="GraphClusterEnd", branch=branch), cluster)
        return start, end

    def whole(
        self, flow: Flow, prefix: str, parents: tuple[str, ...], cluster: Cluster | None
    ) -> tuple[str, str]:
        """A flow's own tasks and triggers; where it begins and ends."""
        start, end = self.ends(prefix, cluster, None)
        self.triggers(flow.triggers, prefix, start)
        place = _Place(prefix, parents, cluster, None)
        last = self.chain(flow.tasks, place, [(start, None, None)], SEQUENTIAL)
        self.blocks(flow.errors, flow.finally_, place, start, end, last)
        if flow.after_execution:
            after = _Place(prefix, parents, cluster, AFTER)
            self.join(self.chain(flow.after_execution, after, [(end, None, None)], AFTER), None)
        return start, end

    def triggers(self, triggers: Iterable[AbstractTrigger], prefix: str, start: str) -> None:
        found = list(triggers)
        if not found or prefix != "root":
            return
        uid = f"{prefix}.Triggers"
        cluster = Cluster(uid=f"cluster_{uid}", parents=(), start=f"{uid}.root", end=f"{uid}.end")
        self.graph.clusters.append(cluster)
        first, last = self.ends(uid, cluster, None)
        for trigger in found:
            node = Node(uid=f"{uid}.{trigger.id}", kind="GraphTrigger", trigger=trigger)
            self.node(node, cluster)
            self.edge(first, node.uid)
            self.edge(node.uid, last)
        self.edge(last, start)

    def blocks(
        self,
        errors: Iterable[Task],
        final: Iterable[Task],
        place: "_Place",
        start: str,
        end: str,
        last: "list[_From]",
    ) -> None:
        """The `errors` and `finally` blocks, and the way to the end."""
        wrong = self.chain(errors, place.below(ERROR), [(start, ERROR, None)], ERROR)
        wrong = [item for item in wrong if item[0] != start]
        tasks = list(final)
        if not tasks:
            self.join([*last, *wrong], end)
            return
        node = Node(uid=f"{place.prefix}.finally", kind="GraphClusterFinally", branch=FINALLY)
        self.node(node, place.cluster)
        self.join([*last, *wrong], node.uid)
        self.join(
            self.chain(tasks, place.below(FINALLY), [(node.uid, FINALLY, None)], FINALLY), end
        )

    def join(self, ends: "list[_From]", target: str | None) -> None:
        for source, _, _ in ends if target is not None else ():
            self.edge(source, target or "")

    def chain(
        self, tasks: Iterable[Task], place: "_Place", before: "list[_From]", relation: str
    ) -> "list[_From]":
        """Tasks one after the other; what the next one follows."""
        for task in tasks:
            first, last = self.task(task, place, before[0][1] or relation)
            for source, kind, value in before:
                self.edge(source, first, kind, value)
            before = [(last, relation, None)]
        return before

    def task(self, task: Task, place: "_Place", relation: str) -> tuple[str, str]:
        """One task; where lines to it end, and where lines from it begin."""
        uid = f"{place.prefix}.{task.id}"
        if isinstance(task, FlowableTask) and task.children():
            return self.flowable(task, uid, place, relation)
        flow = self.expand(task, uid) if isinstance(task, Subflow) else None
        if flow is not None:
            return self.subflow(task, flow, uid, place, relation)
        kind = "SubflowGraphTask" if isinstance(task, Subflow) else "GraphTask"
        self.node(
            Node(uid=uid, kind=kind, task=task, relation=relation, branch=place.branch),
            place.cluster,
        )
        return uid, uid

    def enclose(self, uid: str, place: "_Place", relation: str) -> Cluster:
        cluster = Cluster(
            uid=f"cluster_{uid}",
            parents=place.parents,
            start=f"{uid}.root",
            end=f"{uid}.end",
            relation=relation,
        )
        if place.cluster is not None:
            place.cluster.nodes.append(cluster.uid)
        self.graph.clusters.append(cluster)
        return cluster

    def subflow(
        self, task: Task, flow: Flow, uid: str, place: "_Place", relation: str
    ) -> tuple[str, str]:
        cluster = self.enclose(uid, place, relation)
        cluster.task_node = Node(
            uid=uid, kind="SubflowGraphTask", task=task, relation=relation, branch=place.branch
        )
        return self.whole(flow, uid, (*place.parents, cluster.uid), cluster)

    def flowable(
        self, task: FlowableTask, uid: str, place: "_Place", relation: str
    ) -> tuple[str, str]:
        cluster = self.enclose(uid, place, relation)
        start, end = self.ends(uid, cluster, place.branch)
        if place.cluster is not None:
            place.cluster.nodes += [start, end]
        node = Node(uid=uid, kind="GraphTask", task=task, relation=relation, branch=place.branch)
        cluster.task_node = node
        self.graph.flowables.append(uid)
        self.node(node, cluster)
        self.edge(start, uid)
        inner = _Place(uid, (*place.parents, cluster.uid), cluster, place.branch)
        last = self.inside(task, uid, inner)
        self.blocks(task.errors, task.finally_, inner, start, end, last)
        return start, end

    def inside(self, task: FlowableTask, uid: str, place: "_Place") -> "list[_From]":
        """The main block of a flowable; what its end follows."""
        if isinstance(task, Dag):
            return self.dag(task, uid, place)
        ends: list[_From] = []
        for value, tasks, relation in _branches(task):
            after = SEQUENTIAL if relation in (CHOICE, PARALLEL) else relation
            ends += self.chain(tasks, place, [(uid, relation, value)], after)
        return ends or [(uid, None, None)]

    def dag(self, task: Dag, uid: str, place: "_Place") -> "list[_From]":
        places = {item.task.id: self.task(item.task, place, PARALLEL) for item in task.tasks}
        needed = {name for item in task.tasks for name in item.depends_on}
        for item in task.tasks:
            for name in item.depends_on:
                self.edge(places[name][1], places[item.task.id][0], SEQUENTIAL)
            if not item.depends_on:
                self.edge(uid, places[item.task.id][0], PARALLEL)
        return [(places[i.task.id][1], None, None) for i in task.tasks if i.task.id not in needed]


#: where a line begins, its relation and the value that chooses it
_From = tuple[str, str | None, str | None]


@dataclass(frozen=True)
class _Place:
    """Where tasks are drawn."""

    prefix: str
    parents: tuple[str, ...]
    cluster: Cluster | None
    branch: str | None

    def below(self, branch: str) -> "_Place":
        return _Place(self.prefix, self.parents, self.cluster, self.branch or branch)


def _branches(task: FlowableTask) -> list[tuple[str | None, tuple[Task, ...], str]]:
    """(value, tasks, relation) of each branch of a main block."""
    if isinstance(task, If):
        found = [("then", task.then, CHOICE)]
        return [*found, ("else", task.else_, CHOICE)] if task.else_ else [*found]
    if isinstance(task, Switch):
        cases: Mapping[str, Any] = task.cases
        listed = [(value, tasks, CHOICE) for value, tasks in cases.items()]
        return [*listed, *([("defaults", task.defaults, CHOICE)] if task.defaults else [])]
    if isinstance(task, Parallel):
        return [(None, (child,), PARALLEL) for child in task.tasks]
    if isinstance(task, EachParallel):
        return [(None, (child,), DYNAMIC) for child in task.tasks]
    relation = DYNAMIC if isinstance(task, ForEach | Loop) else SEQUENTIAL
    return [(None, task.branches(), relation)]
