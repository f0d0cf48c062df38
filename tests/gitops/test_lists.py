"""What people look at in the Git area: pages that the server counts and narrows, remotes tried."""

import pytest

from app.service.access import accounts
from app.service.gitops import sources
from app.service.gitops.models import NewSource
from tests.support.api import app_on
from tests.support.repository import flow

PASSWORD = "correct horse"


@pytest.fixture
def ask(team):
    """Requests of a person with every right."""
    accounts.create(team.rt, "ada", password=PASSWORD, is_admin=True)
    client = app_on(team.rt).test_client()

    def send(path, body=None, **query):
        method = "GET" if body is None else "POST"
        given = {"json": body} if body is not None else {}
        answer = client.open(
            f"/api/v1/main/gitops{path}",
            method=method,
            query_string=query,
            auth=("ada", PASSWORD),
            **given,
        )
        return answer.get_json() if answer.status_code == 200 else answer

    return send


def keys(page):
    return [row["key"] for row in page["results"]]


def test_the_inventory_is_paged_and_narrowed_by_the_server(team, ask):
    team.repository.commit({f"{name}.yaml": flow(name) for name in "abc"})
    team.follow()
    below = "/bindings/team/resources"

    assert (keys(ask(below)), ask(below)["total"]) == (
        ["acme.team/a", "acme.team/b", "acme.team/c"],
        3,
    )
    assert (keys(ask(below, page=2, size=2)), ask(below, page=2, size=2)["total"]) == (
        ["acme.team/c"],
        3,
    )
    assert keys(ask(below, q="TEAM/B")) == ["acme.team/b"]
    assert keys(ask(below, q="_")) == []
    assert keys(ask(below, state="Drifted")) == []
    assert len(keys(ask(below, state="Synced", kind="FLOW"))) == 3


def test_the_history_is_paged_and_leaves_the_differences_to_each_sync(team, ask):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    team.repository.commit({"a.yaml": flow("a", message="new")})
    team.look()

    first = ask("/bindings/team/history", page=1, size=1)
    second = ask("/bindings/team/history", page=2, size=1)
    whole = ask(f"/syncs/{first['results'][0]['id']}")

    assert first["total"] == second["total"] == 2
    assert [row["id"] for row in first["results"]] != [row["id"] for row in second["results"]]
    assert "diff" not in first["results"][0]["items"][0]
    assert "new" in whole["items"][0]["diff"]


def test_sources_and_bindings_are_paged_and_searched(team, ask):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    sources.add(team.rt, NewSource(name="other", url="https://git.example.org/o.git"))

    names = [row["name"] for row in ask("/sources")["results"]]
    found = ask("/sources", q="example.org")
    page = ask("/sources", page=2, size=1)

    assert names == ["other", "team"]
    assert (found["total"], found["results"][0]["name"]) == (1, "other")
    assert (page["total"], page["results"][0]["name"]) == (2, "team")
    assert ask("/bindings", q="TEA")["total"] == 1
    assert ask("/bindings", state="Conflict")["total"] == 0


def test_a_wrong_page_is_named(ask):
    answer = ask("/sources", page="none")

    assert answer.status_code == 422
    assert "`page`" in answer.get_data(as_text=True)


def test_a_remote_is_tried_before_it_is_registered(team, ask):
    sha = team.repository.commit({"prod/a.yaml": flow("a"), "README.md": "read me"})
    url = team.repository.url

    good = ask("/sources/test", {"name": "x", "url": url})
    no_branch = ask("/sources/test", {"name": "x", "url": url, "ref": "nowhere"})
    no_repository = ask("/sources/test", {"name": "x", "url": url + "-not-there"})
    no_secret = ask(
        "/sources/test", {"name": "x", "url": url, "auth": {"passwordSecret": "NOT_THERE"}}
    )

    files = ["README.md", "prod/a.yaml"]
    assert good == {"sha": sha, "branches": ["main"], "files": files}
    assert no_branch["branches"] == ["main"]
    assert "nowhere" in no_branch["error"]
    assert "check url" in no_repository["advice"]
    assert "NOT_THERE" in no_secret["error"]
    assert ask("/sources")["total"] == 0


def test_an_address_that_is_not_allowed_is_refused_before_it_is_asked(ask):
    answer = ask("/sources/test", {"name": "x", "url": "ext::sh -c true"})

    assert answer.status_code == 422


def test_the_branches_of_a_source_are_those_of_the_remote_now(team, ask):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    team.repository.git("push", "-q", "origin", "HEAD:refs/heads/later")

    assert ask("/sources/team/branches")["branches"] == ["later", "main"]
    assert ask("/sources/nobody/branches").status_code == 404
