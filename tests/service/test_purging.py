"""What has a retention goes when it is older, in batches, and nothing else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.database import executions, growing, idempotency, timers
from app.plugin.services import Selection
from app.service import purging, reopen
from app.service.transitions import ExecutionNotFound

FLOW = "id: f\nnamespace: a.b\ntasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: m}]\n"


def keys(driver, count, days):
    at = driver.rt.clock() - timedelta(days=days)
    with driver.rt.database.transaction() as tx:
        for n in range(count):
            idempotency.add(tx, "a.b/f", f"{days}-{n}", "digest", "execution", at)


def test_old_rows_go_in_batches_and_young_ones_stay(driver):
    keys(driver, purging.ROWS + 5, days=2)
    keys(driver, 3, days=0)

    assert purging.purge(driver.rt) == purging.ROWS + 5
    assert purging.purge(driver.rt) == 0
    with driver.rt.database.reading() as tx:
        assert idempotency.find(tx, "a.b/f", "0-0") is not None


@pytest.mark.parametrize(
    "name",
    [
        "audit",
        "browser_sessions",
        "git_deliveries",
        "hook_marks",
        "idempotency_keys",
        "schedule_fires",
        "test_results",
    ],
)
def test_every_growing_table_has_a_statement(driver, name):
    with driver.rt.database.transaction() as tx:
        assert growing.drop_before(tx, name, driver.rt.clock(), 10) == 0


def test_executions_go_only_with_a_retention(driver):
    execution = driver.run(FLOW)
    driver.clock.advance(3 * 86_400)
    kept = purging.purge(driver.rt)
    settings = driver.rt.settings.model_copy(update={"retention_days": 2})
    gone = purging.purge(replace(driver.rt, settings=settings))

    assert (kept, gone) == (0, 1)
    with pytest.raises(ExecutionNotFound):
        driver.state(execution)


def with_retention(driver, days):
    settings = driver.rt.settings.model_copy(update={"retention_days": days})
    return replace(driver.rt, settings=settings)


def start_parent(driver):
    """A parent whose child has ended and whose note of that is due; both ids."""
    subflow = "io.kestra.plugin.core.flow.Subflow"
    driver.save(FLOW.replace("core.log.Log, message: m", "core.flow.Pause"))
    call = f"{{id: call, type: {subflow}, namespace: a.b, flowId: f}}"
    parent = driver.run(f"id: parent\nnamespace: a.b\ntasks: [{call}]\n")
    with driver.rt.database.transaction() as tx:
        [child] = executions.live_children(tx, parent)
        executions.write(tx, child, gate="ENDED", state="SUCCESS")
        timers.add(tx, "ended", child, 1, driver.rt.clock() + timedelta(days=3, seconds=1))
    return parent, child


def by_retention(driver):
    purging.purge(with_retention(driver, 2))


def by_a_task(driver):
    purging.purge_selection(driver.rt, Selection(flow_id="f"), frozenset({"executions"}))


@pytest.mark.parametrize("purge", [by_retention, by_a_task])
def test_an_end_that_is_not_told_yet_keeps_the_execution_until_its_caller_has_heard(driver, purge):
    parent, child = start_parent(driver)
    driver.clock.advance(3 * 86_400)
    purge(driver)
    kept = driver.state(child)
    driver.work_timers(2)
    heard = driver.state(parent)
    purge(driver)

    assert (kept, heard) == ("SUCCESS", "SUCCESS")
    with pytest.raises(ExecutionNotFound):
        driver.state(child)


class Restarting:
    """A storage at whose first deletion a user restarts another execution that is about to go."""

    def __init__(self, storage, restart):
        self._storage, self._restart = storage, restart

    def delete_prefix(self, prefix):
        restart, self._restart = self._restart, lambda: None
        restart()
        return self._storage.delete_prefix(prefix)


def test_an_execution_that_is_restarted_as_others_go_stays(driver):
    failing = FLOW.replace("log.Log, message: m", "execution.Fail")
    first = driver.run(failing)
    driver.clock.advance(1)
    second = driver.run(failing)
    driver.clock.advance(3 * 86_400)
    rt = with_retention(driver, 2)
    storage = Restarting(rt.storage, lambda: reopen.restart(driver.rt, second))
    purging.purge(replace(rt, storage=storage))

    with pytest.raises(ExecutionNotFound):
        driver.state(first)
    assert driver.state(second) == "RESTARTED"
