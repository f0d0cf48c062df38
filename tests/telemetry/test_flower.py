"""Monitoring with Flower: its real API shows what ran, under names that people know."""

import os
import subprocess
import sys

import httpx
from prometheus_client.parser import text_string_to_metric_families

from app.dispatch.celery_app import RUN, make_celery
from app.settings import Settings
from tests.telemetry.conftest import wait_for

AUTH = ("eve", "flowers")


def tasks(cluster):
    answer = httpx.get(f"{cluster.flower}/api/tasks", auth=AUTH)
    return list(answer.raise_for_status().json().values())


def seen(cluster):
    def both():
        found = [task for task in tasks(cluster) if cluster.execution in (task["kwargs"] or "")]
        done = [task for task in found if task["state"] == "SUCCESS"]
        return done if len({task["name"] for task in done}) == 2 else None

    return wait_for(both, "the jobs in Flower")


def test_a_job_is_named_for_its_flow_and_task_and_shows_its_execution(cluster):
    found = seen(cluster)

    assert {task["name"] for task in found} == {
        "telemetry.cluster.observed.first",
        "telemetry.cluster.observed.second",
    }
    assert {task["kwargs"] for task in found} == {f"execution {cluster.execution} attempt 1"}


def test_the_event_of_a_message_that_was_sent_has_the_name_that_people_know():
    app = make_celery(Settings(broker_url="memory://"))
    made = app.amqp.create_task_message("1", RUN, shadow="acme.etl.load", create_sent_event=True)
    plain = app.amqp.create_task_message("1", RUN, create_sent_event=True)

    assert made.sent_event["name"] == "acme.etl.load"
    assert made.headers["task"] == RUN
    assert plain.sent_event["name"] == RUN


def test_a_job_shows_its_queue_and_its_root(cluster):
    found = seen(cluster)

    queues = {task["name"].rpartition(".")[2]: task["routing_key"] for task in found}
    assert queues == {"first": "engine", "second": "default"}
    assert all(task["root_id"] for task in found)


def test_flower_asks_for_the_password_of_the_settings(cluster):
    assert httpx.get(f"{cluster.flower}/api/workers").status_code == 401
    assert httpx.get(f"{cluster.flower}/api/workers", auth=("eve", "wrong")).status_code == 401


def test_flower_s_metrics_ask_for_the_same_password_and_its_health_for_none(cluster):
    address = f"{cluster.flower}/metrics"
    samples = {
        sample.labels.get("worker", "").partition("@")[0]: sample.value
        for family in text_string_to_metric_families(httpx.get(address, auth=AUTH).text)
        for sample in family.samples
        if sample.name == "flower_worker_online"
    }

    assert httpx.get(address).status_code == 401
    assert httpx.get(address, auth=("eve", "wrong")).status_code == 401
    assert httpx.get(f"{cluster.flower}/healthcheck").text == "OK"
    assert samples == {"worker": 1}


def test_flower_shows_the_queues_of_a_worker(cluster):
    answer = httpx.get(f"{cluster.flower}/api/workers", params={"refresh": "1"}, auth=AUTH)
    (worker,) = answer.raise_for_status().json().values()

    assert {queue["name"] for queue in worker["active_queues"]} == {"engine", "default"}


def test_without_a_password_it_listens_on_loopback_only():
    environ = {name: value for name, value in os.environ.items() if "FLOWER" not in name}
    command = [sys.executable, "-m", "app.cli.main", "flower", "--host", "127.0.0.2"]

    done = subprocess.run(
        command,
        env={**environ, "TRUNKLINE_BROKER_URL": "redis://127.0.0.1:1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 2
    assert "TRUNKLINE_FLOWER_BASIC_AUTH" in done.stderr
