"""Flows: their life, lists, bulk acts, import and export, validation, graphs."""

import io
import zipfile

import kestrapy
from ground import (
    NS,
    T,
    client,
    count,
    flows,
    get,
    having,
    made_flow,
    newer,
    of_flow,
    refused,
    rows,
    source,
)

TASK = {"id": "a", "type": "io.kestra.plugin.core.log.Log"}


def identity(place):
    return [kestrapy.IdWithNamespace(namespace=place["namespace"], id=place["id"])]


def names(packed):
    return zipfile.ZipFile(io.BytesIO(packed)).namelist()


def check_flow_life():
    text, place = source("life"), {"namespace": NS, "id": "life", "tenant": T}
    made = flows.create_flow(tenant=T, body=text)
    assert (made.id, made.revision) == ("life", 1)
    refused(422, lambda: flows.create_flow(tenant=T, body=text))
    assert flows.flow(**place, source=True).source == text
    assert flows.update_flow(**place, body=source("life").replace("hello", "bye")).revision == 2
    assert flows.flow(**place, revision=1, source=True).source == text
    assert [one.revision for one in flows.list_flow_revisions(**place)] == [1, 2]
    flows.delete_revisions(**place, revisions=[1])
    assert [one.revision for one in flows.list_flow_revisions(**place)] == [2]
    flows.delete_flow(**place)
    refused(404, lambda: flows.flow(**place))
    assert flows.flow(**place, allow_deleted=True).id == "life"


def check_flow_search_and_lists():
    made_flow("found")
    filters = [having("namespace", NS), having("flowId", "found")]
    found = rows(flows.search_flows(T, page=1, size=50, sort=["id:asc"], filters=filters))
    assert [get(one, "id") for one in found] == ["found"]
    assert rows(flows.search_flows(T, filters=[having("q", "no such flow")])) == []
    assert rows(flows.search_flows_by_source_code(T, q="hello", namespace=NS))
    assert "found" in {one.id for one in flows.list_flows_by_namespace(NS, T)}
    assert NS in flows.list_distinct_namespaces(T)
    assert flows.list_distinct_namespaces(T, q="no.such") == []


def check_flow_deprecations():
    made_flow("old", "{id: e, type: io.kestra.plugin.core.debug.Echo, format: x}")
    assert "old" in str(flows.list_deprecated(T, namespace=NS))


def check_flow_validation():
    good, bad = source("v"), source("v").replace("log.Log", "log.Nope")
    assert flows.validate_flows(T, good)[0].constraints is None
    assert "log.Nope" in flows.validate_flows(T, bad)[0].constraints
    assert flows.validate_task("TASKS", T, {**TASK, "message": "x"}).constraints is None
    assert "message" in flows.validate_task("TASKS", T, TASK).constraints
    trigger = {"id": "a", "type": "io.kestra.plugin.core.trigger.Schedule", "cron": "@daily"}
    assert flows.validate_trigger(T, trigger).constraints is None
    assert "cron" in flows.validate_trigger(T, {**trigger, "cron": "never"}).constraints


def check_flow_parts_graphs_and_dependencies():
    place = made_flow("parts")
    assert flows.task_from_flow(**place, task_id="out").id == "out"
    refused(404, lambda: flows.task_from_flow(**place, task_id="nothing"))
    call = f"{{id: s, type: io.kestra.plugin.core.flow.Subflow, namespace: {NS}, flowId: parts}}"
    caller = made_flow("caller", call)
    needed = flows.flow_dependencies(**caller, destination_only=True)
    assert {node.id for node in needed.nodes} == {"caller", "parts"}
    assert len(needed.edges) == 1
    whole = flows.flow_dependencies_from_namespace(NS, T)
    assert {"caller", "parts"} <= {node.id for node in whole.nodes}
    assert flows.generate_flow_graph(**place).nodes
    assert flows.generate_flow_graph_from_source(T, source("parts")).nodes


def check_flow_bulk_acts_by_ids():
    place = made_flow("bulk")
    assert count(flows.disable_flows_by_ids(T, identity(place))) == 1
    assert flows.flow(**place).disabled is True
    assert count(flows.enable_flows_by_ids(T, identity(place))) == 1
    assert flows.flow(**place).disabled is False
    assert count(flows.delete_flows_by_ids(T, identity(place))) == 1
    refused(404, lambda: flows.flow(**place))


def check_flow_bulk_acts_by_query():
    place = made_flow("query")
    assert count(flows.disable_flows_by_query(T, filters=of_flow("query"))) == 1
    assert flows.flow(**place).disabled is True
    assert count(flows.enable_flows_by_query(T, filters=of_flow("query"))) == 1
    assert flows.flow(**place).disabled is False
    assert count(flows.delete_flows_by_query(T, filters=of_flow("query"))) == 1
    refused(404, lambda: flows.flow(**place))


def check_flow_replacement_of_a_namespace():
    place = NS + ".whole"
    one, two = (source(name).replace(NS, place) for name in ("one", "two"))
    both = f"{one}---\n{two}"
    assert len(flows.bulk_update_flows(T, delete=True, namespace=place, body=both)) == 2
    after = flows.update_flows_in_namespace(place, T, one, delete=True)
    assert {flow.id for flow in after} == {"one", "two"}, after
    assert [flow.id for flow in flows.list_flows_by_namespace(place, T)] == ["one"]
    refused(422, lambda: flows.update_flows_in_namespace(place, T, source("x"), delete=False))
    moved = flows.update_flows_in_namespace(place, T, source("x"), delete=False, override=True)
    assert [flow.id for flow in moved] == ["x"]


def check_flow_export_and_import():
    place = made_flow("moved")
    packed = flows.export_flows_by_ids(T, identity(place))
    assert len(names(packed)) == 1
    assert names(flows.export_flows_by_query(T, filters=of_flow("moved"))) == names(packed)
    flows.delete_flow(**place)
    flows.import_flows(T, file_content=packed)
    assert flows.flow(**place).id == "moved"


def check_flow_concurrency_limits():
    place = made_flow("narrow", more="concurrency: {limit: 2}\n")
    listed = rows(flows.search_concurrency_limits(T))
    assert "narrow" in {get(one, "flow_id") for one in listed}
    asked = {"tenantId": T, "namespace": NS, "flowId": "narrow", "running": 0}
    told = flows.update_concurrency_limit(NS, "narrow", T, asked)
    assert told.flow_id == place["id"]


if newer:

    def check_flow_from_an_object():
        flow = {"id": "object", "namespace": NS, "tasks": [{**TASK, "message": "x"}]}
        assert flows.create_flow_from_object(T, flow).revision == 1
        flow["description"] = "told"
        place = {"namespace": NS, "id": "object", "tenant": T}
        assert flows.update_flow_from_object(**place, flow=flow).revision == 2
        assert flows.flow(**place).description == "told"

    def check_flow_replacement_in_sources():
        place = made_flow("replaced", more="description: colour\n")
        text = {"query": "colour", "replacement": "color"}
        seen = flows.preview_replace_by_source_code(T, {**text, "namespace": NS})
        assert (seen["totalFlows"], seen["totalMatches"]) == (1, 1), seen
        asked = kestrapy.SourceSearchReplaceApplyRequest(**text, flows=identity(place))
        flows.apply_replace_by_source_code(T, asked.to_dict())
        assert flows.flow(**place).description == "color"
        line = {"query": "color", "replacement": "hue", "namespace": NS, "id": "replaced"}
        asked = kestrapy.SourceSearchReplaceLineRequest(**line, line=4)
        flows.replace_line_by_source_code(T, asked.to_dict())
        assert flows.flow(**place).description == "hue"

    def check_flow_csv_hashes_promotions_and_expressions():
        place = made_flow("told", more="variables: {v: 1}\n")
        told = flows.export_flows_by_query_csv(T, filters=of_flow("told"))
        assert "told" in told.splitlines()[1]
        hashes = flows.flow_hashes_by_ids(T, identity(place))
        assert NS in str(hashes), hashes
        assert rows(flows.list_promotions(**place)) == []
        assert flows.expressions(T, source("told", more="variables: {v: 1}\n"))


def check_flow_that_is_not_allowed():
    stranger = type(client)(host=client._base_url, username="a@b.org", password="wrong horse")
    refused(401, lambda: stranger.flows.list_distinct_namespaces(T))
