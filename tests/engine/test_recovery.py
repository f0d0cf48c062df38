"""Lost messages, doubled messages, lost workers, a broker that lost its data."""

import pytest
from sqlalchemy import text

from app.database import executions, iterations
from app.dispatch.job import Job
from app.dispatch.publish import in_messages
from app.errors import DatabaseAway
from app.model.state import State
from app.service import claiming, operations, poison, recovery, search, steps
from app.service.settle import settle
from workers.attempt import run_step

FLOW = """
id: steps
namespace: company.team
tasks:
  - {id: a, type: io.kestra.plugin.core.log.Log, message: a}
  - {id: b, type: io.kestra.plugin.core.log.Log, message: b}
"""


def start(driver):
    driver.save(FLOW)
    return driver.start("company.team", "steps")


def test_a_lost_message_is_published_again_after_ten_seconds(driver):
    execution = start(driver)
    driver.publisher.jobs.clear()
    too_early = recovery.republish(driver.rt, lambda queue: 0)
    driver.clock.advance(11)
    sent = recovery.republish(driver.rt, lambda queue: 0)
    driver.work()

    assert (too_early, sent) == (0, 1)
    assert driver.state(execution) == "SUCCESS"


def test_no_more_hints_are_sent_than_the_queue_lacks(driver):
    start(driver)
    driver.clock.advance(11)

    assert recovery.republish(driver.rt, lambda queue: 1) == 0


ROUTED = """
id: routed
namespace: company.team
tasks: [{id: a, type: io.kestra.plugin.scripts.shell.Commands, commands: ["true"]}]
"""
BRANCHES = """
id: branches
namespace: company.team
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: "{{ range(1, 120) }}"
    concurrencyLimit: 0
    tasks: [{id: inner, type: io.kestra.plugin.core.debug.Return, format: "{{ taskrun.value }}"}]
"""


def test_branches_that_went_out_together_lack_one_message(driver):
    driver.save(BRANCHES)
    execution = driver.start("company.team", "branches")
    driver.work_one(driver.publisher.jobs.pop())  # one branch there, 119 in three messages
    driver.publisher.jobs.clear()
    driver.clock.advance(11)

    assert recovery.republish(driver.rt, lambda queue: 3) == 0
    assert recovery.republish(driver.rt, lambda queue: 2) == 50
    assert len(in_messages(driver.publisher.jobs)) == 1
    driver.clock.advance(11)
    assert recovery.republish(driver.rt, lambda queue: 1) == 50 + 19
    assert recovery.republish(driver.rt, lambda queue: 0) == 50
    driver.work()
    assert driver.state(execution) == "SUCCESS"


def test_a_long_queue_holds_up_no_other_one(driver):
    for _ in range(4):
        start(driver)
    driver.clock.advance(1)
    driver.save(ROUTED)
    lost = driver.start("company.team", "routed")
    driver.publisher.jobs.clear()
    driver.clock.advance(11)

    depths = {"engine": 4, "docker": 0}
    assert recovery.republish(driver.rt, lambda queue: depths[queue], limit=2) == 1
    assert [job.execution_id for job in driver.publisher.jobs] == [lost]


def test_what_was_marked_is_sent_although_the_database_goes_away(driver, monkeypatch):
    for _ in range(3):
        start(driver)
    driver.publisher.jobs.clear()
    driver.clock.advance(11)
    known, calls = executions.share, []

    def share(tx, execution_id):
        calls.append(execution_id)
        if len(calls) == 3:
            raise DatabaseAway("the statement took too long")
        return known(tx, execution_id)

    monkeypatch.setattr(executions, "share", share)
    with pytest.raises(DatabaseAway):
        recovery.republish(driver.rt, lambda queue: 0)

    assert [job.execution_id for job in driver.publisher.jobs] == calls[:2]


def test_steps_in_process_travel_together_whatever_stands_between_them():
    jobs = [Job("one", "s", n, 1, "engine" if n % 2 else "script", f"t{n}") for n in range(8)]

    assert [len(together) for together in in_messages(jobs)] == [1, 4, 1, 1, 1]


def test_a_broker_that_lost_its_data_gets_everything_at_once(driver):
    execution = start(driver)
    driver.publisher.jobs.clear()
    driver.publisher.life = "second"
    sent = recovery.republish(driver.rt, lambda queue: 5)
    driver.work()

    assert sent == 1
    assert driver.state(execution) == "SUCCESS"


def test_a_doubled_message_does_its_work_once(driver):
    execution = start(driver)
    driver.publisher.jobs *= 3
    driver.work()

    assert driver.messages(execution) == ["a", "b"]


def test_an_attempt_whose_worker_died_is_taken_over_as_a_further_attempt(driver):
    execution = start(driver)
    job = driver.publisher.jobs.pop()
    claiming.claim(driver.rt, job.execution_id, job.sequence, job.pos, job.attempt, "a dead worker")
    now = [0.0]
    watch = recovery.LeaseWatch(monotonic=lambda: now[0])
    driver.clock.advance(16)
    first_look = recovery.recover_leases(driver.rt, watch)
    now[0] = 5.0
    second_look = recovery.recover_leases(driver.rt, watch)
    driver.work()

    assert (first_look, second_look) == (0, 1)
    assert driver.state(execution) == "SUCCESS"
    assert [line for line in driver.messages(execution) if "died" not in line] == ["a", "b"]


def test_the_log_says_that_an_attempt_was_lost_and_why_the_task_failed(driver):
    execution = start(driver)
    now = [0.0]
    for _ in range(3):
        job = driver.publisher.jobs.pop()
        claiming.claim(
            driver.rt, job.execution_id, job.sequence, job.pos, job.attempt, "worker@gone"
        )
        driver.clock.advance(16)
        watch = recovery.LeaseWatch(monotonic=lambda: now[0])
        recovery.recover_leases(driver.rt, watch)
        now[0] += 5.0
        recovery.recover_leases(driver.rt, watch)
    driver.work()

    assert driver.state(execution) == "FAILED"
    said = [line for line in driver.messages(execution) if "worker@gone died" in line]
    assert len(said) == 3
    assert said[0].endswith("it runs again")
    assert said[2].endswith("number 3 that was lost")


def test_a_worker_that_lost_its_lease_writes_nothing(driver):
    execution = start(driver)
    job = driver.publisher.jobs.pop()
    claim = claiming.claim(
        driver.rt, job.execution_id, job.sequence, job.pos, job.attempt, "a slow worker"
    )
    now = [0.0]
    watch = recovery.LeaseWatch(monotonic=lambda: now[0])
    driver.clock.advance(16)
    recovery.recover_leases(driver.rt, watch)
    now[0] = 5.0
    recovery.recover_leases(driver.rt, watch)
    driver.work()
    late = steps.record(driver.rt, claim.step, steps.End(state=State.FAILED), fuse=False)

    assert late is None
    assert driver.state(execution) == "SUCCESS"


def test_nothing_is_stranded_while_a_flow_waits(driver):
    start(driver)

    assert recovery.count_stranded(driver.rt) == 0
    assert recovery.list_stranded(driver.rt) == []


def test_one_that_nothing_will_move_is_named_and_can_be_killed(driver):
    """As the runbook says; no fault is known that does it, so a hand in the database does."""
    execution = start(driver)
    with driver.rt.database.transaction() as tx:
        tx.execute(text("update task_runs set publish_due = null"))
    named = recovery.list_stranded(driver.rt)
    operations.kill(driver.rt, execution)
    driver.work_timers(120)

    assert named == [execution]
    assert recovery.count_stranded(driver.rt) == 0
    assert driver.state(execution) == "KILLED"


def test_a_clock_that_steps_back_does_not_put_a_lost_message_off_for_as_long(driver):
    execution = start(driver)
    driver.publisher.jobs.clear()
    driver.clock.advance(-3600)
    sent = recovery.republish(driver.rt, lambda queue: 0)
    again = recovery.republish(driver.rt, lambda queue: 0)
    driver.work()

    assert (sent, again) == (1, 0)
    assert driver.state(execution) == "SUCCESS"


@pytest.mark.parametrize(("renews", "ended"), [(True, "KILLED"), (False, "KILLING")])
def test_the_grace_of_a_kill_lasts_until_the_lease_of_a_silent_worker_ends(driver, renews, ended):
    """What a frozen worker runs lives until then, and nothing may take its place."""
    start(driver)
    job = driver.publisher.jobs.pop()
    place = (job.execution_id, job.sequence, job.pos, job.attempt)
    step = claiming.claim(driver.rt, *place, "a worker").step
    execution = job.execution_id
    operations.kill(driver.rt, execution)
    if renews:
        driver.clock.advance(8)
        steps.renew(driver.rt, "a worker", [(step.task_run_id, step.attempt)])
    driver.work_timers(2.5 if renews else 10.5)
    after_the_grace = driver.state(execution)
    driver.work_timers(5)

    assert after_the_grace == ended
    assert driver.state(execution) == "KILLED"


def test_a_watcher_whose_clock_is_ahead_waits_for_a_late_renewal_as_long_as_any_other(driver):
    start(driver)
    job = driver.publisher.jobs.pop()
    place = (job.execution_id, job.sequence, job.pos, job.attempt)
    step = claiming.claim(driver.rt, *place, "a worker").step
    now = [0.0]
    watch = recovery.LeaseWatch(monotonic=lambda: now[0])
    taken = []
    for moment in (0, 3, 14):  # the second renewal comes 11 s late
        now[0] = moment
        steps.renew(driver.rt, "a worker", [(step.task_run_id, step.attempt)])
        driver.clock.advance(3600)
        taken.append(recovery.recover_leases(driver.rt, watch))
        now[0] += 10
        taken.append(recovery.recover_leases(driver.rt, watch) if moment else 0)
        driver.clock.advance(-3600)

    assert taken == [0] * 6


ITEMS = """
id: items
namespace: company.team
tasks:
  - {{id: file, type: io.kestra.plugin.core.storage.Write, content: "one\\ntwo\\n"}}
  - id: each
{each}
"""
LOOP = """
    type: io.kestra.plugin.core.flow.Loop
    values: "{{ outputs.file.uri }}"
    tasks: [{id: say, type: io.kestra.plugin.core.debug.Return, format: "{{ item.value }}"}]
"""
BATCHES = """
    type: io.kestra.plugin.core.flow.ForEachItem
    items: "{{ outputs.file.uri }}"
    batch: {rows: 1}
    namespace: company.team
    flowId: steps
"""


def claimed(driver, task_id):
    """Works until a step of this task is claimed, by a worker that falls asleep."""
    while True:
        job = driver.publisher.jobs.pop(0)
        claim = claiming.claim(
            driver.rt, job.execution_id, job.sequence, job.pos, job.attempt, "a sleeper"
        )
        settle(driver.rt, claim.progress)
        if claim.step.task.id == task_id:
            return claim.step
        settle(driver.rt, run_step(driver.process, claim.step, fuse=False))


@pytest.mark.parametrize(("each", "task"), [(LOOP, "each"), (BATCHES, "each_items")])
def test_a_worker_that_wakes_too_late_leaves_the_items_of_the_next_attempt_alone(
    driver, each, task
):
    driver.save(FLOW)
    driver.save(ITEMS.format(each=each.strip("\n")))
    execution = driver.start("company.team", "items")
    step = claimed(driver, task)
    now = [0.0]
    watch = recovery.LeaseWatch(monotonic=lambda: now[0])
    for seconds in (0, 20):
        now[0] += seconds
        driver.clock.advance(seconds)
        recovery.recover_leases(driver.rt, watch)
    driver.work_one(driver.publisher.jobs.pop(0))  # the next attempt opens
    with driver.rt.database.reading() as tx:
        before = iterations.count(tx, step.task_run_id)
    for found in search.whole(driver.rt, execution)[1]:
        for uri in (found.outputs or {}).values():  # the sleeper dies as it reads on
            if str(uri).startswith("kestra://") and task != found.task_id:
                driver.rt.storage.delete(uri)
    woken = run_step(driver.process, step, fuse=False)
    with driver.rt.database.reading() as tx:
        after = iterations.count(tx, step.task_run_id)

    assert woken is None
    assert (before, after) == (2, 2)


def test_an_attempt_that_cannot_be_stopped_is_left_without_a_message_for_the_next(driver):
    execution = start(driver)
    job = driver.publisher.jobs.pop(0)
    place = (job.execution_id, job.sequence, job.pos, job.attempt)
    step = claiming.claim(driver.rt, *place, driver.process.owner).step

    driver.process.give_back(step)  # and the process ends, after some while
    published = list(driver.publisher.jobs)
    driver.clock.advance(11)
    sent = recovery.republish(driver.rt, lambda queue: 0)
    driver.work()

    assert (published, sent) == ([], 1)
    assert driver.state(execution) == "SUCCESS"
    tried = search.whole(driver.rt, execution)[2]
    assert [(one.n, one.reason) for one in tried if one.task_run_id == step.task_run_id] == [
        (1, "DRAIN"),
        (2, None),
    ]


def test_an_execution_that_is_set_aside_outlasts_the_lease_of_a_silent_worker(driver):
    execution = start(driver)
    job = driver.publisher.jobs.pop(0)
    place = (job.execution_id, job.sequence, job.pos, job.attempt)
    step = claiming.claim(driver.rt, *place, driver.process.owner).step

    settle(driver.rt, poison.set_aside(driver.rt, execution, ValueError("spoiled")))
    again = poison.set_aside(driver.rt, execution, ValueError("spoiled"))
    driver.work_timers(13)
    meanwhile = (driver.state(execution), search.whole(driver.rt, execution)[1][0].state)
    driver.work_timers(3)
    late = steps.record(driver.rt, step, steps.End(state=State.SUCCESS), fuse=False)

    assert (meanwhile, again, late) == (("KILLING", "RUNNING"), None, None)
    assert driver.state(execution) == "FAILED"
    assert driver.runs(execution) == [("a", "FAILED")]
    assert [line for line in driver.messages(execution) if "set aside" in line] == [
        "set aside after 3 tries: ValueError: spoiled"
    ]
    with driver.rt.database.reading() as tx:
        assert tx.execute(text("select count(*) from timers")).scalar() == 0
