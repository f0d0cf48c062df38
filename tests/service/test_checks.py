"""Checks of a flow: asked before an execution is made, by whatever starts it."""

import pytest

from app.service import checks, executions, flows, search
from app.service.checks import Blocked

LOG = "io.kestra.plugin.core.log.Log"
SUBFLOW = "io.kestra.plugin.core.flow.Subflow"


def _flow(*rules):
    return f"""
id: checked
namespace: company.team
inputs: [{{id: age, type: INT, defaults: 1}}]
checks: [{", ".join(rules)}]
tasks: [{{id: one, type: {LOG}, message: ran}}]
"""


def _rule(limit, message, behavior):
    condition = f'"{{{{ inputs.age > {limit} }}}}"'
    return f"{{condition: {condition}, message: {message}, style: ERROR, behavior: {behavior}}}"


def test_a_blocking_check_refuses_the_start_with_its_message(driver):
    driver.save(_flow(_rule(5, "too young", "BLOCK_EXECUTION")))

    with pytest.raises(Blocked) as raised:
        driver.start("company.team", "checked", age=3)

    assert [found.message for found in raised.value.violations] == ["too young"]
    assert search.list_executions(driver.rt, search.Wanted(), page=1, size=9)[1] == 0


def test_a_failing_check_makes_an_execution_that_has_failed(driver):
    driver.save(_flow(_rule(5, "too young", "FAIL_EXECUTION")))

    execution = driver.start("company.team", "checked", age=3)
    driver.work()

    assert driver.state(execution) == "FAILED"
    assert driver.runs(execution) == []
    assert driver.messages(execution) == ["too young"]


def test_a_check_that_only_speaks_stops_nothing(driver):
    execution = driver.run(_flow(_rule(5, "too young", "CREATE_EXECUTION")), age=3)

    assert driver.state(execution) == "SUCCESS"


def test_the_strictest_broken_check_decides(driver):
    rules = [
        _rule(5, "failing", "FAIL_EXECUTION"),
        _rule(4, "blocking", "BLOCK_EXECUTION"),
        _rule(0, "kept", "BLOCK_EXECUTION"),
    ]
    driver.save(_flow(*rules))

    with pytest.raises(Blocked) as raised:
        driver.start("company.team", "checked", age=3)

    assert [found.message for found in raised.value.violations] == ["blocking"]


def test_a_check_that_cannot_be_rendered_does_not_hold(driver):
    driver.save(_flow('{condition: "{{ inputs.nobody.name }}", message: odd}'))

    with pytest.raises(Blocked, match="odd"):
        driver.start("company.team", "checked")


def test_a_subflow_that_a_check_blocks_fails_its_task(driver):
    driver.save(_flow(_rule(5, "too young", "BLOCK_EXECUTION")))
    execution = driver.run(
        f"""
id: caller
namespace: company.team
tasks:
  - {{id: call, type: {SUBFLOW}, namespace: company.team, flowId: checked, inputs: {{age: 2}}}}
"""
    )

    assert driver.runs(execution) == [("call", "FAILED")]
    assert any("too young" in message for message in driver.messages(execution))


def test_values_that_fit_are_accepted_with_their_checks(driver):
    driver.save(_flow(_rule(5, "too young", "BLOCK_EXECUTION")))

    execution = driver.start("company.team", "checked", age=9)
    driver.work()

    assert executions.get(driver.rt, execution).inputs == {"age": 9}
    assert driver.state(execution) == "SUCCESS"
    assert checks.ask(driver.rt, _parsed(driver), {"age": 9}, "none") == []


def _parsed(driver):
    return flows.index(driver.rt, "company.team", "checked", 1).flow
