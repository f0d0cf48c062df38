"""The one stream of a browser: what it tells, to whom, and that it ends with its credentials."""

import json

import pytest
from sqlalchemy import delete

from app.api import streams
from app.database.schema_git import git_sources
from app.service import following, marks
from app.service.access import accounts, tokens
from tests.support.api import app_on

PASSWORD = "correct horse"
FLOW = "id: f\nnamespace: {}\ntasks: [{{id: a, type: io.kestra.plugin.core.log.Log, message: hi}}]"

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Looks and asks at once."""
    monkeypatch.setattr(streams, "LOOK_S", 0.02)
    monkeypatch.setattr(streams, "SHARE_S", 0.0)
    monkeypatch.setattr(streams, "SILENCE_S", 0.1)
    monkeypatch.setattr(marks, "LOOK_S", 0.01)
    monkeypatch.setattr(following, "ASK_S", 0.0)


@pytest.fixture
def client(driver):
    return app_on(driver.rt).test_client()


def person(driver, name, *grants):
    entries = [{"role": role, "namespace": namespace} for role, namespace in grants]
    return accounts.create(driver.rt, name, password=PASSWORD, grants=entries, is_admin=not grants)


def opened(client, topics, **options):
    return client.get("/api/v1/main/events", query_string={"topics": topics}, **options)


def frames(answer):
    """(name, data) of each frame, as it comes; `open` for the comment at the start."""
    for part in answer.iter_encoded():
        text = part.decode()
        if text == ": open\n\n":
            yield "open", {}
        elif text.startswith("id: "):
            name, data = text.removesuffix("\n\n").removeprefix("id: ").split("\ndata: ")
            yield name, json.loads(data)


def test_a_topic_is_told_when_what_it_names_has_changed(driver, client):
    person(driver, "ana")
    driver.save(FLOW.format("team.a"))
    told = frames(opened(client, "list:executions,git", auth=("ana", PASSWORD)))
    assert next(told)[0] == "open"

    execution = driver.start("team.a", "f")
    first = next(told)
    with driver.rt.database.transaction() as tx:
        tx.execute(delete(git_sources))
    driver.work()
    second = next(told)
    told.close()
    log = frames(opened(client, f"log:{execution}", auth=("ana", PASSWORD)))

    assert first == second == ("list:executions", {"topic": "list:executions"})
    assert next(log)[0] == "open"
    log.close()


def test_an_execution_is_told_at_its_change_and_its_log_at_its_line(driver, client):
    person(driver, "ana")
    driver.save(FLOW.format("team.a"))
    execution = driver.start("team.a", "f")
    topics = f"execution:{execution},log:{execution}"
    told = frames(opened(client, topics, auth=("ana", PASSWORD)))
    next(told)

    driver.work()

    assert sorted([next(told)[0], next(told)[0]]) == sorted(topics.split(","))
    told.close()


def test_workers_are_told_again_and_again(driver, client):
    person(driver, "ana")
    told = frames(opened(client, "workers", auth=("ana", PASSWORD)))

    assert [next(told)[0] for _ in range(3)] == ["open", "workers", "workers"]
    told.close()


def test_a_topic_that_may_not_be_followed_is_refused_and_the_others_go_on(driver, client):
    person(driver, "bob", ("viewer", "team.a"))
    for namespace in ("team.a", "team.b"):
        driver.save(FLOW.format(namespace))
    own, other = driver.start("team.a", "f"), driver.start("team.b", "f")
    absent = own[:-1] + ("a" if own[-1] != "a" else "b")
    topics = ["list:executions", f"execution:{own}", f"log:{other}", f"log:{absent}", "git"]
    told = frames(opened(client, ",".join([*topics, "workers"]), auth=("bob", PASSWORD)))

    named = [next(told) for _ in range(5)]
    told.close()
    alone = opened(client, f"git,execution:{other}", auth=("bob", PASSWORD))

    refused = [data["topic"] for name, data in named if name == "refused"]
    assert refused == [f"log:{other}", f"log:{absent}", "git", "workers"]
    assert alone.status_code == 403
    assert "git:read" in alone.get_json()["message"]


def come_in(driver, client, way):
    """What of a request shows who makes it, and what ends that."""
    account = person(driver, "ana")
    if way == "session":
        client.post("/login", json={"username": "ana", "password": PASSWORD})
        return {}, lambda: client.post("/logout")
    if way == "token":
        made = client.post(
            "/api/v1/main/me/api-tokens", json={"name": "t"}, auth=("ana", PASSWORD)
        ).get_json()
        kept = tokens.list_tokens(driver.rt, account.id)[0].id
        header = {"Authorization": f"Bearer {made['fullToken']}"}
        return {"headers": header}, lambda: tokens.revoke_token(driver.rt, account.id, kept)
    return {"auth": ("ana", PASSWORD)}, lambda: accounts.change(
        driver.rt, account.id, {"password": "another horse"}
    )


ENDINGS = [
    ("session", "events?topics=git"),
    ("token", "events?topics=git"),
    ("password", "events?topics=git"),
    ("session", "executions/{}/follow"),
    ("token", "logs/{}/follow"),
]


@pytest.mark.parametrize(("way", "path"), ENDINGS)
def test_a_stream_ends_with_the_credentials_that_opened_it(driver, client, way, path):
    shown, end = come_in(driver, client, way)
    driver.save(FLOW.format("team.a"))
    execution = driver.start("team.a", "f")
    answer = client.get(f"/api/v1/main/{path.format(execution)}", **shown)
    parts = answer.iter_encoded()
    next(parts)

    end()
    rest = [part for part in parts if not part.startswith(b": ")]

    assert rest == ([b"id: gone\ndata: {}\n\n"] if "events" in path else [])


def test_an_answer_that_is_the_same_is_not_sent_again(driver, client):
    person(driver, "ana")
    path, auth = "/api/v1/main/executions/search", ("ana", PASSWORD)
    first = client.get(path, auth=auth)
    again = client.get(path, auth=auth, headers={"If-None-Match": first.headers["ETag"]})
    driver.save(FLOW.format("team.a"))
    driver.start("team.a", "f")
    other = client.get(path, auth=auth, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.get_data()) == (304, b"")
    assert other.status_code == 200
    assert other.get_json()["total"] == 1
