"""What users do to executions, on SQLite and on PostgreSQL."""

from datetime import timedelta

import pytest

from app.errors import Conflict
from app.model.state import State
from app.service import executions, kv, operations, reopen, resuming, search
from app.service.reopening import NothingToRestart

LOG = "io.kestra.plugin.core.log.Log"
FAIL = "io.kestra.plugin.core.execution.Fail"
FLOW = "io.kestra.plugin.core.flow"
FLAKY = f"""
id: flaky
namespace: company.team
tasks:
  - {{id: first, type: {LOG}, message: once}}
  - {{id: second, type: {FAIL}, condition: "{{{{ kv('ready', errorOnMissing=false) ?? true }}}}"}}
  - {{id: third, type: {LOG}, message: end}}
"""
PAUSED = f"""
id: ask
namespace: company.team
tasks:
  - id: ask
    type: {FLOW}.Pause
    onResume: [{{id: reason, type: STRING}}]
  - {{id: tell, type: {LOG}, message: "because {{{{ outputs.ask.onResume.reason }}}}"}}
"""


def fix(driver):
    kv.put(driver.rt, {"namespace": "company.team", "key": "ready", "value": False})


def test_a_restart_runs_the_failed_task_again_and_keeps_the_rest(driver):
    execution = driver.run(FLAKY)
    failed = driver.state(execution)
    fix(driver)
    reopen.restart(driver.rt, execution)
    driver.work()

    assert failed == "FAILED"
    assert driver.state(execution) == "SUCCESS"
    assert driver.messages(execution).count("once") == 1
    assert [s for _, s in driver.runs(execution)] == ["SUCCESS"] * 3


def test_a_restart_of_a_success_is_refused_and_changes_nothing(driver):
    execution = driver.run(FLAKY.replace("kv('ready', errorOnMissing=false) ?? true", "false"))

    with pytest.raises(NothingToRestart):
        reopen.restart(driver.rt, execution)
    assert driver.state(execution) == "SUCCESS"


def test_a_replay_from_a_task_keeps_what_came_before(driver):
    execution = driver.run(FLAKY)
    fix(driver)
    run = search.whole(driver.rt, execution)[1][1]
    again = reopen.replay(driver.rt, execution, task_run_id=run.id)
    driver.work()

    assert again != execution
    assert driver.state(again) == "SUCCESS"
    assert driver.messages(again) == ["end"]
    assert driver.state(execution) == "FAILED"


def test_a_pause_closes_the_gate_until_somebody_resumes_with_inputs(driver):
    execution = driver.run(PAUSED)
    paused = driver.state(execution)
    resuming.resume_with_inputs(driver.rt, execution, {"reason": "it is fine"})
    driver.work()

    assert paused == "PAUSED"
    assert driver.state(execution) == "SUCCESS"
    assert driver.messages(execution) == ["because it is fine"]


def test_a_kill_ends_a_paused_execution_and_its_task_runs(driver):
    execution = driver.run(PAUSED)
    operations.kill(driver.rt, execution)
    driver.work_timers(15)

    assert driver.state(execution) == "KILLED"
    assert driver.runs(execution) == [("ask", "KILLED")]
    with pytest.raises(Conflict):
        operations.kill(driver.rt, execution)


def test_a_changed_state_lets_the_flow_go_on(driver):
    execution = driver.run(FLAKY)
    run = search.whole(driver.rt, execution)[1][1]
    reopen.change_state(driver.rt, execution, run.id, State.WARNING)
    driver.work()

    assert driver.state(execution) == "WARNING"
    assert driver.runs(execution)[-1] == ("third", "SUCCESS")


def test_a_full_flow_queues_and_begins_when_a_slot_is_free(driver):
    text = PAUSED + "concurrency: {limit: 1}\n"
    first = driver.run(text)
    second = driver.start("company.team", "ask")
    driver.work()
    waiting = driver.state(second)
    resuming.resume_with_inputs(driver.rt, first, {"reason": "done"})
    driver.work()

    assert waiting == "QUEUED"
    assert driver.state(first) == "SUCCESS"
    assert driver.state(second) == "PAUSED"


def test_a_future_schedule_date_waits(driver):
    driver.save(FLAKY)
    due = driver.rt.clock() + timedelta(minutes=5)
    execution = executions.start(driver.rt, "company.team", "flaky", schedule_date=due)
    driver.work()
    before = driver.state(execution)
    driver.work_timers(301)

    assert before == "CREATED"
    assert driver.state(execution) == "FAILED"


def test_a_deleted_execution_leaves_no_rows(driver):
    execution = driver.run(FLAKY)
    operations.delete(driver.rt, execution)

    with pytest.raises(operations.ExecutionNotFound):
        search.whole(driver.rt, execution)
    assert search.count_logs(driver.rt, {"execution_id": execution}) == 0
