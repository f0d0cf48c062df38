"""A Subflow's child goes on when its caller is restarted, and stops when its caller is killed."""

import pytest
from sqlalchemy import select

from app.database import executions as rows
from app.database.schema import timers as timer_rows
from app.model.state import State
from app.service import claiming, executions, kv, operations, recovery, reopen, steps, timers
from app.service.search import whole
from app.service.settle import settle
from app.service.transitions import held, kill_in
from workers.attempt import run_step

CHILD = """
id: child
namespace: company.team
tasks:
  - {id: first, type: io.kestra.plugin.core.log.Log, message: once}
  - id: second
    type: io.kestra.plugin.core.execution.Fail
    condition: "{{ kv('ready', errorOnMissing=false) ?? true }}"
"""
PARENT = """
id: parent
namespace: company.team
tasks:
  - id: call
    type: io.kestra.plugin.core.flow.Subflow
    namespace: company.team
    flowId: child
"""


@pytest.fixture
def failed(driver):
    """A parent whose child failed, and that child, which would not fail again."""
    driver.save(CHILD)
    parent = driver.run(PARENT)
    kv.put(driver.rt, {"namespace": "company.team", "key": "ready", "value": False})
    assert driver.state(parent) == "FAILED"
    return parent, children(driver, parent)[0]


def children(driver, parent):
    run = whole(driver.rt, parent)[1][0]
    with driver.rt.database.reading() as tx:
        return [row.id for row in rows.called_by(tx, parent, run.id)]


def claim_call(driver):
    job = driver.publisher.jobs.pop(0)
    place = (job.execution_id, job.sequence, job.pos, job.attempt)
    return claiming.claim(driver.rt, *place, driver.process.owner).step


def give_back(driver, step):
    settle(driver.rt, steps.give_back(driver.rt, step))


def lose(driver, step):
    now = [0.0]
    watch = recovery.LeaseWatch(monotonic=lambda: now[0])
    driver.clock.advance(16)
    recovery.recover_leases(driver.rt, watch)
    now[0] = 5.0
    assert recovery.recover_leases(driver.rt, watch) == 1


@pytest.mark.parametrize("ends", [give_back, lose])
def test_a_restart_whose_attempt_ended_before_its_call_restarts_the_child(driver, failed, ends):
    parent, child = failed
    reopen.restart(driver.rt, parent)

    ends(driver, claim_call(driver))
    driver.work()

    assert children(driver, parent) == [child]
    assert driver.state(child) == "SUCCESS"
    assert driver.state(parent) == "SUCCESS"
    assert driver.messages(child).count("once") == 1


def test_a_retry_starts_a_new_child(driver):
    driver.save(CHILD)
    text = PARENT + "    retry: {type: constant, interval: PT1S, maxAttempts: 2}\n"
    parent = driver.run(text)
    driver.work_timers(2)

    assert [driver.state(child) for child in children(driver, parent)] == ["FAILED", "FAILED"]


@pytest.mark.parametrize("cascade", [True, False])
def test_a_caller_that_is_killed_before_its_child_is_restarted_leaves_it_ended(
    driver, failed, cascade
):
    parent, child = failed
    reopen.restart(driver.rt, parent)
    step = claim_call(driver)

    run_step(driver.process, step, fuse=False)  # and its process dies: no note is worked off
    operations.kill(driver.rt, parent, cascade=cascade)
    driver.work()
    driver.work_timers(20)

    assert driver.state(parent) == "KILLED"
    assert driver.state(child) == "FAILED"
    assert executions.get(driver.rt, child).epoch == 1
    assert whole(driver.rt, child)[1][-1].state == State.FAILED


def test_a_caller_that_is_killed_after_its_child_was_restarted_kills_it(driver, failed):
    parent, child = failed
    reopen.restart(driver.rt, parent)
    step = claim_call(driver)
    settle(driver.rt, run_step(driver.process, step, fuse=False))

    operations.kill(driver.rt, parent)
    driver.work()
    driver.work_timers(20)

    assert driver.state(parent) == "KILLED"
    assert driver.state(child) == "KILLED"


RETRIED = """
id: child
namespace: company.team
retry: {type: constant, interval: PT10S, maxAttempts: 2, behavior: CREATE_NEW_EXECUTION}
tasks:
  - {id: first, type: io.kestra.plugin.core.log.Log, message: once}
  - id: second
    type: io.kestra.plugin.core.execution.Fail
    condition: "{{ kv('ready', errorOnMissing=false) ?? true }}"
  - {id: wait, type: io.kestra.plugin.core.flow.Sleep, duration: PT1M}
outputs: [{id: answer, type: STRING, value: "{{ execution.id }}"}]
"""


def start_retried(driver):
    """A parent whose child has failed and is to be replaced in ten seconds."""
    driver.save(RETRIED)
    parent = driver.run(PARENT)
    assert driver.state(parent) == "RUNNING"
    return parent


def states_of(driver, ids):
    return [driver.state(one) for one in ids]


def test_a_caller_waits_for_the_execution_that_replaces_its_child_and_fails_with_it(driver):
    parent = start_retried(driver)
    driver.work_timers(11)

    assert states_of(driver, children(driver, parent)) == ["RETRIED", "FAILED"]
    assert driver.state(parent) == "FAILED"


def test_a_caller_takes_the_outputs_of_the_execution_that_replaced_its_child(driver):
    parent = start_retried(driver)
    kv.put(driver.rt, {"namespace": "company.team", "key": "ready", "value": False})
    driver.work_timers(11)
    meanwhile = driver.state(parent)
    driver.work_timers(61)

    last = children(driver, parent)[1]
    outputs = driver.outputs(parent, "call")
    assert meanwhile == "RUNNING"
    assert driver.state(parent) == "SUCCESS"
    assert (outputs["executionId"], outputs["outputs"]) == (last, {"answer": last})


def test_a_kill_reaches_the_execution_that_replaced_a_child(driver):
    parent = start_retried(driver)
    kv.put(driver.rt, {"namespace": "company.team", "key": "ready", "value": False})
    driver.work_timers(11)

    operations.kill(driver.rt, parent)
    driver.work()
    driver.work_timers(20)
    killed = [driver.state(parent), *states_of(driver, children(driver, parent))]
    reopen.restart(driver.rt, parent)
    driver.work()
    driver.work_timers(61)

    assert killed == ["KILLED", "RETRIED", "KILLED"]
    assert states_of(driver, children(driver, parent)) == ["RETRIED", "SUCCESS"]
    assert driver.state(parent) == "SUCCESS"


def test_a_kill_reaches_the_execution_that_replaces_a_child_meanwhile(driver):
    parent = start_retried(driver)
    first = children(driver, parent)[0]
    kv.put(driver.rt, {"namespace": "company.team", "key": "ready", "value": False})
    with driver.rt.database.transaction() as tx:
        kill_in(held(tx, driver.rt, parent), State.KILLED)  # its note for the child waits
        note = due(tx, "kill_child")
        assert note.target == first
    driver.clock.advance(11)
    with driver.rt.database.reading() as tx:
        renewal = due(tx, "renew")
    for progress in timers.work_off(driver.rt, renewal.id):
        settle(driver.rt, progress)
    driver.work_timers(20)

    assert states_of(driver, children(driver, parent)) == ["RETRIED", "KILLED"]
    assert driver.state(parent) == "KILLED"


def due(tx, kind):
    return tx.execute(select(timer_rows).where(timer_rows.c.kind == kind)).one()


def test_a_restart_of_a_caller_restarts_the_last_of_the_executions_it_waited_for(driver):
    parent = start_retried(driver)
    driver.work_timers(11)
    before = children(driver, parent)
    kv.put(driver.rt, {"namespace": "company.team", "key": "ready", "value": False})

    reopen.restart(driver.rt, parent)
    driver.work()
    driver.work_timers(61)

    assert children(driver, parent) == before
    assert states_of(driver, before) == ["RETRIED", "SUCCESS"]
    assert driver.state(parent) == "SUCCESS"


@pytest.mark.parametrize("behavior", ["QUEUE", "CANCEL", "FAIL"])
def test_a_retry_as_a_new_execution_waits_for_the_slot_of_the_first(driver, behavior):
    text = RETRIED + f"concurrency: {{limit: 1, behavior: {behavior}}}\n"
    driver.save(text)
    parent = driver.run(PARENT)
    kv.put(driver.rt, {"namespace": "company.team", "key": "ready", "value": False})
    driver.work_timers(11)
    driver.work_timers(61)

    assert states_of(driver, children(driver, parent)) == ["RETRIED", "SUCCESS"]
    assert driver.state(parent) == "SUCCESS"


def test_a_flow_that_there_is_not_is_named_without_a_revision_that_nobody_asked_for(driver):
    parent = driver.run(PARENT)

    told = " ".join(driver.messages(parent))
    assert driver.state(parent) == "FAILED"
    assert "Unable to find flow 'company.team'.'child'" in told
    assert "revision" not in told
