"""A worker that waits to be wanted, or for a database that says so."""

import os
import signal
import threading
import time

import pytest

from app.database.migrate import migrate
from app.database.session import Database
from app.service import draining, installation
from tests.conftest import make_driver
from workers.standby import Standby


def standby(driver, find_refusal=lambda: None):
    return Standby(driver.rt, "w1", ["script"], time.time(), find_refusal)


@pytest.fixture
def later():
    """Does something once the worker has waited for a moment."""
    started = []

    def after(act):
        made = threading.Thread(target=act)
        made.start()
        started.append(made)

    yield after
    for thread in started:
        thread.join(30)


def shown(driver):
    return [installation.state_of(driver.rt, row) for row in installation.list_services(driver.rt)]


def wait_for(ready):
    ends = time.monotonic() + 30
    while not ready():
        assert time.monotonic() < ends, "it did not come"
        time.sleep(0.02)


def test_a_worker_that_nobody_drained_does_not_wait(driver):
    assert standby(driver).wait()
    assert shown(driver) == []


def test_a_drained_worker_waits_and_is_shown_until_it_is_undrained(driver, later):
    draining.drain(driver.rt, "w1@" + os.uname().nodename)
    seen = []

    def undrain():
        wait_for(lambda: shown(driver))
        seen.extend(shown(driver))
        draining.undrain(driver.rt, "w1@" + os.uname().nodename)

    later(undrain)

    assert standby(driver).wait()
    assert seen == ["DRAINED"]


def test_one_that_is_told_to_stop_stops_waiting_and_says_so(driver, later):
    draining.drain(driver.rt, os.uname().nodename)
    before = signal.getsignal(signal.SIGTERM)

    def stop():
        wait_for(lambda: shown(driver))
        os.kill(os.getpid(), signal.SIGTERM)

    later(stop)

    assert not standby(driver).wait()
    assert shown(driver) == ["STOPPED"]
    assert signal.getsignal(signal.SIGTERM) is before


def test_one_whose_tables_are_not_made_yet_waits_for_them(postgres, tmp_path, later, caplog):
    url = postgres.new_database()
    driver = make_driver(url, tmp_path, migrated=True)  # says so; nobody has

    def make():
        wait_for(lambda: "has it been migrated?" in caplog.text)
        database = Database(url)
        migrate(database)
        database.close()

    later(make)

    assert standby(driver).wait()
    driver.rt.database.close()


def test_one_whose_queues_are_refused_waits_and_says_so_until_they_are_not(driver, caplog):
    answers = iter(["a queue is not ours", "a queue is not ours", None])
    seen = []

    def find_refusal():
        seen.append(shown(driver))
        return next(answers)

    assert standby(driver, find_refusal).wait()
    assert seen == [[], ["REFUSED"], ["REFUSED"]]
    assert [record.message for record in caplog.records] == ["takes no work: a queue is not ours"]
