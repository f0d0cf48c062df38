"""A flow's concurrency limit counts what is started later or again, not only what is new."""

from datetime import timedelta

import pytest

from app.database import executions as execution_rows
from app.errors import Conflict
from app.model.state import State
from app.service import executions, flow_reads, kv, operations, reopen
from app.service.search import whole

WORK = """
id: work
namespace: company.team
concurrency: {limit: 1, behavior: %s}
tasks:
  - {id: first, type: io.kestra.plugin.core.log.Log, message: once}
  - id: bad
    type: io.kestra.plugin.core.execution.Fail
    condition: "{{ kv('bad', errorOnMissing=false) ?? false }}"
  - {id: wait, type: io.kestra.plugin.core.flow.Pause}
"""


def set_bad(driver, value):
    kv.put(driver.rt, {"namespace": "company.team", "key": "bad", "value": value})


def running(driver):
    return flow_reads.count_running(driver.rt, "company.team", "work")


def begin(driver, behavior="QUEUE"):
    """An execution that failed, and one that holds the only slot now."""
    set_bad(driver, True)
    failed = driver.run(WORK % behavior)
    set_bad(driver, False)
    holder = driver.start("company.team", "work")
    driver.work()
    assert (driver.state(failed), driver.state(holder)) == ("FAILED", "PAUSED")
    return failed, holder


def end(driver, execution):
    operations.resume(driver.rt, execution)
    driver.work()
    assert driver.state(execution) == "SUCCESS"


def test_a_restart_beyond_the_limit_waits_for_a_slot_and_goes_on_where_it_was(driver):
    failed, holder = begin(driver)

    reopen.restart(driver.rt, failed)
    driver.work()
    waiting, held = driver.state(failed), running(driver)
    end(driver, holder)
    going_on = driver.state(failed)
    end(driver, failed)

    assert (waiting, held, going_on) == ("QUEUED", 1, "PAUSED")
    assert driver.messages(failed).count("once") == 1
    lines = executions.get(driver.rt, failed).histories.split("\n")
    states = [line.split()[0] for line in lines if line]
    assert states[states.index("FAILED") :][1:4] == ["QUEUED", "RESTARTED", "RUNNING"]


@pytest.mark.parametrize("from_task", [True, False])
def test_a_replay_beyond_the_limit_waits_for_a_slot(driver, from_task):
    failed, holder = begin(driver)
    bad = whole(driver.rt, failed)[1][1]

    copy = reopen.replay(driver.rt, failed, task_run_id=bad.id if from_task else None)
    driver.work()
    waiting, held = driver.state(copy), running(driver)
    end(driver, holder)
    going_on = driver.state(copy)
    end(driver, copy)

    assert (waiting, held, going_on) == ("QUEUED", 1, "PAUSED")


def test_a_restart_with_another_revision_waits_for_a_slot(driver):
    failed, holder = begin(driver)
    driver.save(WORK % "QUEUE" + "description: newer\n")

    copy = reopen.restart(driver.rt, failed, revision=2)
    driver.work()
    waiting, held = driver.state(copy), running(driver)
    end(driver, holder)

    assert (waiting, held) == ("QUEUED", 1)
    assert driver.state(copy) == "PAUSED"
    assert driver.messages(copy).count("once") == 0


@pytest.mark.parametrize("behavior", ["CANCEL", "FAIL"])
def test_a_restart_beyond_a_limit_that_queues_none_is_refused(driver, behavior):
    failed, _ = begin(driver, behavior)
    before = executions.get(driver.rt, failed)

    with pytest.raises(Conflict, match="concurrency limit"):
        reopen.restart(driver.rt, failed)
    with pytest.raises(Conflict, match="concurrency limit"):
        reopen.replay(driver.rt, failed, task_run_id=whole(driver.rt, failed)[1][1].id)
    driver.work()

    assert executions.get(driver.rt, failed) == before
    assert running(driver) == 1


def test_a_task_run_gets_no_other_end_beyond_the_limit(driver):
    failed, _ = begin(driver)
    bad = whole(driver.rt, failed)[1][1]

    with pytest.raises(Conflict, match="concurrency limit"):
        reopen.change_state(driver.rt, failed, bad.id, State.SUCCESS)
    assert whole(driver.rt, failed)[1][1].state == "FAILED"
    assert running(driver) == 1


def test_a_restart_that_waits_for_a_slot_can_be_killed_and_forced(driver):
    failed, holder = begin(driver)
    reopen.restart(driver.rt, failed)
    operations.kill(driver.rt, failed)
    driver.work()
    killed = driver.state(failed)
    reopen.restart(driver.rt, failed)
    operations.force_run(driver.rt, failed)
    driver.work()

    assert killed == "KILLED"
    assert driver.state(failed) == "PAUSED"
    assert driver.state(holder) == "PAUSED"


def test_a_paused_execution_keeps_its_slot_when_it_is_restarted(driver):
    _, holder = begin(driver)

    reopen.restart(driver.rt, holder)
    driver.work()

    assert driver.state(holder) == "PAUSED"
    assert running(driver) == 1


@pytest.mark.parametrize(
    ("behavior", "second"), [("QUEUE", "QUEUED"), ("CANCEL", "CANCELLED"), ("FAIL", "FAILED")]
)
def test_schedule_dates_that_come_at_once_meet_the_limit(driver, behavior, second):
    driver.save(WORK % behavior)
    due = driver.rt.clock() + timedelta(minutes=5)
    ids = [executions.start(driver.rt, "company.team", "work", schedule_date=due) for _ in range(3)]
    driver.work_timers(301)
    first = [one for one in ids if driver.state(one) == "PAUSED"]
    held = running(driver)

    assert (len(first), held) == (1, 1)
    assert sorted(driver.state(one) for one in ids) == sorted(["PAUSED", second, second])
    if behavior == "QUEUE":
        end(driver, first[0])
        assert sorted(driver.state(one) for one in ids) == ["PAUSED", "QUEUED", "SUCCESS"]


def limit(number, behavior="QUEUE"):
    return f"concurrency: {{limit: {number}, behavior: {behavior}}}\n"


PINNED = """
id: work
namespace: company.team
tasks:
  - {id: wait, type: io.kestra.plugin.core.flow.Pause}
"""
CALL = """
id: caller
namespace: company.team
tasks:
  - id: call
    type: io.kestra.plugin.core.flow.Subflow
    namespace: company.team
    flowId: work
    revision: 1
"""


def start_pinned(driver):
    """An execution of the first revision, and a call of it by a Subflow: their states."""
    pinned = executions.start(driver.rt, "company.team", "work", revision=1)
    driver.work()
    caller = driver.run(CALL)
    with driver.rt.database.reading() as tx:
        [child] = execution_rows.live_children(tx, caller) or [None]
    return driver.state(pinned), driver.state(child) if child else driver.state(caller)


@pytest.mark.parametrize(
    ("behavior", "states"),
    [("QUEUE", ("QUEUED", "QUEUED")), ("CANCEL", ("CANCELLED", "FAILED"))],
)
def test_an_older_revision_without_a_limit_meets_the_newest_one(driver, behavior, states):
    driver.save(PINNED)
    driver.save(PINNED + limit(1, behavior))
    holder = driver.start("company.team", "work")
    driver.work()

    assert start_pinned(driver) == states
    assert driver.state(holder) == "PAUSED"
    assert running(driver) == 1


def test_a_limit_that_the_newest_revision_no_longer_has_refuses_nobody(driver):
    driver.save(PINNED + limit(1, "FAIL"))
    driver.save(PINNED)
    driver.start("company.team", "work")
    driver.work()

    assert start_pinned(driver) == ("PAUSED", "PAUSED")
    assert running(driver) == 3


def test_a_replay_meets_the_limit_of_the_newest_revision(driver):
    first = driver.run(PINNED)
    end(driver, first)
    driver.save(PINNED + limit(1))
    driver.start("company.team", "work")
    driver.work()

    copy = reopen.replay(driver.rt, first)
    driver.work()

    assert driver.state(copy) == "QUEUED"
