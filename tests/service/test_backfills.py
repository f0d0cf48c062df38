"""What a user does to a trigger while its backfill runs does not lose the rest of that."""

import contextlib
import random
import threading
from datetime import UTC, datetime, timedelta

import pytest

from app.errors import Conflict, Invalid
from app.service import operations, schedules, search, trigger_acts, trigger_state
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
    found, _ = search.list_executions(
        driver.rt, Wanted(flow_id="clock"), page=1, size=99, sort=sort
    )
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


CLOCKS_CHANGE = {"start": "2026-03-28T22:00:00Z", "end": "2026-03-29T04:30:00Z"}  # by an hour
ORDERS = ("OLDEST_FIRST", "NEWEST_FIRST")


def begin(driver, **more):
    saved = FLOW.replace('"0 * * * *"', '"0 * * * *", timezone: Europe/Paris')
    driver.save(saved)
    return trigger_state.backfill(driver.rt, *PLACE, {**CLOCKS_CHANGE, **more})


def alive(driver):
    sort = [("state.startDate", False)]
    found, _ = search.list_executions(
        driver.rt, Wanted(flow_id="clock"), page=1, size=99, sort=sort
    )
    return [row.id for row in found if row.gate != "ENDED"]


def end_one(driver, execution):
    operations.kill(driver.rt, execution)
    driver.work_timers(0)


@pytest.mark.parametrize("order", ORDERS)
def test_every_date_runs_once_in_order_and_never_too_many_at_once(driver, order):
    begin(driver, order=order, concurrencyLimit=3)
    chance, most = random.Random(order), 0
    for _ in range(400):
        if not row_of(driver).backfill:
            break
        act = chance.choice(
            ["beat", "beat", "beats", "end", "hold", "go", "unlock", "tidy", "save"]
        )
        disturb(driver, act, chance)
        most = max(most, len(alive(driver)))
    dates = fired(driver)

    moments = [datetime.fromisoformat(date) for date in dates]
    expected = [datetime(2026, 3, 28, 22, tzinfo=UTC) + timedelta(hours=n) for n in range(7)]
    assert moments == (expected if order == "OLDEST_FIRST" else expected[::-1])
    assert most == 3
    assert row_of(driver).next_at is not None  # the schedule has its place back


def row_of(driver):
    return trigger_state.list_of_flow(driver.rt, *PLACE[:2])[0]


def disturb(driver, act, chance):
    """Something that people, workers and beats do to a backfill; what does not fit is refused."""
    rt = driver.rt
    with contextlib.suppress(Conflict):
        if act == "beats":  # two that look at the same moment
            both = [threading.Thread(target=schedules.fire_due, args=[rt]) for _ in range(2)]
            for one in both:
                one.start()
            for one in both:
                one.join()
        elif act == "end" and alive(driver):
            end_one(driver, chance.choice(alive(driver)))
        elif act in ("hold", "go"):
            trigger_state.pause_backfill(rt, *PLACE, paused=act == "hold")
        elif act == "unlock":
            trigger_state.unlock(rt, *PLACE)
        elif act == "tidy":
            schedules.tidy(rt)
        elif act == "save":
            trigger_state.set_disabled(rt, *PLACE, disabled=True)
            trigger_state.set_disabled(rt, *PLACE, disabled=False)
        else:
            schedules.fire_due(rt)
    driver.work()


def test_a_backfill_that_has_as_many_runs_as_it_may_goes_on_at_the_end_of_one(driver):
    begin(driver, concurrencyLimit=2)
    for _ in range(4):
        fire(driver)
    waiting = row_of(driver)
    end_one(driver, alive(driver)[0])  # not the one that it began last
    woken = row_of(driver)
    for _ in range(4):
        fire(driver)

    assert (waiting.next_at, waiting.waiting_at.hour) == (None, 0)
    assert woken.next_at == waiting.waiting_at
    assert len(fired(driver)) == 3


def test_runs_that_a_cancelled_backfill_left_count_as_well(driver):
    begin(driver, concurrencyLimit=2)
    for _ in range(3):
        fire(driver)
    trigger_state.end_backfill(driver.rt, *PLACE)
    trigger_state.backfill(driver.rt, *PLACE, {**WANTED, "concurrencyLimit": 3})
    for _ in range(4):
        fire(driver)

    assert len(alive(driver)) == 3


def test_runs_that_are_deleted_hold_no_place(driver):
    begin(driver, concurrencyLimit=2)
    for _ in range(3):
        fire(driver)
    operations.delete(driver.rt, alive(driver)[0], is_forced=True)
    schedules.tidy(driver.rt)
    fire(driver)

    assert len(alive(driver)) == 2
    assert len(fired(driver)) == 2


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"order": "DESC"}, "`backfill.order`: it must be OLDEST_FIRST or NEWEST_FIRST"),
        ({"order": 7}, "`backfill.order`"),
        ({"concurrencyLimit": 0}, "`backfill.concurrencyLimit`: it must be a whole number from 1"),
        ({"concurrencyLimit": "3"}, "`backfill.concurrencyLimit`"),
        ({"concurrencyLimit": True}, "`backfill.concurrencyLimit`"),
        ({"order": "NEWEST_FIRST", "end": "2027-01-01T00:00:00Z"}, "lies in the future"),
        ({"order": "NEWEST_FIRST", "end": "2026-03-28T21:59:00Z"}, "no instant"),
    ],
)
def test_an_order_or_a_limit_that_is_none_is_refused_by_name(driver, more, words):
    with pytest.raises(Invalid) as refused:
        begin(driver, **more)

    assert words in str(refused.value)
    assert row_of(driver).backfill is None
