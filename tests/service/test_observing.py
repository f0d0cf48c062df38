"""The figures of database and broker, when a part of the installation hangs."""

import socket
import time
from dataclasses import replace

import pytest

from app.dispatch.celery_app import make_celery
from app.dispatch.publish import CeleryPublisher
from app.service.observing import DatabaseFigures
from app.settings import Settings
from tests.conftest import make_driver


@pytest.fixture
def hanging():
    """The address of a broker that lets people in and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def test_a_broker_that_hangs_does_not_keep_the_figures_of_the_database(tmp_path, hanging):
    driver = make_driver(f"sqlite:///{tmp_path / 'd.db'}", tmp_path)
    publisher = CeleryPublisher(make_celery(Settings(broker_url=hanging)))
    figures = DatabaseFigures(replace(driver.rt, publisher=publisher))

    started = time.monotonic()
    found = {family.name: family for family in figures.collect()}

    assert time.monotonic() - started < 8  # Prometheus waits for ten seconds
    assert found["trunkline_database_up"].samples[0].value == 1
    assert len(found["trunkline_task_runs_runnable"].samples) == 5
    assert len(found["trunkline_queue_depth"].samples) < 5
    driver.rt.database.close()
