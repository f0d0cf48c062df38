"""Flowables of which every task is disabled: they end at once, and the flow goes on."""

import pytest

OFF = "{id: off, type: io.kestra.plugin.core.log.Log, message: x, disabled: true}"
ON = "{id: on, type: io.kestra.plugin.core.log.Log, message: x}"
FLOW = """
id: disabled
namespace: company.team
tasks:
  - {{id: outer, type: io.kestra.plugin.core.flow.{kind}}}
  - {{id: after, type: io.kestra.plugin.core.log.Log, message: x}}
"""


@pytest.mark.parametrize(
    "kind",
    [
        f"Sequential, tasks: [{OFF}]",
        f"AllowFailure, tasks: [{OFF}]",
        f"Parallel, tasks: [{OFF}]",
        f"If, condition: 'true', then: [{OFF}]",
        f"If, condition: 'false', then: [{ON}], else: [{OFF}]",
        f"Switch, value: a, cases: {{a: [{OFF}], b: [{ON}]}}",
        f"Switch, value: c, cases: {{b: [{ON}]}}, defaults: [{OFF}]",
        f"ForEach, values: [1, 2], tasks: [{OFF}]",
        f"EachParallel, value: [1, 2], tasks: [{OFF}]",
        f"Dag, tasks: [{{task: {OFF}}}]",
        f"LoopUntil, condition: 'true', tasks: [{OFF}]",
        f"WorkingDirectory, tasks: [{OFF}]",
    ],
)
def test_a_flowable_without_an_enabled_task_ends_well(driver, kind):
    execution = driver.run(FLOW.format(kind=kind))

    assert driver.state(execution) == "SUCCESS"
    assert driver.runs(execution) == [("outer", "SUCCESS"), ("after", "SUCCESS")]


def test_blocks_without_an_enabled_task_are_left_out(driver):
    text = FLOW.format(kind=f"Sequential, tasks: [{OFF}], errors: [{OFF.replace('off', 'e')}]")
    execution = driver.run(text + f"finally: [{OFF.replace('off', 'f')}]\n")

    assert driver.runs(execution) == [("outer", "SUCCESS"), ("after", "SUCCESS")]
