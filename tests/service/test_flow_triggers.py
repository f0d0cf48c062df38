"""Flow triggers: states, conditions, preconditions within windows, dependsOn."""

import pytest

from app.service import executions, operations, search
from app.service.search import Wanted

LISTENER = """
id: listener
namespace: company.down
tasks: [{{id: t, type: io.kestra.plugin.core.debug.Return, format: "{format}"}}]
triggers:
  - id: flow
    type: io.kestra.plugin.core.trigger.Flow
{trigger}
"""
UPSTREAM = """
id: {id}
namespace: company.up
labels: {{kind: {id}}}
tasks: [{{id: {id}, type: io.kestra.plugin.core.{task}}}]
outputs: [{{id: from_{id}, type: STRING, value: "{id}!"}}]
"""
LOG = "log.Log, message: x"


@pytest.fixture
def flows(driver):
    """Saves two upstream flows; gives a function that saves the listener."""
    for name in ("a", "b"):
        driver.save(UPSTREAM.format(id=name, task=LOG))
    driver.save(UPSTREAM.format(id="bad", task="execution.Fail"))

    def save(trigger, format="{{ trigger.flowId }}"):
        lines = "".join(f"    {line}\n" for line in trigger.strip("\n").splitlines())
        driver.save(LISTENER.format(trigger=lines, format=format))

    return save


def run(driver, flow_id, seconds=1):
    execution = driver.start("company.up", flow_id)
    driver.work()
    driver.work_timers(seconds)
    return execution


def fired(driver):
    rows, _ = search.list_executions(
        driver.rt,
        Wanted(exact_namespace="company.down"),
        page=1,
        size=50,
        sort=[("state.startDate", False)],
    )
    return rows


def test_a_trigger_knows_who_started_it(driver, flows):
    flows(
        "states: [SUCCESS]\nlabels: {from: '{{ trigger.executionId }}'}",
        "{{ trigger.outputs.from_a }}",
    )
    first = run(driver, "a")
    row = fired(driver)[0]

    assert row.trigger["variables"]["executionId"] == first
    assert row.trigger["variables"]["state"] == "SUCCESS"
    assert row.trigger["variables"]["executionLabels"] == {"kind": "a"}
    assert row.labels["from"] == first
    assert row.labels["system.correlationId"] == first
    assert driver.outputs(row.id, "t") == {"value": "a!"}


def test_only_the_states_that_are_named_count(driver, flows):
    flows("states: [FAILED]")
    run(driver, "a")
    failed = run(driver, "bad")

    rows = fired(driver)
    assert [row.trigger["variables"]["executionId"] for row in rows] == [failed]
    assert rows[0].trigger["variables"]["firstFailedTaskId"] == "bad"


def test_states_that_are_no_end_are_told_too(driver, flows):
    text = UPSTREAM.format(id="pausing", task="flow.Pause")
    driver.save(text)
    flows("states: [RUNNING, PAUSED, SUCCESS]", "{{ trigger.state }}")
    execution = run(driver, "pausing")
    operations.resume(driver.rt, execution)
    driver.work()
    driver.work_timers(1)

    states = [driver.outputs(row.id, "t")["value"] for row in fired(driver)]
    assert sorted(states) == ["PAUSED", "RUNNING", "RUNNING", "SUCCESS"]


def test_a_flow_never_triggers_itself(driver, flows):
    flows("states: [SUCCESS]")
    run(driver, "a")
    driver.work_timers(5)

    assert len(fired(driver)) == 1


@pytest.mark.parametrize(
    ("condition", "count"),
    [
        ("ExecutionFlow, namespace: company.up, flowId: a", 1),
        ("ExecutionFlow, namespace: company.up, flowId: b", 0),
        ("ExecutionNamespace, namespace: company, comparison: PREFIX", 1),
        ("ExecutionNamespace, namespace: company, prefix: true", 1),
        ("ExecutionNamespace, namespace: up, comparison: SUFFIX", 1),
        ("ExecutionNamespace, namespace: company", 0),
        ("ExecutionStatusCondition, in: [SUCCESS]", 1),
        ("ExecutionStatus, notIn: [SUCCESS]", 0),
        ("ExecutionLabels, labels: {kind: a}", 1),
        ("ExecutionLabels, labels: [{key: kind, value: b}]", 0),
        ("ExecutionOutputs, expression: \"{{ trigger.outputs.from_a == 'a!' }}\"", 1),
        ("Expression, expression: \"{{ flow.id == 'a' }}\"", 1),
        ('Expression, expression: "{{ nothing.at.all }}"', 0),
        ("HasRetryAttempt, in: [SUCCESS]", 0),
        ("FlowCondition, namespace: company.down, flowId: listener", 1),
        ("FlowNamespaceCondition, namespace: company, prefix: true", 1),
    ],
)
def test_conditions_are_asked_of_the_other_execution(driver, flows, condition, count):
    flows(f"conditions: [{{type: io.kestra.plugin.core.condition.{condition}}}]")
    run(driver, "a")

    assert len(fired(driver)) == count


def test_when_sees_the_other_flow(driver, flows):
    flows("when: \"{{ flow.id | startsWith('a') }}\"")
    run(driver, "a")
    run(driver, "b")

    assert len(fired(driver)) == 1


PRECONDITIONS = """
preconditions:
  id: both
  timeWindow: {type: %s}
  resetOnSuccess: %s
  flows:
    - {namespace: company.up, flowId: a, states: [SUCCESS], labels: {kind: a}}
    - {namespace: company.up, flowId: b}
"""


def test_preconditions_fire_once_all_are_met_and_start_anew(driver, flows):
    flows(PRECONDITIONS % ("DURATION_WINDOW", "true"))
    run(driver, "a")
    before = len(fired(driver))
    last = run(driver, "b")
    once = len(fired(driver))
    run(driver, "b")
    again = len(fired(driver))
    run(driver, "a")
    outputs = fired(driver)[0].trigger["variables"]

    assert (before, once, again, len(fired(driver))) == (0, 1, 1, 2)
    assert outputs["executionId"] == last
    assert outputs["outputs"]["from_a"] == "a!"
    assert outputs["outputs"]["from_b"] == "b!"


def test_without_a_reset_each_later_execution_fires(driver, flows):
    flows(PRECONDITIONS % ("DURATION_WINDOW", "false"))
    for name in ("a", "b", "b"):
        run(driver, name)

    assert len(fired(driver)) == 2


def test_what_a_sliding_window_has_left_behind_is_not_met(driver, flows):
    flows(PRECONDITIONS % ("SLIDING_WINDOW, window: PT1H", "true"))
    run(driver, "a")
    driver.clock.advance(7200)
    run(driver, "b")
    early = len(fired(driver))
    run(driver, "a")

    assert (early, len(fired(driver))) == (0, 1)


def test_after_the_deadline_of_the_day_nothing_is_met(driver, flows):
    flows(PRECONDITIONS % ('DAILY_TIME_DEADLINE, deadline: "13:00:00"', "true"))
    run(driver, "a")
    driver.clock.advance(7200)
    run(driver, "b")
    late = len(fired(driver))
    driver.clock.advance(12 * 3600)
    run(driver, "b")
    run(driver, "a")

    assert (late, len(fired(driver))) == (0, 1)


def test_filters_are_preconditions_too(driver, flows):
    flows("""
preconditions:
  id: w
  where:
    - id: first
      filters: [{field: FLOW_ID, type: EQUAL_TO, value: a}]
    - id: second
      operand: OR
      filters:
        - {field: STATE, type: IN, values: [FAILED]}
        - {field: EXPRESSION, type: IS_TRUE, value: "{{ labels.kind == 'b' }}"}
""")
    run(driver, "a")
    early = len(fired(driver))
    run(driver, "b")

    assert (early, len(fired(driver))) == (0, 1)


def test_multiple_conditions_of_older_flows_work(driver, flows):
    flows("""
conditions:
  - id: multiple
    type: io.kestra.core.models.conditions.types.MultipleCondition
    window: P1D
    windowAdvance: P0D
    conditions:
      a: {type: io.kestra.plugin.core.condition.ExecutionFlow, namespace: company.up, flowId: a}
      b: {type: io.kestra.plugin.core.condition.ExecutionFlow, namespace: company.up, flowId: b}
""")
    run(driver, "a")
    early = len(fired(driver))
    run(driver, "b")

    assert (early, len(fired(driver))) == (0, 1)


@pytest.mark.parametrize(
    ("mode", "runs", "count"),
    [
        ("mode: ALL", ["a"], 0),
        ("mode: ALL", ["a", "b"], 1),
        ("mode: ANY", ["a", "b"], 2),
        ("mode: AT_LEAST\nminSatisfied: 2", ["b", "a"], 1),
        ("window: {lookback: PT1H, fireOnce: true}\nmode: ANY", ["a", "b", "a"], 1),
    ],
)
def test_depends_on_is_the_newer_spelling(driver, flows, mode, runs, count):
    entries = "dependsOn: [{namespace: company.up, flowId: a}, {namespace: company.up, flowId: b}]"
    flows(f"{entries}\n{mode}")
    for name in runs:
        run(driver, name)

    assert len(fired(driver)) == count


def test_wrong_inputs_make_no_execution(driver, flows):
    driver.save(
        LISTENER.format(trigger="    inputs: {n: nope}\n", format="x").replace(
            "tasks:", "inputs: [{id: n, type: INT}]\ntasks:"
        )
    )
    execution = run(driver, "a")

    assert fired(driver) == []
    assert executions.get(driver.rt, execution).state == "SUCCESS"
