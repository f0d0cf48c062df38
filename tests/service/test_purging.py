"""What has a retention goes when it is older, in batches, and nothing else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.database import growing, idempotency
from app.service import purging
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
