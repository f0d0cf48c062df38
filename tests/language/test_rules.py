"""The rules of a flow: each breach named, all of them in one answer."""

import pytest

from app.errors import Invalid
from app.language.parse import parse_flow
from app.plugin.registry import default_registry

HEAD = "id: f\nnamespace: a.b\n"
TASKS = "tasks:\n  - {id: t, type: io.kestra.plugin.core.log.Log, message: m}\n"
FLOW = "io.kestra.plugin.core.flow."


def violations(text):
    with pytest.raises(Invalid) as error:
        parse_flow(text, default_registry())
    return error.value.violations


@pytest.mark.parametrize(
    ("more", "path", "message"),
    [
        ("listeners: [{tasks: []}]", "listeners[0].tasks", "must not be empty"),
        (
            "sla: [{id: s, type: MAX_DURATION, behavior: NONE, duration: PT1S, "
            "labels: {system.x: y}}]",
            "sla[0].labels",
            "offending label: system.x=y",
        ),
        (
            "triggers: [{id: w, type: io.kestra.plugin.core.trigger.Webhook, key: k, conditions: "
            "[{type: io.kestra.plugin.core.condition.MultipleCondition}]}]",
            "triggers[0].conditions[0]",
            "invalid webhook",
        ),
        ("inputs: [{id: a, type: STRING, min: 3}]", "inputs[0].min", 'Unrecognized field "min"'),
        ("inputs: [{id: a, type: INT, min: few}]", "inputs[0].min", "is no INT"),
        ("inputs: [{id: a, type: SELECT}]", "inputs[0]", "`values` or `expression`"),
        ("outputs: [{id: o, type: INT, value: 1}, {id: o, type: INT, value: 1}]",
         "outputs[1].id", "Duplicate output with name [o]"),
        ("pluginDefaults: [{type: io.kestra.plugin.core.log.Log, values: {lvl: A}}]",
         "pluginDefaults[0].values.lvl", "No property 'lvl' exists in plugin"),
        ("retry: {type: constant, interval: PT20S, maxDuration: PT10S}", "retry",
         "'interval' must be less than 'maxDuration' but is PT20S"),
        ("sla: [{id: s, type: MAX_DURATION, behavior: FAIL}]", "sla[0]", "`duration` must"),
        ("sla: [{id: s, type: EXECUTION_ASSERTION, behavior: FAIL}]", "sla[0]", "`assert` must"),
        ("sla: [{id: s, type: LONGEST, behavior: FAIL}]", "sla[0].type", "'EXECUTION_ASSERTION'"),
        ("concurrency: {limit: 1, behavior: QUEU}", "concurrency.behavior", 'mean "QUEUE"'),
        ("concurency: {limit: 1}", "concurency", 'did you mean "concurrency"'),
        ("concurrency: {limit: 1, behaviour: FAIL}", "concurrency.behaviour", 'mean "behavior"'),
        ("workerGroup: {key: '{{ inputs.a }}'}", "workerGroup.key", "must match"),
        ("workerGroup: {key: a, fallback: IGNORE}", "workerGroup.fallback", "'CANCEL'"),
        ("workerSelector: {tags: []}", "workerSelector.tags", "must not be empty"),
        ("triggers: [{id: w, type: io.kestra.plugin.core.trigger.Webhook, key: ''}]",
         "triggers[0].key", "at least 1 character"),
        ("triggers: [{id: s, type: io.kestra.plugin.core.trigger.Schedule, cron: '@daily', "
         "stopAfter: [FAILD]}]", "triggers[0].stopAfter[0]", 'mean "FAILED"'),
        ("triggers: [{id: s, type: io.kestra.plugin.core.trigger.Schedule, cron: '@daily', "
         "conditions: [{type: io.kestra.plugin.core.condition.DayWeek, dayOfWeek: MONDY}]}]",
         "triggers[0].conditions[0].dayOfWeek", 'mean "MONDAY"'),
        ("triggers: [{id: s, type: io.kestra.plugin.core.trigger.Schedule, cron: '@daily', "
         "conditions: [{type: io.kestra.plugin.core.condition.Or, conditions: []}]}]",
         "triggers[0].conditions[0].conditions", "must not be empty"),
        ("errors: [{id: e, type: io.kestra.plugin.core.log.Log, message: m, level: LOUD}]",
         "errors[0].level", "'TRACE', 'DEBUG'"),
        ("errors: [{id: e, type: io.kestra.plugin.core.log.Log, message: m, logLevel: WARNING}]",
         "errors[0].logLevel", 'mean "WARN"'),
        ("errors: [{id: e, type: io.kestra.plugin.core.kv.Set, key: k, value: 1, kvType: TEXT}]",
         "errors[0].kvType", "'STRING'"),
        ("worker_group: {key: a}", "worker_group", 'did you mean "workerGroup"'),
    ],
)  # fmt: skip
def test_a_breach_is_named_with_its_place(more, path, message):
    found = violations(HEAD + TASKS + more + "\n")
    named = [v for v in found if v.path.startswith(path) and message in v.message]

    assert [v.line for v in named] == [5], found


def test_a_property_of_a_nested_task_is_named_with_what_was_meant():
    found = violations(
        HEAD
        + f"""
tasks:
  - id: outer
    type: {FLOW}If
    condition: x
    then:
      - id: case
        type: {FLOW}Switch
        value: a
        cases:
          a:
            - {{id: deep, type: io.kestra.plugin.core.log.Log, messsage: m}}
"""
    )

    assert found[-1].path.endswith("cases.a[0].messsage")
    assert 'did you mean "message"?' in found[-1].message
    assert found[-1].line == 14


def test_a_wrong_shape_and_a_broken_rule_come_in_one_answer():
    found = violations(
        HEAD + "labels: {system.a: b}\ninputs: [{id: a, type: NOPE}]\n"
        "tasks:\n  - {id: t, type: io.kestra.plugin.core.log.Log}\n"
        "  - {id: t, type: io.kestra.plugin.core.log.Log, mesage: x}\n"
    )
    text = " ".join(v.message for v in found)

    for part in ("system.a=b", "Input should be", "Duplicate task id", "Unrecognized", "null"):
        assert part in text
    assert [v.line for v in found] == sorted(v.line for v in found)


def test_a_subflow_to_itself_is_refused_at_any_depth():
    found = violations(
        HEAD + f"tasks: [{{id: s, type: {FLOW}Sequential, tasks: "
        f"[{{id: x, type: {FLOW}Subflow, namespace: a.b, flowId: f}}]}}]"
    )

    assert found[0].message == "Recursive call to flow [a.b.f]"


def test_plugin_defaults_around_the_flow_count_when_it_is_checked():
    text = HEAD + "tasks: [{id: t, type: io.kestra.plugin.core.log.Log}]"
    around = ({"type": "io.kestra.plugin.core.log", "values": {"message": "given"}},)

    assert parse_flow(text, default_registry(), lambda _: around).flow.tasks[0].message == "given"
