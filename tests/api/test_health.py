"""What probes are told."""

import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest

from app.dispatch.celery_app import make_celery
from app.dispatch.publish import CeleryPublisher
from app.settings import Settings
from tests.api.conftest import make_api
from tests.conftest import make_driver
from tests.faults.proxy import Proxy
from tests.support.api import app_on
from tests.support.postgres import free_port

PROBES_WAIT_S = 4  #: that of Compose; the chart's waits a second more


def asked(api):
    """What a probe is told, and after how many seconds."""
    began = time.monotonic()
    answer = api.client.get("/health/readiness")
    parts = {name: part["status"] for name, part in answer.json["details"].items()}
    return answer.status_code, parts, time.monotonic() - began


def test_the_api_is_ready_while_the_broker_is_away_and_says_so(lite):
    lite.driver.publisher.life = None

    for path in ("/health", "/health/readiness"):
        answer = lite.client.get(path)
        assert (answer.status_code, answer.json["status"]) == (200, "UP")
        assert answer.json["details"]["broker"] == {"status": "DOWN"}
        assert answer.json["details"]["database"] == {"status": "UP"}


def test_a_start_is_accepted_while_the_broker_is_away(lite):
    lite.flow("f")
    lite.driver.publisher.life = None

    assert lite.send("POST", "/executions/team.a/f")["state"]["current"] == "CREATED"


def test_without_its_database_the_api_is_alive_and_not_ready(lite):
    lite.driver.rt.database.close()
    path = Path(lite.driver.rt.database.url.removeprefix("sqlite:///"))
    path.unlink()
    path.mkdir()

    ready, alive = lite.client.get("/health/readiness"), lite.client.get("/health/liveness")

    assert (ready.status_code, ready.json["status"]) == (503, "DOWN")
    assert ready.json["details"]["database"] == {"status": "DOWN"}
    assert alive.status_code == 200


def with_real_broker(api, url):
    publisher = CeleryPublisher(make_celery(Settings(broker_url=url)))
    app_on(replace(api.driver.rt, publisher=publisher))


def test_a_rabbitmq_that_is_away_is_told_as_well(lite):
    with_real_broker(lite, f"amqp://127.0.0.1:{free_port()}//")

    assert asked(lite)[:2] == (200, {"database": "UP", "broker": "DOWN"})


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_a_broker_that_hangs_does_not_make_the_api_unready(lite, scheme):
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        with_real_broker(lite, f"{scheme}://127.0.0.1:{hanging.getsockname()[1]}//")

        status, parts, took_s = asked(lite)

    assert (status, parts) == (200, {"database": "UP", "broker": "DOWN"})
    assert took_s < PROBES_WAIT_S


def test_a_database_that_hangs_is_told_before_the_probe_gives_up(postgres, tmp_path):
    proxy = Proxy(postgres.port)
    url = postgres.new_database().replace(str(postgres.port), str(proxy.port))
    api = make_api(make_driver(url, tmp_path))
    before = asked(api)[0]
    proxy.swallow()

    status, parts, took_s = asked(api)

    assert (before, status) == (200, 503)
    assert parts == {"database": "DOWN", "broker": "UP"}
    assert took_s < PROBES_WAIT_S
    proxy.close()
    api.driver.rt.database.close()
