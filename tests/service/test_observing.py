"""The figures of database and broker, when a part of the installation hangs."""

import socket
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from app.database import observed
from app.dispatch.celery_app import make_celery
from app.dispatch.publish import CeleryPublisher
from app.service import operations, recovery
from app.service.observing import ANSWER_S, DatabaseFigures
from app.settings import Settings
from tests.conftest import make_driver
from tests.faults.proxy import Proxy
from tests.support.postgres import free_port

PROMETHEUS_WAITS_S = 10
FLOW = """
id: waiting
namespace: figures
tasks:
  - {id: first, type: io.kestra.plugin.core.log.Log, message: "hello"}
  - {id: routed, type: io.kestra.plugin.core.storage.PurgeCurrentExecutionFiles}
"""
RETRIED = """
id: retried
namespace: figures
tasks:
  - id: first
    type: io.kestra.plugin.core.execution.Fail
    retry: {type: constant, interval: PT1H, maxAttempts: 3}
"""


@pytest.fixture
def hanging():
    """The address of a broker that lets people in and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def asked(figures):
    """The families by name, and how long it took."""
    started = time.monotonic()
    found = {family.name: family for family in figures.collect()}
    return found, time.monotonic() - started


def test_a_broker_that_hangs_does_not_keep_the_figures_of_the_database(tmp_path, hanging):
    driver = make_driver(f"sqlite:///{tmp_path / 'd.db'}", tmp_path)
    publisher = CeleryPublisher(make_celery(Settings(broker_url=hanging)))

    found, took_s = asked(DatabaseFigures(replace(driver.rt, publisher=publisher)))

    assert took_s < PROMETHEUS_WAITS_S - 2
    assert found["trunkline_database_up"].samples[0].value == 1
    assert found["trunkline_broker_up"].samples[0].value == 0
    assert len(found["trunkline_task_runs_runnable"].samples) == 5
    assert found["trunkline_queue_depth"].samples == []
    driver.rt.database.close()


def test_a_database_that_hangs_is_told_in_time_and_again_when_it_answers(postgres, tmp_path):
    proxy = Proxy(postgres.port)
    url = postgres.new_database().replace(str(postgres.port), str(proxy.port))
    driver = make_driver(url, tmp_path)
    figures = DatabaseFigures(driver.rt)
    before, _ = asked(figures)
    proxy.swallow()
    during, took_s = asked(figures)
    again, took_again_s = asked(figures)
    proxy.mend()
    proxy.cut()  # what hung is lost, and the next one connects anew
    ends = time.monotonic() + 60
    while not (after := asked(figures)[0])["trunkline_database_up"].samples[0].value:
        assert time.monotonic() < ends, "the database is back and not told to be"

    up = [found["trunkline_database_up"].samples[0].value for found in (before, during, again)]
    assert up == [1, 0, 0]
    assert took_s < ANSWER_S + 2
    assert took_again_s < ANSWER_S + 2
    assert during["trunkline_broker_up"].samples[0].value == 1
    assert len(after["trunkline_task_runs_runnable"].samples) == 5
    driver.rt.database.close()
    proxy.close()


def oldest_wait(driver):
    with driver.rt.database.reading() as tx:
        (found,) = observed.waiting_by_queue(tx).values()
    return driver.rt.clock() - found.oldest


def test_a_run_waits_since_it_may_be_claimed_not_while_its_execution_was_paused(driver):
    driver.save(FLOW)
    execution = driver.start("figures", "waiting")
    driver.work_one(driver.publisher.jobs.pop(0))
    operations.pause(driver.rt, execution)
    driver.clock.advance(3600)
    operations.resume(driver.rt, execution)
    driver.clock.advance(7)

    assert timedelta(seconds=7) <= oldest_wait(driver) < timedelta(seconds=8)


def test_a_run_waits_since_its_retry_is_due(driver):
    driver.run(RETRIED)
    driver.clock.advance(3601)
    recovery.work_timers(driver.rt)
    driver.clock.advance(5)

    assert timedelta(seconds=5) <= oldest_wait(driver) < timedelta(seconds=6)


def test_a_run_that_never_paused_waits_since_its_birth(driver):
    driver.save(FLOW)
    driver.start("figures", "waiting")
    driver.clock.advance(9)

    assert timedelta(seconds=9) <= oldest_wait(driver) < timedelta(seconds=10)


def test_a_broker_that_is_left_alone_after_a_failure_neither_answers_nor_has_depths():
    away = f"redis://127.0.0.1:{free_port()}/0"
    publisher = CeleryPublisher(make_celery(Settings(broker_url=away)))
    publisher._failed("jobs were not published", OSError())

    assert not publisher.answers()
    assert publisher.depth("script") is None
