"""A first attempt is claimed by one statement, or, when that is not enough, step by step."""

import threading

import pytest
from sqlalchemy import select, update

from app.database import first_claim
from app.database.schema import attempts, executions, task_runs
from app.service import claiming
from app.service.settle import settle

FLOW = """
id: claims
namespace: company.team
tasks:
  - {id: a, type: io.kestra.plugin.core.log.Log, message: a}
"""
WATCHER = """
id: watcher
namespace: company.team
tasks:
  - {id: a, type: io.kestra.plugin.core.log.Log, message: a}
triggers:
  - id: seen
    type: io.kestra.plugin.core.trigger.Flow
    states: [RUNNING]
"""


@pytest.fixture
def place(driver):
    driver.save(FLOW)
    driver.start("company.team", "claims")
    job = driver.publisher.jobs.pop(0)
    return job.execution_id, job.sequence, job.pos


def at_once(driver, place):
    with driver.rt.database.transaction() as tx:
        lease = driver.rt.database.lease(driver.rt.clock() - driver.rt.clock())
        return first_claim.claim(tx, place, "me", lease, driver.rt.clock())


def claim(driver, place, attempt=1):
    return claiming.claim(driver.rt, *place, attempt, "me")


def rows(driver, table):
    with driver.rt.database.reading() as tx:
        return tx.execute(select(table)).all()


def run_of(driver):
    return next(row for row in rows(driver, task_runs) if row.task_id == "a")


def states(row):
    return [line.split()[0] for line in row.histories.splitlines()]


def test_a_claim_writes_the_same_whichever_way_it_goes(driver, place):
    won = claim(driver, place)

    run = run_of(driver)
    execution = rows(driver, executions)[0]
    assert won is not None
    assert won.step is not None
    assert (won.step.task_run_id, won.step.place.sequence) == (run.id, place[1])
    assert won.step.execution.state == "RUNNING"
    assert won.step.execution.created_at == execution.created_at
    assert (run.state, run.attempt, run.owner, run.publish_due) == ("RUNNING", 1, "me", None)
    assert run.lease_until > won.step.started_at
    assert run.first_start == won.step.started_at
    assert [line.split()[0] for line in run.histories.splitlines()] == ["CREATED", "RUNNING"]
    assert [line.split()[0] for line in execution.histories.splitlines()] == ["CREATED", "RUNNING"]
    assert [(row.n, row.state, row.owner) for row in rows(driver, attempts)] == [
        (1, "RUNNING", "me")
    ]


def test_only_one_of_many_wins(driver, place):
    won = []
    threads = [
        threading.Thread(target=lambda: won.append(claim(driver, place) is not None))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(won) == [False, False, False, True]
    assert len(rows(driver, attempts)) == 1


def test_a_closed_gate_lets_nobody_in_and_begins_nothing(driver, place):
    with driver.rt.database.transaction() as tx:
        tx.execute(update(executions).values(gate="PAUSED"))

    assert claim(driver, place) is None
    assert run_of(driver).state == "CREATED"
    assert rows(driver, executions)[0].state == "CREATED"


def test_a_step_that_is_not_there_begins_no_execution(driver, place):
    assert claim(driver, (place[0], place[1], 7)) is None
    assert claim(driver, ("none", place[1], place[2])) is None
    assert rows(driver, executions)[0].state == "CREATED"


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
class TestOnPostgres:
    def test_the_first_attempt_is_one_statement(self, driver, place):
        assert at_once(driver, place) is not None
        assert run_of(driver).state == "RUNNING"

    def test_so_it_is_in_an_execution_that_runs(self, driver, place):
        with driver.rt.database.transaction() as tx:
            tx.execute(update(executions).values(state="RUNNING"))

        assert at_once(driver, place) is not None
        assert rows(driver, executions)[0].histories.count("RUNNING") == 0

    def test_what_somebody_waits_for_is_left_to_the_longer_way(self, driver, place):
        driver.save(WATCHER)

        assert at_once(driver, place) is None
        assert rows(driver, executions)[0].state == "CREATED"
        won = claim(driver, place)
        assert won is not None
        settle(driver.rt, won.progress)
        assert any(row.flow_id == "watcher" for row in rows(driver, executions))

    @pytest.mark.parametrize("values", [{"state": "RESTARTED"}, {"attempt": 1}, {"gone": True}])
    def test_so_is_what_is_no_first_attempt(self, driver, place, values):
        with driver.rt.database.transaction() as tx:
            tx.execute(update(task_runs).where(task_runs.c.task_id == "a").values(**values))

        assert at_once(driver, place) is None
        assert rows(driver, executions)[0].state == "CREATED"
        assert rows(driver, attempts) == []
