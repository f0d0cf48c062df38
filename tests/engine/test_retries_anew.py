"""Retries that start a new execution, loops inside a WorkingDirectory, a Switch without a match."""

from app.service import kv, operations, schedules, search
from app.service.search import Wanted

FLOW = """
id: anew
namespace: company.team
inputs: [{id: name, type: STRING, defaults: x}]
tasks:
  - id: outer
    type: io.kestra.plugin.core.flow.Sequential
    tasks:
      - id: fail
        type: io.kestra.plugin.core.execution.Fail
        retry:
          type: constant
          interval: PT10S
          maxAttempts: 3
          behavior: CREATE_NEW_EXECUTION
errors:
  - {id: told, type: io.kestra.plugin.core.log.Log, message: failed}
"""


def found(driver):
    rows, _ = search.list_executions(driver.rt, Wanted(flow_id="anew"), page=1, size=20)
    return sorted(rows, key=lambda row: row.attempt_number)


def test_a_failed_task_starts_new_executions_until_none_is_left(driver):
    first = driver.run(FLOW, name="Ada")
    driver.work_timers(11)
    driver.work_timers(11)

    rows = found(driver)
    assert [(row.attempt_number, row.state) for row in rows] == [
        (1, "RETRIED"),
        (2, "RETRIED"),
        (3, "FAILED"),
    ]
    assert {row.original_id for row in rows} == {first}
    assert {row.inputs["name"] for row in rows} == {"Ada"}
    assert driver.runs(first) == [("outer", "RETRIED"), ("fail", "RETRIED")]
    assert driver.messages(rows[2].id)[-1] == "failed"


SCHEDULED = """
id: anew
namespace: company.team
triggers: [{id: often, type: io.kestra.plugin.core.trigger.Schedule, cron: "* * * * *"}]
tasks:
  - id: fail
    type: io.kestra.plugin.core.execution.Fail
    condition: "{{ kv('bad', errorOnMissing=false) ?? true }}"
    retry: {type: constant, interval: PT10S, maxAttempts: 3, behavior: CREATE_NEW_EXECUTION}
  - {id: wait, type: io.kestra.plugin.core.flow.Pause}
"""


def test_the_new_execution_holds_the_trigger_that_the_first_one_held(driver):
    driver.save(SCHEDULED)

    def pass_(seconds):
        driver.work_timers(seconds)
        schedules.fire_due(driver.rt)
        driver.work()

    pass_(60)
    kv.put(driver.rt, {"namespace": "company.team", "key": "bad", "value": False})
    pass_(11)
    pass_(60)
    held = [row.state for row in found(driver)]
    operations.resume(driver.rt, found(driver)[1].id)
    driver.work()
    pass_(1)

    assert held == ["RETRIED", "PAUSED"]
    assert sorted(row.state for row in found(driver)) == ["PAUSED", "RETRIED", "SUCCESS"]


def test_a_time_limit_ends_the_new_executions(driver):
    text = FLOW.replace("maxAttempts: 3", "maxDuration: PT25S")

    driver.run(text)
    for _ in range(4):
        driver.work_timers(11)

    assert [row.state for row in found(driver)] == ["RETRIED", "RETRIED", "FAILED"]


def test_a_child_of_a_working_directory_sees_the_value_of_its_loop(driver):
    execution = driver.run("""
id: valued
namespace: company.team
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: ["a"]
    tasks:
      - id: wd
        type: io.kestra.plugin.core.flow.WorkingDirectory
        tasks:
          - id: files
            type: io.kestra.plugin.core.storage.LocalFiles
            inputs: {out/x.txt: "{{ taskrun.value }}"}
          - id: kept
            type: io.kestra.plugin.core.storage.LocalFiles
            outputs: [out/*]
""")

    uri = driver.outputs(execution, "kept")["uris"]["out/x.txt"]
    assert driver.state(execution) == "SUCCESS"
    assert driver.rt.storage.open(uri).read() == b"a"


def test_a_switch_that_nothing_matches_fails(driver):
    execution = driver.run("""
id: unmatched
namespace: company.team
tasks:
  - id: switch
    type: io.kestra.plugin.core.flow.Switch
    value: none
    cases:
      a: [{id: a, type: io.kestra.plugin.core.log.Log, message: a}]
""")

    assert driver.runs(execution) == [("switch", "FAILED")]
