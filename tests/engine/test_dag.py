"""Dag: order, parallelism, failure; refusals of a wrong one."""

import pytest

from app.language.parse import InvalidFlow, parse_flow
from app.plugin.registry import default_registry
from app.service import reopen
from app.service.search import whole

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


def test_a_node_that_waits_does_not_hold_back_those_behind_it(driver):
    sleep = "io.kestra.plugin.core.flow.Sleep, duration: PT1H"
    text = dag(("slow", sleep, []), ("after", LOG, ["slow"]), ("free", LOG, []))

    execution = driver.run(text + "    concurrent: 2\n")

    assert dict(driver.runs(execution)) == {"dag": "RUNNING", "slow": "RUNNING", "free": "SUCCESS"}


def test_a_restart_runs_the_failed_node_and_all_that_waited_for_it(driver):
    fail = f"{FAIL}, condition: '{{{{ taskrun.attemptsCount < 1 }}}}'"
    nodes = [("a", LOG, []), ("b", fail, ["a"]), ("c", LOG, ["b"]), ("d", LOG, ["a", "c"])]
    execution = driver.run(dag(*nodes))
    before = driver.runs(execution)

    reopen.restart(driver.rt, execution)
    driver.work()

    assert before == [("dag", "FAILED"), ("a", "SUCCESS"), ("b", "FAILED")]
    assert [name for name, state in driver.runs(execution) if state == "SUCCESS"] == [
        "dag", "a", "b", "c", "d",
    ]  # fmt: skip


def test_a_replay_from_a_node_runs_what_depends_on_it_and_nothing_else(driver):
    nodes = [("a", LOG, []), ("b", LOG, ["a"]), ("c", LOG, ["b"]), ("other", LOG, [])]
    execution = driver.run(dag(*nodes))
    run = next(row for row in whole(driver.rt, execution)[1] if row.task_id == "b")

    copy = reopen.replay(driver.rt, execution, task_run_id=run.id)
    driver.work()

    attempts = {row.task_id: row.attempt for row in whole(driver.rt, copy)[1]}
    assert driver.state(copy) == "SUCCESS"
    assert attempts == {"dag": 0, "a": 1, "b": 2, "c": 1, "other": 1}
