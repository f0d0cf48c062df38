"""Whoever takes a flow's row and those of its triggers takes them in this order: no ring of waits.

On SQLite one writes at a time, and the same has to come of it.
"""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from app.database import flows, triggers
from app.database.executions import find
from app.model.state import State
from app.service import listeners, schedules, search
from app.service.search import Wanted

LOG = "io.kestra.plugin.core.log.Log"
LIMITED = f"""
id: limited
namespace: company.team
concurrency: {{limit: 1}}
tasks: [{{id: t, type: {LOG}, message: x}}]
triggers:
  - {{id: hourly, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 * * * *"}}
  - {{id: after, type: io.kestra.plugin.core.trigger.Flow}}
"""
OTHER = f"id: other\nnamespace: company.team\ntasks: [{{id: t, type: {LOG}, message: x}}]\n"
WAITING = (
    "select count(*) from pg_stat_activity "
    "where datname = current_database() and wait_event_type = 'Lock'"
)


def fire(driver, _ended):
    schedules.fire_due(driver.rt)


def tell(driver, ended):
    listeners.tell_state(driver.rt, ended, State.SUCCESS, "fresh")


def wait_until_blocked(driver, done):
    deadline = time.monotonic() + 20
    while not done.done() and time.monotonic() < deadline:
        with driver.rt.database.reading() as tx:
            if tx.dialect.name != "postgresql" or tx.execute(text(WAITING)).scalar():
                return
        time.sleep(0.01)


@pytest.mark.parametrize(("act", "trigger"), [(fire, "hourly"), (tell, "after")])
def test_a_flow_is_saved_beside_its_trigger_that_fires(driver, act, trigger):
    driver.save(LIMITED)
    ended = driver.run(OTHER)
    with driver.rt.database.reading() as tx:
        row = find(tx, ended)
    driver.clock.advance(3600)
    with ThreadPoolExecutor(1) as pool:
        with driver.rt.database.transaction() as tx:
            flows.lock(tx, "company.team", "limited")
            firing = pool.submit(act, driver, row)
            wait_until_blocked(driver, firing)
            where = triggers.at("company.team", "limited", trigger)
            assert triggers.write(tx, where, updated_at=driver.rt.clock()) == 1
        firing.result(30)

    found, _ = search.list_executions(driver.rt, Wanted(flow_id="limited"), page=1, size=9)
    assert trigger in [row.trigger["id"] for row in found]
