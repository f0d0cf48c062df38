"""Requests of one moment: what may be only once is so, and whoever comes second is told."""

import hashlib
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from app.database import git_deliveries, users
from app.service.access import accounts
from app.service.gitops import hooks, sources
from app.service.gitops.models import NewSource
from tests.support.api import app_on

SECRET = "trunkline-test-secret"
URL = "https://git.example.org/acme/flows.git"
MANY = 8


@pytest.fixture
def app(driver):
    settings = driver.rt.settings.model_copy(update={"auth_enabled": False})
    object.__setattr__(driver.rt, "settings", settings)
    return app_on(driver.rt)


def at_once(act):
    """The outcomes of an act that many do at one moment."""
    start = Barrier(MANY)

    def one(n):
        start.wait(20)
        return act(n)

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(one, range(MANY)))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/gitops/webhooks", {"name": "hook"}),
        ("/gitops/sources", {"name": "team", "url": URL}),
        ("/users", {"username": "ana"}),
        ("/roles", {"name": "watch", "permissions": ["flow:read"]}),
        ("/groups", {"name": "night"}),
    ],
)
def test_a_name_that_many_take_at_once_is_taken_by_one(app, path, body):
    answers = at_once(lambda n: app.test_client().post("/api/v1/main" + path, json=body))

    codes = sorted(answer.status_code for answer in answers)
    assert codes[0] in (200, 201)
    assert codes[1:] == [409] * (MANY - 1)


def test_a_delivery_that_comes_many_times_at_once_counts_once(app, driver):
    made = hooks.open_endpoint(driver.rt, hooks.NewEndpoint(name="h", secret=SECRET))
    sources.add(driver.rt, NewSource.model_validate({"name": "team", "url": URL, "ref": "main"}))
    before = sources.find(driver.rt, "team").requested
    data = {"ref": "refs/heads/main", "after": "1" * 40, "repository": {"clone_url": URL}}
    body = json.dumps(data).encode()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": "one",
        "X-Hub-Signature-256": "sha256="
        + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest(),
    }

    path = f"/api/v1/main/gitops/webhooks/{made.token}"
    answers = at_once(lambda n: app.test_client().post(path, data=body, headers=headers))

    assert sorted(answer.status_code for answer in answers) == [200] * (MANY - 1) + [202]
    assert {tuple(answer.json["matchedBindings"]) for answer in answers} == {("team",)}
    assert sources.find(driver.rt, "team").requested == before + 1
    with driver.rt.database.reading() as tx:
        assert git_deliveries.count_since(tx, made.id, driver.rt.clock()) == 1


@pytest.mark.parametrize("change", ["delete", "disable", "demote"])
def test_administrators_who_remove_each_other_at_once_leave_one(app, driver, change):
    made = [
        accounts.create(driver.rt, f"admin{n}", is_admin=True, password="correct horse").id
        for n in range(MANY)
    ]
    body = {"disable": {"disabled": True}, "demote": {"superAdmin": False}}.get(change)

    def act(n):
        path = f"/api/v1/main/users/{made[n]}"
        client = app.test_client()
        return client.delete(path) if body is None else client.patch(path, json=body)

    codes = sorted(answer.status_code for answer in at_once(act))

    assert codes == [204 if body is None else 200] * (MANY - 1) + [409]
    with driver.rt.database.reading() as tx:
        assert users.count_admins(tx) == 1


def test_processes_that_start_at_once_make_one_first_administrator(driver, monkeypatch):
    monkeypatch.setattr(accounts.users, "count", lambda tx: 0)  # each has looked before the others
    passwords = at_once(lambda n: accounts.ensure_admin(driver.rt))

    assert [password is not None for password in passwords].count(True) == 1
    with driver.rt.database.reading() as tx:
        assert users.count_admins(tx) == 1
