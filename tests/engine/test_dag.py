"""Dag: order, parallelism, failure; refusals of a wrong one."""

import pytest

from app.language.parse import InvalidFlow, parse_flow
from app.plugin.registry import default_registry

LOG = "io.kestra.plugin.core.log.Log"
FAIL = "io.kestra.plugin.core.execution.Fail"


def dag(*nodes, more=""):
    text = f"id: graph\nnamespace: company.team\ntasks:\n  - id: dag\n{more}"
    text += "    type: io.kestra.plugin.core.flow.Dag\n    tasks:\n"
    for name, kind, needs in nodes:
        rest = ", message: x" if kind == LOG else ""
        text += f"      - task: {{id: {name}, type: {kind}{rest}}}\n"
        text += f"        dependsOn: [{', '.join(needs)}]\n" if needs else ""
    return text


def test_each_task_starts_after_all_it_depends_on(driver):
    nodes = [
        ("last", LOG, ["left", "right"]),
        ("left", LOG, ["first"]),
        ("first", LOG, []),
        ("right", LOG, ["first"]),
        ("alone", LOG, []),
    ]

    execution = driver.run(dag(*nodes))

    order = [task for task, state in driver.runs(execution) if state == "SUCCESS"]
    assert driver.state(execution) == "SUCCESS"
    assert sorted(order) == ["alone", "dag", "first", "last", "left", "right"]
    assert order.index("first") < order.index("left") < order.index("last")
    assert order.index("right") < order.index("last")


def test_a_failure_stops_what_has_not_begun_and_runs_the_errors(driver):
    errors = f"    errors: [{{id: told, type: {LOG}, message: x}}]\n"

    execution = driver.run(dag(("a", FAIL, []), ("b", LOG, ["a"]), more=errors))

    assert driver.runs(execution) == [("dag", "FAILED"), ("a", "FAILED"), ("told", "SUCCESS")]


def test_a_limit_is_kept(driver):
    execution = driver.run(dag(*[(f"t{n}", LOG, []) for n in range(4)], more="    concurrent: 1\n"))

    assert driver.state(execution) == "SUCCESS"


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ([("a", LOG, ["b"]), ("b", LOG, ["a"])], "Cyclic dependency detected: "),
        ([("a", LOG, ["nowhere"])], "Not existing task id in dependency: nowhere"),
    ],
)
def test_a_wrong_graph_is_refused(nodes, message):
    with pytest.raises(InvalidFlow) as caught:
        parse_flow(dag(*nodes), default_registry())

    assert message in str(caught.value)
