"""What a real installation exports, read by Prometheus' own parser."""

import json
import re
import socket
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families as parse

from app.dispatch.celery_app import make_celery
from app.dispatch.publish import CeleryPublisher
from app.service import observing
from app.service.access.accounts import ensure_admin
from app.settings import Settings
from app.telemetry import metrics
from tests.api.conftest import Api
from tests.conftest import make_driver
from tests.support.api import app_on
from tests.support.postgres import free_port
from tests.telemetry.conftest import wait_for

ROOT = Path(__file__).parents[2]
AUTH = ("admin@trunkline.local", "correct horse")
NAME = re.compile(r"\b(?:trunkline|gitops)_[a-z_]+\b")
FLOW = """
id: counted
namespace: telemetry.metrics
tasks:
  - {id: one, type: io.kestra.plugin.core.log.Log, message: "hello"}
"""
HOOKED = """
id: hooked
namespace: telemetry.metrics
tasks:
  - {id: one, type: io.kestra.plugin.core.log.Log, message: "hello"}
triggers:
  - {id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: right-key}
"""


def read(text):
    """Every sample's name, and the value of each with its labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in parse(text)
        for sample in family.samples
    }


def total(samples, name, **labels):
    return sum(
        value
        for (found, given), value in samples.items()
        if found == name and set(labels.items()) <= set(given)
    )


@pytest.fixture
def api(tmp_path):
    driver = make_driver(f"sqlite:///{tmp_path / 'figures.db'}", tmp_path)
    settings = driver.rt.settings.model_copy(update={"admin_password": AUTH[1]})
    object.__setattr__(driver.rt, "settings", settings)
    ensure_admin(driver.rt)
    made = Api(driver, app_on(driver.rt).test_client())
    figures = observing.show_database_figures(driver.rt)
    yield made
    observing.hide(figures)
    driver.process.stop()
    driver.rt.database.close()


@pytest.fixture
def api_figures(api):
    api.driver.save(FLOW)
    for _ in range(3):
        answer = api.client.post("/api/v1/main/executions/telemetry.metrics/counted", auth=AUTH)
        assert answer.status_code == 200
    api.driver.work()
    return read(api.client.get("/prometheus", auth=AUTH).text)


def test_the_api_counts_its_requests_by_route(api_figures):
    route = {"route": "/api/v1/main/executions/<namespace>/<flow_id>", "method": "POST"}

    assert total(api_figures, "trunkline_http_request_seconds_count", **route) >= 3
    assert total(api_figures, "trunkline_executions_started_total") >= 3


def test_the_api_shows_what_the_database_knows(api_figures):
    assert total(api_figures, "trunkline_database_up") == 1
    assert total(api_figures, "trunkline_executions_stranded") == 0
    assert ("trunkline_task_runs_runnable", (("queue", "engine"),)) in api_figures


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_a_broker_that_is_away_is_told_and_asked_for_no_depths(api, api_figures, scheme):
    nobody = make_celery(Settings(broker_url=f"{scheme}://127.0.0.1:{free_port()}//"))
    cut_off = replace(api.driver.rt, publisher=CeleryPublisher(nobody))

    found = {one.name: one.samples for one in observing.DatabaseFigures(cut_off).collect()}

    assert total(api_figures, "trunkline_broker_up") == 1
    assert [sample.value for sample in found["trunkline_broker_up"]] == [0]
    assert [sample.value for sample in found["trunkline_database_up"]] == [1]
    assert found["trunkline_queue_depth"] == []


def test_calls_of_webhook_triggers_are_counted_by_what_became_of_them(api):
    def calls(verdict):
        text = api.client.get("/prometheus", auth=AUTH).text
        return total(read(text), "trunkline_webhook_total", verdict=verdict)

    before = calls("accepted"), calls("NotFound")
    api.driver.save(HOOKED)
    for key in ("right-key", "wrong-key", "no-key"):
        api.client.post(f"/api/v1/main/executions/webhook/telemetry.metrics/hooked/{key}")

    assert (calls("accepted"), calls("NotFound")) == (before[0] + 1, before[1] + 2)


def test_metrics_are_not_shown_without_credentials(api):
    assert api.client.get("/prometheus").status_code == 401
    assert api.client.get("/metrics").status_code == 401


def test_names_and_values_come_as_json_as_well(api, api_figures):
    options = {"auth": AUTH, "headers": {"Accept": "application/json"}}
    names = api.client.get("/metrics", **options).json["names"]
    one = api.client.get("/metrics/trunkline_executions_started", **options).json

    assert "trunkline_executions_started" in names
    assert one["measurements"][0]["statistic"] == "COUNT"
    assert one["measurements"][0]["value"] >= 3
    assert api.client.get("/metrics/none", **options).status_code == 404


def test_a_worker_adds_up_what_its_pool_counted(cluster):
    samples = read(cluster.metrics("worker"))

    assert total(samples, "trunkline_claims_total", queue="engine", outcome="won") >= 1
    assert total(samples, "trunkline_executions_ended_total", state="SUCCESS") >= 1
    assert total(samples, "trunkline_commit_seconds_count") >= 2


def test_beat_has_a_port_of_its_own(cluster):
    assert total(read(cluster.metrics("beat")), "trunkline_database_up") == 1


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_a_process_that_does_its_rounds_touches_its_file_again_and_again(cluster, name):
    """As the health checks of Compose and of the chart look at it."""
    before = cluster.pulse(name).stat().st_mtime_ns

    assert wait_for(lambda: cluster.pulse(name).stat().st_mtime_ns > before, "a round", 30)


def test_a_port_that_is_taken_is_told_and_used_once_it_is_free(caplog):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        metrics.serve("127.0.0.1", port, again_s=0.1)
        (told,) = caplog.messages
    url = f"http://127.0.0.1:{port}/metrics"
    shown = wait_for(lambda: httpx.get(url, verify=False).is_success, "metrics", 30)

    assert "Address already in use" in told
    assert "TRUNKLINE_METRICS_PORT" in told
    assert shown


def exported(cluster, api_figures):
    found = {name for name, _ in api_figures}
    for part in ("worker", "beat"):
        found |= {name for name, _ in read(cluster.metrics(part))}
        found |= {family.name for family in parse(cluster.metrics(part))}
    found |= {f"{name}_total" for name in found} | {f"{name}_bucket" for name in found}
    return found


def test_every_metric_of_the_dashboard_and_of_the_alerts_is_exported(cluster, api_figures):
    dashboard = json.loads((ROOT / "deploy/grafana/trunkline.json").read_text("utf-8"))
    alerts = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text("utf-8"))
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    asked += [rule["expr"] for group in alerts["groups"] for rule in group["rules"]]
    named = {name for expression in asked for name in NAME.findall(expression)}

    assert len(named) > 20
    assert named - exported(cluster, api_figures) == set()


def test_every_metric_that_the_page_names_is_exported_and_every_one_of_ours_is_named(
    cluster, api_figures
):
    page = (ROOT / "docs/monitoring.md").read_text("utf-8")
    rows = [line.partition("|")[2].partition("|")[0] for line in page.splitlines()]
    named = {name for row in rows for name in NAME.findall(row)}
    there = exported(cluster, api_figures)
    families = {
        family.name.removesuffix("_total")
        for text in (cluster.metrics("worker"), cluster.metrics("beat"))
        for family in parse(text)
        if NAME.fullmatch(family.name) and not family.name.endswith("_created")
    }

    assert named - there == set()
    assert families - {name.removesuffix("_total") for name in named} == set()


def test_every_alert_has_its_paragraph_in_the_runbook():
    alerts = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text("utf-8"))
    page = (ROOT / "docs/monitoring.md").read_text("utf-8")
    names = [rule["alert"] for group in alerts["groups"] for rule in group["rules"]]

    assert [name for name in names if f"### {name}\n" not in page] == []
