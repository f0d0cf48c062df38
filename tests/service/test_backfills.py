"""What a user does to a trigger while its backfill runs does not lose the rest of that."""

import pytest

from app.service import schedules, search, trigger_acts, trigger_state
from app.service.search import Wanted

PLACE = ("company.team", "clock", "hourly")
FLOW = """
id: clock
namespace: company.team
tasks: [{id: wait, type: io.kestra.plugin.core.flow.Pause}]
triggers: [{id: hourly, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 * * * *"}]
"""
WANTED = {"start": "2026-04-01T00:00:00Z", "end": "2026-04-01T02:30:00Z"}


@pytest.fixture
def filling(driver):
    """A backfill of three instants, whose first execution waits and holds the trigger."""
    driver.save(FLOW)
    trigger_state.backfill(driver.rt, *PLACE, WANTED)
    fire(driver)
    assert len(fired(driver)) == 1
    return driver


def fire(driver):
    for _ in range(3):
        schedules.fire_due(driver.rt)
        driver.work()


def fired(driver):
    sort = [("state.startDate", False)]
    found, _ = search.list_executions(driver.rt, Wanted(flow_id="clock"), page=1, size=9, sort=sort)
    return [row.trigger["variables"]["date"] for row in found]


def hours(*numbers):
    return [f"2026-04-01T0{number}:00:00Z" for number in numbers]


def test_a_trigger_that_is_restarted_goes_on_with_the_instant_that_waited(filling):
    trigger_acts.restart(filling.rt, PLACE)
    fire(filling)

    assert fired(filling) == hours(0, 1)


def test_a_trigger_that_is_switched_off_and_on_goes_on_with_its_backfill(filling):
    trigger_state.set_disabled(filling.rt, *PLACE, disabled=True)
    trigger_state.set_disabled(filling.rt, *PLACE, disabled=False)
    trigger_acts.restart(filling.rt, PLACE)
    fire(filling)
    trigger_acts.restart(filling.rt, PLACE)
    fire(filling)

    assert fired(filling) == hours(0, 1, 2)


def test_a_backfill_that_is_held_stays_so_when_its_trigger_is_switched_off_and_on(filling):
    trigger_state.pause_backfill(filling.rt, *PLACE, paused=True)
    trigger_state.set_disabled(filling.rt, *PLACE, disabled=True)
    row = trigger_state.set_disabled(filling.rt, *PLACE, disabled=False)
    trigger_acts.restart(filling.rt, PLACE)
    filling.clock.advance(7200)
    fire(filling)
    held = fired(filling)
    trigger_state.pause_backfill(filling.rt, *PLACE, paused=False)
    fire(filling)

    assert row.next_at is None
    assert held == hours(0)
    assert fired(filling) == hours(0, 1)


def test_a_schedule_that_is_restarted_does_not_go_back_to_the_instant_that_waited(driver):
    driver.save(FLOW)
    driver.clock.advance(3600)
    fire(driver)
    driver.clock.advance(3600)
    fire(driver)

    row = trigger_acts.restart(driver.rt, PLACE)

    assert row.waiting_at is None
    assert row.next_at.isoformat() == "2026-05-01T15:00:00+00:00"
