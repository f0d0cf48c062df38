"""Schedules: each instant once, zones, missed instants, the lock."""

from datetime import UTC, datetime, timedelta

import pytest

from app.service import executions, schedules, search, trigger_state
from app.service.search import Wanted
from app.trigger.schedule import Schedule

TYPE = "io.kestra.plugin.core.trigger.Schedule"
FLOW = """
id: clock
namespace: company.team
tasks: [{{id: t, type: io.kestra.plugin.core.debug.Return, format: "{{{{ trigger.date }}}}"}}]
triggers: [{{id: hourly, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 * * * *"{more}}}]
"""


def fired(driver):
    rows, _ = search.list_executions(
        driver.rt, Wanted(flow_id="clock"), page=1, size=100, sort=[("state.startDate", False)]
    )
    return [row.trigger["variables"]["date"] for row in rows]


def fire(driver):
    schedules.fire_due(driver.rt)
    driver.work()


def test_an_instant_fires_once_however_often_beat_looks(driver):
    driver.save(FLOW.format(more=""))
    driver.clock.advance(3600)
    fire(driver)
    fire(driver)

    assert fired(driver) == ["2026-05-01T13:00:00Z"]


def test_all_missed_instants_fire_by_default(driver):
    driver.save(FLOW.format(more=""))
    driver.clock.advance(3 * 3600)
    for _ in range(5):
        fire(driver)

    assert len(fired(driver)) == 3


@pytest.mark.parametrize(("recover", "count"), [("LAST", 1), ("NONE", 0)])
def test_missed_instants_follow_the_rule_of_the_trigger(driver, recover, count):
    driver.save(FLOW.format(more=f", recoverMissedSchedules: {recover}"))
    driver.clock.advance(3 * 3600 + 1800)
    for _ in range(5):
        fire(driver)

    assert len(fired(driver)) == count


def test_a_running_execution_locks_its_trigger(driver):
    driver.save(FLOW.format(more=""))
    driver.clock.advance(3600)
    schedules.fire_due(driver.rt)
    driver.clock.advance(3600)
    schedules.fire_due(driver.rt)
    locked = len(fired(driver))
    driver.work()
    driver.clock.advance(2)
    fire(driver)

    assert locked == 1
    assert len(fired(driver)) == 2


def test_a_backfill_runs_the_past_and_gives_the_schedule_back(driver):
    driver.save(FLOW.format(more=""))
    before = trigger_state.list_of_flow(driver.rt, "company.team", "clock")[0].next_at
    wanted = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T02:00:00Z"}
    trigger_state.backfill(driver.rt, "company.team", "clock", "hourly", wanted)
    for _ in range(6):
        fire(driver)
        driver.clock.advance(2)
    after = trigger_state.list_of_flow(driver.rt, "company.team", "clock")[0]

    assert fired(driver) == [f"2026-01-01T0{n}:00:00Z" for n in range(3)]
    assert after.next_at == before
    assert after.backfill is None


def test_daylight_saving_skips_the_hour_that_does_not_exist():
    trigger = Schedule(id="t", type=TYPE, cron="30 2 * * *", timezone="Europe/Paris")
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)
    first = trigger.next_after(before, "UTC")
    second = trigger.next_after(first, "UTC")

    assert second - first <= timedelta(days=1, hours=1)
    assert first.astimezone(UTC).date().day == 29


def test_six_fields_have_seconds_first():
    trigger = Schedule(id="t", type=TYPE, cron="*/10 * * * * *", withSeconds=True)
    start = datetime(2026, 1, 1, tzinfo=UTC)

    assert trigger.next_after(start, "UTC") == start + timedelta(seconds=10)


def test_a_flow_started_by_hand_needs_no_trigger(driver):
    driver.save(FLOW.format(more=""))
    execution = executions.start(driver.rt, "company.team", "clock")

    assert executions.get(driver.rt, execution).trigger is None
