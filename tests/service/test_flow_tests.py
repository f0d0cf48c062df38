"""Flow tests: fixtures replace task runs, assertions judge, results are kept."""

import pytest

from app.errors import Invalid
from app.language.suite import parse_suite
from app.service import flow_tests, search
from app.service.flows import FlowNotFound

FLOW = """
id: etl
namespace: company.team
inputs: [{id: day, type: DATE}, {id: file, type: FILE, required: false}]
tasks:
  - {id: download, type: io.kestra.plugin.core.http.Download, uri: "http://127.0.0.1:1/none"}
  - id: dir
    type: io.kestra.plugin.core.flow.WorkingDirectory
    tasks:
      - {id: script, type: io.kestra.plugin.scripts.shell.Commands, commands: ["exit 9"]}
  - {id: loop, type: io.kestra.plugin.core.flow.ForEach, values: "{{ outputs.download.rows }}",
     tasks: [{id: each, type: io.kestra.plugin.core.debug.Return, format: "{{ taskrun.value }}"}]}
  - {id: text, type: io.kestra.plugin.core.debug.Return,
     format: "{{ inputs.day }} {{ outputs.script.vars.n }} {{ read(outputs.download.uri) }}"}
outputs: [{id: text, type: STRING, value: "{{ outputs.text.value }}"}]
"""
SUITE = """
id: etl-tests
namespace: company.team
flowId: etl
testCases:
  - id: happy
    type: io.kestra.core.tests.flow.UnitTest
    fixtures:
      inputs: {day: "2026-05-01"}
      files: {data.csv: "a,b"}
      tasks:
        - {id: download, outputs: {uri: "{{ files['data.csv'] }}", rows: [x, y]}}
        - {id: script, outputs: {vars: {n: 3}}}
    assertions:
      - {value: "{{ outputs.text.value }}", equalTo: "2026-05-01 3 a,b"}
      - {value: "{{ execution.state }}", equalTo: SUCCESS}
      - {value: "{{ execution.outputs.text }}", startsWith: "2026", endsWith: b, contains: " 3 "}
      - {value: "{{ outputs.script.vars.n }}", greaterThan: 2, lessThanOrEqualTo: 3, in: [1, 3]}
      - {value: "{{ outputs.each | length }}", equalTo: 2, taskId: each}
      - {value: "{{ outputs.download.gone ?? null }}", isNull: true}
  - id: failing
    type: io.kestra.core.tests.flow.UnitTest
    fixtures:
      inputs: {day: "2026-05-01"}
      tasks: [{id: download, state: FAILED}]
    assertions:
      - {value: "{{ execution.state }}", equalTo: SUCCESS, errorMessage: it should have gone well}
      - {value: "{{ outputs.text.value ?? '' }}", isNotNull: true, notIn: [a]}
  - id: wrong-input
    type: io.kestra.core.tests.flow.UnitTest
    fixtures: {inputs: {day: tomorrow}}
    assertions: [{value: 1, isTrue: true}]
  - id: wrong-expression
    type: io.kestra.core.tests.flow.UnitTest
    fixtures: {inputs: {day: "2026-05-01"}, tasks: [{id: download, state: FAILED}]}
    assertions: [{value: "{{ outputs.none.value }}", isTrue: true}]
  - id: left-out
    type: io.kestra.core.tests.flow.UnitTest
    disabled: true
    assertions: [{value: 1, isFalse: true}]
"""


def run(driver, text):
    return flow_tests.run(driver.rt, parse_suite(text), wait=lambda _rt, _id: driver.work())


def test_a_suite_runs_its_cases_with_fixtures_in_place_of_tasks(driver):
    driver.save(FLOW)

    result = run(driver, SUITE)
    happy, failing, *_ = result["cases"]

    assert [case["state"] for case in result["cases"]] == [
        "SUCCESS", "FAILED", "ERROR", "ERROR", "SKIPPED",
    ]  # fmt: skip
    assert result["state"] == "ERROR"
    assert all(item["is_success"] for item in happy["judgements"])
    assert ("script", "SUCCESS") in driver.runs(happy["execution_id"])
    assert [item["message"] for item in failing["judgements"] if not item["is_success"]] == [
        "it should have gone well"
    ]


def test_an_execution_of_a_test_is_not_listed_and_its_result_is_kept(driver):
    driver.save(FLOW)
    flow_tests.save(driver.rt, SUITE)

    result = run(driver, SUITE)

    rows, _ = flow_tests.page_results(driver.rt, "company.team", "etl-tests", page=1, size=10)
    assert [row.id for row in rows] == [result["id"]]
    assert driver.runs(result["cases"][1]["execution_id"]) == [("download", "FAILED")]
    assert search.list_executions(driver.rt, search.Wanted(), page=1, size=9)[1] == 0


def test_a_suite_of_a_flow_that_is_not_there_is_refused(driver):
    with pytest.raises(FlowNotFound):
        run(driver, SUITE)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("flowId: etl", "flow: etl", "Field required"),
        ("id: failing", "id: happy", "Duplicate test case happy"),
        ("isTrue: true", "isTru: true", "Extra inputs"),
        ("isTrue: true", "description: x", "an operator such as"),
        ("state: FAILED", "state: BROKEN", "Input should be"),
    ],
)
def test_a_wrong_suite_names_the_line(old, new, message):
    with pytest.raises(Invalid, match=message) as error:
        parse_suite(SUITE.replace(old, new))

    assert error.value.violations[0].line is not None


CALLER = """
id: caller
namespace: company.team
inputs: [{id: password, type: SECRET}]
tasks:
  - {id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: company.team, flowId: called}
  - {id: forever, type: io.kestra.plugin.core.flow.Pause, disabled: true}
"""
CALLED = """
id: called
namespace: company.team
tasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: x}]
"""
CASES = """
id: calls
namespace: company.team
flowId: caller
testCases:
  - id: secret
    type: io.kestra.core.tests.flow.UnitTest
    fixtures: {inputs: {password: hush-4711}}
    assertions:
      - {value: "{{ inputs.password }}", equalTo: hush-4711}
      - {value: "{{ inputs.password }}", equalTo: other, taskId: call}
  - id: unknown
    type: io.kestra.core.tests.flow.UnitTest
    fixtures: {inputs: {password: x}, tasks: [{id: cal}]}
    assertions: [{value: 1, equalTo: 1, taskId: none}]
"""


def ran_calls(driver, wait=None):
    for text in (CALLED, CALLER):
        driver.save(text)
    suite = flow_tests.save(driver.rt, CASES)
    return flow_tests.run(driver.rt, suite, wait=wait or (lambda *_: driver.work()))


def test_a_result_shows_no_secret_and_a_fixture_stands_for_a_task_that_there_is(driver):
    secret, unknown = ran_calls(driver)["cases"]

    assert "hush" not in str(secret)
    assert [item["is_success"] for item in secret["judgements"]] == [True, False]
    assert unknown["errors"] == ("the flow has no task 'cal', 'none'",)


def test_the_executions_that_a_test_calls_are_no_more_listed_than_its_own(driver):
    ran_calls(driver)

    assert search.list_executions(driver.rt, search.Wanted(), page=1, size=10)[1] == 0


def test_an_execution_that_does_not_end_is_killed(driver):
    result = ran_calls(driver, wait=lambda *_: None)["cases"][0]
    driver.work()

    assert result["state"] == "ERROR"
    assert "after 120 s: killed" in result["errors"][0]
    assert driver.state(result["execution_id"]) == "KILLED"


def test_an_assertion_without_an_operator_is_refused_with_its_place(driver):
    with pytest.raises(Invalid, match=r"assertions\[0\].*must have an operator"):
        flow_tests.save(driver.rt, CASES.replace(", equalTo: hush-4711", ", equalTo: null"))
