"""First user, processes, preferences, build data, settings, loggers."""

import logging
from datetime import timedelta

import pytest

from app.database.schema_instance import workers
from app.errors import Invalid
from app.service import claiming, draining
from app.service.access import accounts
from app.settings import load_settings
from tests.support.api import app_on

FIRST = {"username": "ann@example.org", "password": "correct horse"}


@pytest.fixture
def guarded(driver):
    """A client of an app that asks for credentials; nobody has an account yet."""
    return app_on(driver.rt).test_client()


def test_the_first_user_is_made_once_and_may_do_everything(guarded):
    before = guarded.get("/api/v1/setup").get_json()
    made = guarded.post("/api/v1/setup", json=FIRST)
    again = guarded.post("/api/v1/setup", json=FIRST | {"username": "eve@example.org"})
    me = guarded.get("/api/v1/me", auth=tuple(FIRST.values())).get_json()

    assert before["done"] is False
    assert (made.status_code, again.status_code) == (200, 405)
    assert guarded.get("/api/v1/setup").get_json()["done"] is True
    assert (me["username"], me["superAdmin"]) == ("ann@example.org", True)


def test_the_older_address_makes_the_first_user_and_then_answers_401(guarded):
    made = guarded.post("/api/v1/main/basicAuth", json=FIRST)
    again = guarded.post("/api/v1/main/basicAuth", json=FIRST)

    assert (made.status_code, again.status_code) == (204, 401)


@pytest.mark.parametrize(
    "wrong", [{"username": "ann"}, {"password": "short"}, {"password": None}, {"username": 7}]
)
def test_credentials_that_are_none_make_no_user(guarded, wrong):
    answer = guarded.post("/api/v1/setup", json=FIRST | wrong)

    assert answer.status_code == 422
    assert guarded.get("/api/v1/setup").get_json()["done"] is False


def test_preferences_are_kept_for_each_user(driver, guarded):
    for name in ("ann", "bob"):
        accounts.create(driver.rt, name, password="correct horse")
    ann, bob = ("ann", "correct horse"), ("bob", "correct horse")
    stored = {"filters": [{"name": "mine", "query": "state=FAILED"}], "theme": "dark"}

    guarded.put("/api/v1/me/preferences", json={"theme": "light"}, auth=ann)
    guarded.put("/api/v1/me/preferences", json=stored, auth=ann)

    assert guarded.get("/api/v1/me/preferences", auth=ann).get_json() == stored
    assert guarded.get("/api/v1/me/preferences", auth=bob).get_json() == {}


@pytest.mark.parametrize("content", [[], "text", {"a": "x" * 200_000}])
def test_preferences_that_are_no_small_object_are_refused(lite, content):
    lite.send("PUT", "/me/preferences", content, status=422)

    assert lite.get("/me/preferences") == {}


def test_a_process_is_listed_with_how_it_stands(api):
    now = api.driver.rt.clock()
    row = {"kind": "worker", "name": "w", "host": "h", "pid": 1, "queues": ["git"], "version": "1",
           "started_at": now, "state": "RUNNING"}  # fmt: skip
    with api.driver.rt.database.transaction() as tx:
        for name, silent_s in (("live", 1), ("lost", 60), ("old", 9999)):
            seen = now - timedelta(seconds=silent_s)
            tx.execute(workers.insert(), row | {"id": name, "seen_at": seen})

    listed = api.get("/instance/services/search")
    active = api.get("/instance/services/active")

    states = {item["id"]: item["state"] for item in listed["results"]}
    assert states == {"live": "RUNNING", "lost": "DISCONNECTED"}
    assert [item["id"] for item in active["services"]] == ["live"]
    assert listed["results"][0]["type"] == "WORKER"


def test_who_stopped_or_was_replaced_is_not_listed_any_more(api):
    now = api.driver.rt.clock()
    row = {"kind": "worker", "host": "h", "pid": 1, "queues": [], "version": "1"}
    rows = [  # id, name, state, started and last heard of so many seconds ago
        ("rolled", "a", "STOPPED", 500, 100),
        ("killed", "a", "RUNNING", 400, 90),
        ("now", "a", "RUNNING", 80, 1),
        ("dead twice", "b", "RUNNING", 300, 200),
        ("dead", "b", "RUNNING", 199, 100),
    ]
    with api.driver.rt.database.transaction() as tx:
        for key, name, state, started_s, seen_s in rows:
            moments = {
                "started_at": now - timedelta(seconds=started_s),
                "seen_at": now - timedelta(seconds=seen_s),
            }
            tx.execute(workers.insert(), row | moments | {"id": key, "name": name, "state": state})

    listed = api.get("/instance/services/search")["results"]

    assert [item["id"] for item in listed] == ["now", "dead", "dead twice"]


def test_what_runs_is_listed_with_the_worker_that_holds_it(api):
    driver = api.driver
    api.flow("held")
    driver.start("team.a", "held")
    job = driver.publisher.jobs.pop()
    place = (job.execution_id, job.sequence, job.pos, job.attempt)
    claiming.claim(driver.rt, *place, "h:77:1-abc")
    now = driver.rt.clock()
    row = {"id": "w", "kind": "worker", "name": "heavy", "host": "h", "pid": 7,
           "queues": ["engine"], "version": "1", "started_at": now, "seen_at": now,
           "state": "RUNNING",
           "figures": {"pids": [7, 77], "slots": 2, "load": 0.5, "memoryBytes": 9}}  # fmt: skip
    with driver.rt.database.transaction() as tx:
        tx.execute(workers.insert(), row)

    [job] = api.get("/instance/jobs")["results"]
    [worker] = api.get("/instance/services/search")["results"]

    assert (job["executionId"], job["worker"]) == (place[0], "heavy@h")
    assert (worker["slots"], worker["load"], worker["memoryBytes"]) == (2, 0.5, 9)
    assert "pids" not in worker


def test_drained_workers_and_hosts_are_listed(api):
    before = api.get("/instance/services/drained")
    draining.drain(api.driver.rt, "w1@one")
    after = api.get("/instance/services/drained")

    assert before == {"total": 0, "drained": []}
    assert [item["name"] for item in after["drained"]] == ["w1@one"]
    assert after["drained"][0]["since"].endswith("Z")


def test_a_worker_is_drained_and_let_work_again(api):
    api.send("PUT", "/instance/services/drained/w1@one", status=204)
    api.send("PUT", "/instance/services/drained/w1@one", status=204)
    marked = api.get("/instance/services/drained")["drained"]
    api.send("DELETE", "/instance/services/drained/w1@one", status=204)

    assert [item["name"] for item in marked] == ["w1@one"]
    assert api.get("/instance/services/drained")["total"] == 0
    api.send("DELETE", "/instance/services/drained/w1@one", status=404)
    api.send("PUT", "/instance/services/drained/a b", status=422)


def test_settings_are_shown_without_what_is_secret(lite):
    settings = lite.driver.rt.settings.model_copy(
        update={
            "admin_password": "hidden-1",
            "database_url": "postgresql://u:hidden-2@h/d?sslpassword=hidden-3",
            "globals": {"token": "hidden-4"},
        }
    )
    object.__setattr__(lite.driver.rt, "settings", settings)

    answer = lite.client.get("/env")

    assert answer.status_code == 200
    assert "hidden" not in answer.text
    assert settings.encryption_key not in answer.text
    shown = answer.get_json()["properties"]
    assert shown["database-url"] == "postgresql://u:******@h/d?******"
    assert shown["encryption-key"] == "******"
    assert shown["lease-s"] == 15.0


def test_the_level_of_a_logger_is_shown_and_changed(lite):
    logger = logging.getLogger("app.of_this_test")
    changed = lite.client.post("/loggers/app.of_this_test", json={"configuredLevel": "DEBUG"})
    shown = lite.client.get("/loggers").get_json()["loggers"]
    wrong = lite.client.post("/loggers/app.of_this_test", json={"configuredLevel": "LOUD"})
    unknown = lite.client.post("/loggers/nobody", json={"configuredLevel": "INFO"})

    assert changed.status_code == 200
    assert logger.level == logging.DEBUG
    assert shown["app.of_this_test"]["configuredLevel"] == "DEBUG"
    assert (wrong.status_code, unknown.status_code) == (422, 422)


def test_version_and_build_data_are_told(lite):
    assert lite.client.get("/version").get_json()["version"].count(".") == 2
    assert lite.client.get("/info").get_json()["app"]["name"] == "trunkline"
    assert lite.get("/basicAuthValidationErrors") == []


def test_the_way_to_flower_and_the_name_of_the_server_are_told_where_they_are_set(lite):
    before = lite.get("/configs")
    told = {"flower_url": "https://flower.acme.io", "environment": "prod"}
    settings = lite.driver.rt.settings.model_copy(update=told | {"environment_color": "#b60402"})
    object.__setattr__(lite.driver.rt, "settings", settings)

    assert not {"flowerUrl", "environment"} & set(before)
    assert lite.get("/configs")["environment"] == {"name": "prod", "color": "#b60402"}
    assert lite.get("/configs")["flowerUrl"] == "https://flower.acme.io"


@pytest.mark.parametrize("wrong", ["javascript:alert(1)", "flower.acme.io"])
def test_the_way_to_flower_is_a_web_address(wrong):
    with pytest.raises(Invalid, match="flower_url"):
        load_settings({"TRUNKLINE_FLOWER_URL": wrong})


def test_the_one_tenant_is_found_and_no_other(lite):
    found = lite.get("/tenants/search")

    assert found == {"results": [{"id": "main", "name": "main", "deleted": False}], "total": 1}
    assert lite.get("/tenants/main") == found["results"][0]
    assert lite.get("/tenants/search", q="other")["total"] == 0
    assert "there is one" in lite.send("GET", "/tenants/other", status=404)["message"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/tenants", 409),
        ("PUT", "/tenants/main", 409),
        ("DELETE", "/tenants/main", 409),
        ("PUT", "/tenants/other", 404),
        ("DELETE", "/tenants/other", 404),
    ],
)
def test_no_tenant_is_added_changed_or_removed(lite, method, path, status):
    told = lite.send(method, path, {"id": "other", "name": "Other"}, status=status)

    assert "one" in told["message"]
    assert lite.get("/tenants/search")["total"] == 1
