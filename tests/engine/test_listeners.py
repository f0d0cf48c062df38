"""Listeners, promises (SLA), blocks of a WorkingDirectory, states that Flow triggers wait for."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.database import timers
from app.database.schema import executions
from app.service import claiming, operations, reopen, search
from app.service.executions import get, start
from app.service.settle import settle
from workers.attempt import run_step

LOG = "io.kestra.plugin.core.log.Log"
FAIL = "io.kestra.plugin.core.execution.Fail"
CONDITION = "io.kestra.plugin.core.condition.ExecutionStatus"


def labels(driver, execution_id):
    return get(driver.rt, execution_id).labels


def ended(driver, flow_id):
    with driver.rt.database.reading() as tx:
        wanted = select(executions.c.state).where(executions.c.flow_id == flow_id)
        return list(tx.execute(wanted).scalars())


def listening(first):
    return f"""
id: heard
namespace: company.team
tasks: [{first}]
listeners:
  - tasks: [{{id: always, type: {FAIL}}}]
  - conditions: [{{type: {CONDITION}, in: [FAILED]}}]
    tasks: [{{id: failed, type: {LOG}, message: "{{{{ execution.state }}}}"}}]
  - conditions: [{{type: {CONDITION}, in: [SUCCESS]}}]
    tasks: [{{id: good, type: {LOG}, message: "{{{{ execution.state }}}}"}}]
"""


@pytest.mark.parametrize(
    ("task", "state", "heard"),
    [
        (f"{{id: a, type: {LOG}, message: x}}", "SUCCESS", "good"),
        (f"{{id: a, type: {FAIL}}}", "FAILED", "failed"),
    ],
)
def test_listeners_run_in_order_when_their_conditions_hold(driver, task, state, heard):
    execution = driver.run(listening(task))

    assert driver.runs(execution)[1:] == [("always", "FAILED"), (heard, "SUCCESS")]
    assert driver.state(execution) == state
    assert state in driver.messages(execution)


def test_a_flow_that_waits_hears_of_an_end_after_the_listeners(driver):
    driver.save(listening(f"{{id: a, type: {LOG}, message: x}}"))

    execution = driver.run(CALLER.replace("flowId: child", "flowId: heard"))

    assert driver.state(execution) == "SUCCESS"


def promising(rule):
    return f"""
id: promised
namespace: company.team
inputs: [{{id: n, type: INT, defaults: 1}}]
sla:
  - {{id: p, {rule}, labels: {{sla: broken}}}}
tasks:
  - {{id: one, type: {LOG}, message: x}}
  - {{id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT1H}}
"""


@pytest.mark.parametrize(
    ("behavior", "state", "nap"),
    [
        ("FAIL", "FAILED", "FAILED"),
        ("CANCEL", "CANCELLED", "KILLED"),
        ("NONE", "RUNNING", "RUNNING"),
    ],
)
def test_the_longest_duration_is_watched(driver, behavior, state, nap):
    rule = f"type: MAX_DURATION, duration: PT10S, behavior: {behavior}"
    execution = driver.run(promising(rule))

    early = driver.state(execution)
    driver.work_timers(11)

    assert early == "RUNNING"
    assert driver.state(execution) == state
    assert labels(driver, execution)["sla"] == "broken"
    assert dict(driver.runs(execution))["nap"] == nap


@pytest.mark.parametrize(
    ("rule", "state"),
    [
        ("{{ inputs.n == 1 }}", "RUNNING"),
        ("{{ inputs.n == 2 }}", "CANCELLED"),
        ("{{ outputs.one is not defined }}", "CANCELLED"),
        ("{{ outputs.nothing.at.all }}", "CANCELLED"),
    ],
)
def test_assertions_are_asked_as_the_execution_moves(driver, rule, state):
    rule = f'type: EXECUTION_ASSERTION, assert: "{rule}", behavior: CANCEL'

    execution = driver.run(promising(rule))

    assert driver.state(execution) == state


def test_an_assertion_that_the_last_step_breaks_decides_the_end(driver):
    execution = driver.run("""
id: promised
namespace: company.team
sla:
  - {id: p, type: EXECUTION_ASSERTION, assert: "{{ outputs.one is not defined }}", behavior: FAIL}
tasks: [{id: one, type: io.kestra.plugin.core.debug.Return, format: x}]
""")

    assert driver.state(execution) == "FAILED"
    assert driver.runs(execution) == [("one", "SUCCESS")]


def test_a_working_directory_has_errors_and_finally_of_its_own(driver):
    execution = driver.run(f"""
id: shared
namespace: company.team
tasks:
  - id: dir
    type: io.kestra.plugin.core.flow.WorkingDirectory
    tasks: [{{id: in, type: {FAIL}, condition: "{{{{ taskrun.attemptsCount < 1 }}}}"}}]
    errors: [{{id: told, type: {LOG}, message: x}}]
    finally: [{{id: swept, type: {LOG}, message: x}}]
""")
    first = driver.runs(execution)

    reopen.restart(driver.rt, execution)
    driver.work()

    assert first == [("dir", "FAILED"), ("in", "FAILED"), ("told", "SUCCESS"), ("swept", "SUCCESS")]
    assert driver.runs(execution) == [("dir", "SUCCESS"), ("in", "SUCCESS"), ("swept", "SUCCESS")]


def test_flow_triggers_hear_of_states_that_are_no_end(driver):
    driver.save(f"""
id: hears
namespace: company.team
tasks: [{{id: a, type: {LOG}, message: "heard {{{{ trigger.state }}}}"}}]
triggers:
  - id: t
    type: io.kestra.plugin.core.trigger.Flow
    states: [RUNNING, PAUSED, SUCCESS]
""")

    execution = driver.run(f"""
id: pauses
namespace: company.team
tasks:
  - {{id: a, type: {LOG}, message: x}}
  - {{id: p, type: io.kestra.plugin.core.flow.Pause}}
""")
    operations.resume(driver.rt, execution)
    driver.work()

    assert ended(driver, "hears") == ["SUCCESS"] * 4


CHILD = f"""
id: child
namespace: company.team
tasks:
  - {{id: first, type: {LOG}, message: x}}
  - {{id: in, type: {FAIL}, condition: "{{{{ taskrun.attemptsCount < 1 }}}}"}}
"""
SLEEPER = """
id: leaf
namespace: company.team
tasks: [{id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT1H}]
"""
CALLER = """
id: caller
namespace: company.team
tasks:
  - id: call
    type: io.kestra.plugin.core.flow.Subflow
    namespace: company.team
    flowId: child
"""


def test_a_restarted_parent_restarts_the_child_that_failed(driver):
    driver.save(CHILD)
    execution = driver.run(CALLER)
    first = driver.state(execution)

    reopen.restart(driver.rt, execution)
    driver.work()

    child = driver.outputs(execution, "call")["executionId"]
    assert (first, driver.state(execution)) == ("FAILED", "SUCCESS")
    assert ended(driver, "child") == ["SUCCESS"]
    assert driver.runs(child) == [("first", "SUCCESS"), ("in", "SUCCESS")]


def test_a_restarted_parent_may_ask_for_a_new_child(driver):
    driver.save(CHILD)
    execution = driver.run(CALLER + "    restartBehavior: NEW_EXECUTION\n")

    reopen.restart(driver.rt, execution)
    driver.work()

    assert sorted(ended(driver, "child")) == ["FAILED", "FAILED"]


def test_a_failed_subflow_is_retried_with_new_children(driver):
    driver.save(CHILD)
    retry = "    retry: {type: constant, interval: PT1S, maxAttempts: 3}\n"

    execution = driver.run(CALLER + retry)
    for _ in range(3):
        driver.work_timers(1.5)

    assert ended(driver, "child") == ["FAILED"] * 3
    assert driver.state(execution) == "FAILED"


def test_a_kill_reaches_children_of_children(driver):
    driver.save(SLEEPER)
    driver.save(CALLER.replace("id: caller", "id: child").replace("flowId: child", "flowId: leaf"))
    execution = driver.run(CALLER)

    operations.kill(driver.rt, execution)
    driver.work_timers(15)

    assert [driver.state(execution), *ended(driver, "child"), *ended(driver, "leaf")] == [
        "KILLED"
    ] * 3


SLOW = """
id: slow
namespace: company.team
sla: [{id: quick, type: MAX_DURATION, duration: PT10S, behavior: FAIL}]
tasks:
  - {id: held, type: io.kestra.plugin.core.storage.Write, content: x}
  - {id: pause, type: io.kestra.plugin.core.flow.Pause}
"""


def test_a_broken_promise_ends_failed_though_a_worker_holds_the_step(driver):
    driver.save(SLOW)
    execution = driver.start("company.team", "slow")
    job = driver.publisher.jobs.pop(0)
    place = (job.execution_id, job.sequence, job.pos, job.attempt)
    claim = claiming.claim(driver.rt, *place, driver.process.owner)

    driver.work_timers(11)
    between = driver.state(execution)
    settle(driver.rt, run_step(driver.process, claim.step, fuse=True))
    driver.work_timers(0)

    assert between == "KILLING"
    assert driver.state(execution) == "FAILED"


def test_waiting_for_a_slot_counts_for_the_longest_duration(driver):
    driver.save(SLOW + "concurrency: {limit: 1}\n")
    holder = driver.start("company.team", "slow")
    driver.publisher.jobs.clear()  # no worker takes it up
    driver.clock.advance(5)
    queued = driver.start("company.team", "slow")
    before = driver.state(queued)
    with driver.rt.database.transaction() as tx:
        timers.drop(tx, execution_id=holder)  # it may take its time
    driver.work_timers(11)

    assert before == "QUEUED"
    assert driver.state(queued) == "FAILED"


@pytest.mark.parametrize("is_forced", [False, True])
def test_the_longest_duration_of_a_scheduled_execution_is_counted_from_its_date(driver, is_forced):
    driver.save(SLOW)
    at = driver.rt.clock() + timedelta(seconds=60)
    execution = start(driver.rt, "company.team", "slow", schedule_date=at)
    driver.work_timers(30)
    if is_forced:
        operations.force_run(driver.rt, execution)
        driver.work()
    else:
        driver.work_timers(31)
    begun = driver.state(execution)
    driver.work_timers(11)

    assert begun == "PAUSED"
    assert driver.state(execution) == "FAILED"


def test_the_longest_duration_is_watched_again_after_a_restart(driver):
    execution = driver.run(SLOW)
    driver.work_timers(11)
    first = driver.state(execution)

    reopen.restart(driver.rt, execution)
    driver.work()
    driver.work_timers(9)
    between = driver.state(execution)
    driver.work_timers(2)

    assert (first, between) == ("FAILED", "PAUSED")
    assert driver.state(execution) == "FAILED"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ('when: "{{ nothing.there }}"', "counts as not met"),
        ('inputs: {n: "{{ outputs.nothing.there }}"}', "No execution was started"),
        ("inputs: {n: many}", "No execution was started"),
    ],
)
def test_a_flow_trigger_says_why_it_starts_nothing(driver, more, reason):
    driver.save(
        f"""
id: waiting
namespace: company.team
inputs: [{{id: n, type: INT, required: false}}]
tasks: [{{id: a, type: {LOG}, message: x}}]
triggers:
  - id: listen
    type: io.kestra.plugin.core.trigger.Flow
    {more}
"""
    )

    driver.run(f"id: first\nnamespace: company.team\ntasks: [{{id: a, type: {LOG}, message: x}}]")

    lines = search.list_logs(driver.rt, {"trigger_id": "listen"})
    assert ended(driver, "waiting") == []
    assert any(reason in line.message for line in lines)
