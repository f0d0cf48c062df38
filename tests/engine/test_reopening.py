"""Restarts and replays of executions in which something is still under way."""

from app.model.state import State
from app.service import operations, reopen
from app.service.search import whole

LOG = "io.kestra.plugin.core.log.Log"
SLEEP = "io.kestra.plugin.core.flow.Sleep"
FAIL = "io.kestra.plugin.core.execution.Fail"


def run_of(driver, execution_id, task_id, n=0):
    found = [run for run in whole(driver.rt, execution_id)[1] if run.task_id == task_id]
    return found[n]


def open_attempts(driver, execution_id):
    return [one for one in whole(driver.rt, execution_id)[2] if one.state == "RUNNING"]


BESIDE = f"""
id: beside
namespace: company.team
tasks:
  - id: fan
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - {{id: nap, type: {SLEEP}, duration: PT1H}}
      - {{id: bad, type: {FAIL}, condition: "{{{{ taskrun.attemptsCount < 1 }}}}"}}
      - {{id: wait, type: io.kestra.plugin.core.flow.Pause}}
"""


def test_a_restart_of_a_paused_execution_leaves_what_runs_beside_it(driver):
    execution = driver.run(BESIDE)
    paused = driver.state(execution)

    reopen.restart(driver.rt, execution)
    operations.resume(driver.rt, execution)
    driver.work()
    driver.work_timers(3700)

    assert paused == "PAUSED"
    assert run_of(driver, execution, "nap").attempt == 1
    assert driver.state(execution) == "SUCCESS"


def test_a_replay_of_a_running_execution_begins_its_open_steps_anew(driver):
    execution = driver.run(f"""
id: running
namespace: company.team
tasks:
  - {{id: a, type: {LOG}, message: x}}
  - {{id: nap, type: {SLEEP}, duration: PT1H}}
""")
    run = run_of(driver, execution, "nap")

    copy = reopen.replay(driver.rt, execution, task_run_id=run.id)
    driver.work()
    driver.work_timers(3700)

    assert driver.state(copy) == "SUCCESS"
    assert open_attempts(driver, copy) == []
    assert run_of(driver, copy, "nap").attempt == 2


def test_a_replay_in_a_loop_keeps_of_later_iterations_only_what_ended_well(driver):
    text = f"""
id: loops
namespace: company.team
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [a, b, c]
    tasks:
      - id: one
        type: {FAIL}
        condition: "{{{{ taskrun.value == 'b' and taskrun.attemptsCount < 1 }}}}"
      - {{id: two, type: {LOG}, message: x}}
      - {{id: three, type: {LOG}, message: x}}
"""
    execution = driver.run(text)
    first = run_of(driver, execution, "three")

    copy = reopen.replay(driver.rt, execution, task_run_id=first.id)
    driver.work()

    assert driver.state(execution) == "FAILED"
    assert driver.state(copy) == "FAILED"  # `one` of b is a new task run there and fails once more
    assert [name for name, _ in driver.runs(copy)] == ["each", "one", "two", "three", "one"]


def test_a_flowable_that_is_given_an_end_leaves_nothing_open_below(driver):
    execution = driver.run("""
id: given
namespace: company.team
tasks:
  - id: group
    type: io.kestra.plugin.core.flow.Sequential
    tasks: [{id: inner, type: io.kestra.plugin.core.flow.Sequential, tasks: [
      {id: wait, type: io.kestra.plugin.core.flow.Pause}]}]
""")
    run = run_of(driver, execution, "group")

    reopen.change_state(driver.rt, execution, run.id, State.SUCCESS)
    driver.work()

    assert driver.state(execution) == "SUCCESS"
    assert driver.runs(execution) == [
        ("group", "SUCCESS"),
        ("inner", "KILLED"),
        ("wait", "KILLED"),
    ]
    assert open_attempts(driver, execution) == []


def test_a_run_that_is_given_an_end_while_it_runs_ends_its_attempt_too(driver):
    execution = driver.run(f"""
id: after
namespace: company.team
tasks: [{{id: a, type: {LOG}, message: x}}]
afterExecution: [{{id: nap, type: {SLEEP}, duration: PT1H}}]
""")
    run = run_of(driver, execution, "nap")

    reopen.change_state(driver.rt, execution, run.id, State.SUCCESS)
    driver.work()
    driver.work_timers(4000)

    assert driver.state(execution) == "SUCCESS"
    assert open_attempts(driver, execution) == []


def test_what_had_not_begun_below_a_run_that_was_given_an_end_can_still_begin(driver):
    execution = driver.run(f"""
id: unbegun
namespace: company.team
tasks:
  - id: group
    type: io.kestra.plugin.core.flow.Sequential
    tasks:
      - id: dag
        type: io.kestra.plugin.core.flow.Dag
        tasks:
          - task: {{id: first, type: {SLEEP}, duration: PT1M}}
          - task: {{id: wait, type: io.kestra.plugin.core.flow.Pause}}
          - {{task: {{id: second, type: {LOG}, message: x}}, dependsOn: [first]}}
""")
    group, first = (run_of(driver, execution, name) for name in ("group", "first"))

    reopen.change_state(driver.rt, execution, group.id, State.SUCCESS)
    driver.work()
    given = driver.state(execution)
    reopen.change_state(driver.rt, execution, first.id, State.SUCCESS)
    driver.work()
    operations.resume(driver.rt, execution)
    driver.work()

    assert given == "SUCCESS"
    assert driver.state(execution) == "SUCCESS"
    assert ("second", "SUCCESS") in driver.runs(execution)
    assert open_attempts(driver, execution) == []
