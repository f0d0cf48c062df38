"""The rows of the processes that run."""

import os
from datetime import timedelta

from app.service import installation
from app.service.presence import DRAINING, Presence
from app.service.purging import purge_rows
from workers.process import Process
from workers.watch import Watch


def shown(driver):
    rows = installation.list_services(driver.rt)
    return [(row.kind, row.name, installation.state_of(driver.rt, row)) for row in rows]


def test_a_process_is_shown_until_it_says_that_it_stops(driver):
    beat = Presence(driver.rt, "beat", "beat", driver.rt.clock())
    beat.show()
    before = shown(driver)
    beat.end()

    assert before == [("beat", "beat", "RUNNING")]
    assert shown(driver) == [("beat", "beat", "STOPPED")]


def test_one_that_falls_silent_is_disconnected_and_a_day_later_forgotten(driver):
    Presence(driver.rt, "api", "api", driver.rt.clock()).show()
    driver.clock.advance(29)
    still = shown(driver)
    driver.clock.advance(2)
    silent = shown(driver)
    driver.clock.advance(timedelta(days=1).total_seconds())

    assert still == [("api", "api", "RUNNING")]
    assert silent == [("api", "api", "DISCONNECTED")]
    assert purge_rows(driver.rt) == 1


def test_it_writes_seldom(driver):
    api = Presence(driver.rt, "api", "api", driver.rt.clock())
    api.show()
    driver.clock.advance(5)
    api.show()

    (row,) = installation.list_services(driver.rt)
    assert row.seen_at - row.started_at < timedelta(seconds=1)


def test_the_pool_children_of_a_worker_write_one_row(driver):
    process = Process(driver.rt)
    one, other = (Watch(process, ["git", "script"], 4711, name="heavy") for _ in range(2))
    one.presence.show()
    other.presence.show(DRAINING)

    (row,) = installation.list_services(driver.rt)
    assert (row.name, row.pid, row.queues, row.state) == (
        "heavy", 4711, ["git", "script"], "DRAINING",
    )  # fmt: skip


def test_the_child_of_a_worker_that_stops_says_so(driver):
    watch = Watch(Process(driver.rt), ["engine"], 4711)
    watch.presence.show()
    watch.shared.draining_since = 1.0
    watch.stop()

    assert shown(driver) == [("worker", "worker", "STOPPED")]


def test_a_process_says_what_it_takes_of_its_machine(driver):
    Presence(driver.rt, "worker", "w", driver.rt.clock(), slots=3).show()

    (row,) = installation.list_services(driver.rt)

    assert row.figures["slots"] == 3
    assert os.getpid() in row.figures["pids"]
    assert row.figures["load"] >= 0
    assert row.figures["memoryBytes"] > 1_000_000
