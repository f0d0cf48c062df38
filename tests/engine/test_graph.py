"""The picture of a flow."""

from app.engine.graph import graph_of
from app.language.parse import parse_flow
from app.plugin.registry import default_registry


def drawn(text, **options):
    flow = parse_flow("id: f\nnamespace: a\n" + text, default_registry()).flow
    return graph_of(flow, **options)


def edges(graph):
    return {(e.source, e.target, e.relation, e.value) for e in graph.edges}


LOG = "type: io.kestra.plugin.core.log.Log, message: x"


def test_tasks_stand_in_a_row_between_the_beginning_and_the_end():
    graph = drawn(f"tasks: [{{id: a, {LOG}}}, {{id: b, {LOG}}}]")

    assert [node.uid for node in graph.nodes] == ["root.root", "root.end", "root.a", "root.b"]
    assert edges(graph) == {
        ("root.root", "root.a", None, None),
        ("root.a", "root.b", "SEQUENTIAL", None),
        ("root.b", "root.end", None, None),
    }


def test_an_if_is_a_cluster_with_a_line_for_each_branch():
    graph = drawn(
        "tasks: [{id: c, type: io.kestra.plugin.core.flow.If, condition: 'true', "
        f"then: [{{id: y, {LOG}}}], else: [{{id: n, {LOG}}}]}}]"
    )

    assert [cluster.uid for cluster in graph.clusters] == ["cluster_root.c"]
    assert graph.flowables == ["root.c"]
    assert ("root.c", "root.c.y", "CHOICE", "then") in edges(graph)
    assert ("root.c", "root.c.n", "CHOICE", "else") in edges(graph)
    assert ("root.c.y", "root.c.end", None, None) in edges(graph)
    assert ("root.c.n", "root.c.end", None, None) in edges(graph)


def test_errors_leave_from_the_beginning_and_finally_stands_before_the_end():
    graph = drawn(
        f"tasks: [{{id: a, {LOG}}}]\nerrors: [{{id: e, {LOG}}}]\nfinally: [{{id: z, {LOG}}}]"
    )

    assert ("root.root", "root.e", "ERROR", None) in edges(graph)
    assert ("root.e", "root.finally", None, None) in edges(graph)
    assert ("root.a", "root.finally", None, None) in edges(graph)
    assert ("root.z", "root.end", None, None) in edges(graph)
    assert next(n for n in graph.nodes if n.uid == "root.z").branch == "FINALLY"


def test_a_dag_is_drawn_by_its_dependencies():
    graph = drawn(
        "tasks: [{id: d, type: io.kestra.plugin.core.flow.Dag, tasks: ["
        f"{{task: {{id: a, {LOG}}}}}, {{task: {{id: b, {LOG}}}, dependsOn: [a]}}]}}]"
    )

    assert ("root.d", "root.d.a", "PARALLEL", None) in edges(graph)
    assert ("root.d.a", "root.d.b", "SEQUENTIAL", None) in edges(graph)
    assert ("root.d.b", "root.d.end", None, None) in edges(graph)
    assert ("root.d.a", "root.d.end", None, None) not in edges(graph)


def test_triggers_are_a_cluster_that_leads_to_the_beginning():
    graph = drawn(
        f"tasks: [{{id: a, {LOG}}}]\n"
        "triggers: [{id: t, type: io.kestra.plugin.core.trigger.Schedule, cron: '0 0 * * *'}]"
    )

    assert graph.clusters[0].uid == "cluster_root.Triggers"
    assert ("root.Triggers.end", "root.root", None, None) in edges(graph)


def test_a_subflow_can_be_drawn_open():
    inner = parse_flow(f"id: i\nnamespace: a\ntasks: [{{id: x, {LOG}}}]", default_registry()).flow
    text = "tasks: [{id: s, type: io.kestra.plugin.core.flow.Subflow, namespace: a, flowId: i}]"

    closed, opened = drawn(text), drawn(text, expand=lambda task, uid: inner)

    assert [n.kind for n in closed.nodes if n.uid == "root.s"] == ["SubflowGraphTask"]
    assert "root.s.x" in [node.uid for node in opened.nodes]
    assert ("root.root", "root.s.root", None, None) in edges(opened)
