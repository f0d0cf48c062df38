"""Routes of pictures: the graph of a flow or an execution, and how flows depend on each other."""

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from app.api import wire
from app.api.auth import current_caller
from app.api.describe import takes
from app.api.web import answer, flag, number, runtime, text_body, without_none
from app.engine.graph import Cluster, Graph, Node
from app.model.access import Permission
from app.model.flow import Flow
from app.service import executions, flow_bulk, flows, search, topology
from app.service.kept import Shown
from app.service.topology import Link, Place

bp = Blueprint("graphs", __name__)


def shown(graph: Graph, document: Any, runs: dict[str, Any] | None = None) -> dict[str, Any]:
    """A picture on the wire; `runs` are the last task runs by task id."""
    nodes = {node.uid: _node(node, document, runs or {}) for node in graph.nodes}
    return {
        "nodes": list(nodes.values()),
        "edges": [
            {
                "source": edge.source,
                "target": edge.target,
                "relation": without_none({"relationType": edge.relation, "value": edge.value}),
            }
            for edge in graph.edges
        ],
        "clusters": [_cluster(cluster, document, runs or {}) for cluster in graph.clusters],
        "flowables": graph.flowables,
    }


def _node(node: Node, document: Any, runs: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "uid": node.uid,
        "type": node.type,
        "relationType": node.relation,
        "branchType": node.branch,
    }
    if node.task is not None:
        written = flow_bulk.find_task(document, node.task.id)
        found["task"] = written or {"id": node.task.id, "type": node.task.type}
        found["taskRun"] = runs.get(node.task.id)
    if node.trigger is not None:
        found["triggerDeclaration"] = {"id": node.trigger.id, "type": node.trigger.type}
        found["trigger"] = found["triggerDeclaration"]
    return without_none(found)


def _cluster(cluster: Cluster, document: Any, runs: dict[str, Any]) -> dict[str, Any]:
    task = cluster.task_node
    return {
        "cluster": without_none(
            {
                "uid": cluster.uid,
                "type": "io.kestra.core.models.hierarchies.GraphCluster",
                "relationType": cluster.relation,
                "taskNode": _node(task, document, runs) if task is not None else None,
            }
        ),
        "nodes": cluster.nodes,
        "parents": list(cluster.parents),
        "start": cluster.start,
        "end": cluster.end,
    }


def _picture(flow: Flow) -> Graph:
    """The graph with those subflows open that the query names and the caller may read."""
    return topology.picture(runtime(), flow, request.args.getlist("subflows"), _may_read)


def _may_read(namespace: str) -> bool:
    return current_caller().may(Permission.FLOW_READ, namespace)


@bp.get("/flows/<namespace>/<flow_id>/graph")
@takes("revision subflows", gives="FlowGraph")
def of_flow(namespace: str, flow_id: str) -> ResponseReturnValue:
    """The task graph; `subflows` draws the named subflow tasks open."""
    saved = flows.get(runtime(), namespace, flow_id, number("revision"))
    flow = flows.index(runtime(), namespace, flow_id, saved.revision).flow
    graph = _picture(flow)
    return answer(shown(graph, saved.document))


@bp.post("/flows/graph")
@takes("subflows", body="yaml", gives="FlowGraph")
def of_source() -> ResponseReturnValue:
    """The same of a flow that is not saved."""
    parsed = flows.parse(runtime(), text_body())
    graph = _picture(parsed.flow)
    return answer(shown(graph, parsed.data))


@bp.get("/executions/<execution_id>/graph")
@takes("subflows", gives="FlowGraph")
def of_execution(execution_id: str) -> ResponseReturnValue:
    """The graph with the last task run of each task."""
    row, found, tries = search.whole(runtime(), execution_id)
    place = (row.namespace, row.flow_id, row.revision)
    saved = flows.get(runtime(), *place, deleted_too=True)
    graph = _picture(flows.index(runtime(), *place).flow)
    whole = wire.execution(row, found, tries, runtime().clock(), Shown(runtime(), 0))
    runs = {run["taskId"]: _light(run) for run in whole.get("taskRunList", ())}
    return answer(shown(graph, saved.document, runs))


def _light(run: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in run.items() if key != "outputs"}


def _dependencies(places: list[Place], *, far: bool) -> dict[str, Any]:
    every = [
        link
        for link in topology.links(runtime())
        if _may_read(link.source[0]) and _may_read(link.target[0])
    ]
    nodes, found = topology.around(
        every, places, only_after=flag("destinationOnly"), far=far or flag("expandAll")
    )
    return {
        "nodes": [{"uid": _uid(place), "namespace": place[0], "id": place[1]} for place in nodes],
        "edges": [_edge(link) for link in found],
    }


def _uid(place: Place) -> str:
    return f"main_{place[0]}_{place[1]}"


def _edge(link: Link) -> dict[str, Any]:
    return {"source": _uid(link.source), "target": _uid(link.target), "relation": link.kind}


@bp.get("/flows/<namespace>/<flow_id>/dependencies")
@takes("destinationOnly expandAll", gives="FlowTopologyGraph")
def of_one(namespace: str, flow_id: str) -> ResponseReturnValue:
    """The flows that it calls or waits for and, unless `destinationOnly`, that call it."""
    flows.get(runtime(), namespace, flow_id)
    return answer(_dependencies([(namespace, flow_id)], far=False))


@bp.get("/namespaces/<namespace>/dependencies")
@takes("destinationOnly", gives="FlowTopologyGraph")
def of_namespace(namespace: str) -> ResponseReturnValue:
    """The same for every flow of a namespace."""
    rows = search.list_flows(runtime(), exact=namespace)
    return answer(_dependencies(_places(rows), far=False))


@bp.get("/dependencies")
@takes("destinationOnly", gives="FlowTopologyGraph")
def of_all() -> ResponseReturnValue:
    """The same for all flows."""
    return answer(_dependencies(_places(search.list_flows(runtime())), far=False))


def _places(rows: list[Row[Any]]) -> list[Place]:
    return [(row.namespace, row.id) for row in rows]


@bp.get("/executions/<execution_id>/dependencies")
@takes("destinationOnly expandAll", gives="FlowTopologyGraph")
def of_executed(execution_id: str) -> ResponseReturnValue:
    """The dependencies of the flow that an execution runs."""
    row = executions.get(runtime(), execution_id)
    return answer(_dependencies([(row.namespace, row.flow_id)], far=False))
