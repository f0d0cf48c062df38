"""The checks of a proposed change, as its Git host tells them."""

import pytest

from app.database import git_outside
from app.gitops.provider.base import CheckState, FoundCheck
from app.service.access import accounts
from app.service.gitops import changes, checks
from tests.gitops.test_changes import GRACE, change, connect
from tests.support.api import app_on
from tests.support.repository import flow

PASSWORD = "correct horse"
GOOD = {"context": "ci", "state": "success", "target_url": "https://ci.example.org/1"}


@pytest.fixture
def proposed(team, host):
    """A change with a pull request, and how its checks are asked for by a person."""
    connect(team, host)
    project = str(team.repository.bare).strip("/").removesuffix(".git")
    host.answer("POST", f"/repos/{project}/pulls", {"number": 9, "html_url": "https://h/9"}, 201)
    team.repository.commit({"a.yaml": flow("a")})
    team.follow(source={"connection": "host"})
    made = changes.propose(team.rt, change(flow("a", message="new")), GRACE)
    accounts.create(team.rt, "ada", password=PASSWORD, is_admin=True)
    client = app_on(team.rt).test_client()

    def ask(change_id=made.id):
        path = f"/api/v1/main/gitops/changes/{change_id}/checks"
        return client.get(path, auth=("ada", PASSWORD))

    def say(sha, statuses, runs=()):
        at = f"/repos/{project}/commits/{sha}"
        host.answers.pop(("GET", f"{at}/status?per_page=100"), None)
        host.answers.pop(("GET", f"{at}/check-runs?per_page=100"), None)
        host.answer("GET", f"{at}/status?per_page=100", {"statuses": statuses})
        host.answer("GET", f"{at}/check-runs?per_page=100", {"check_runs": list(runs)})

    return made, ask, say


def test_the_checks_of_a_change_are_asked_of_its_host_and_kept_for_a_moment(team, host, proposed):
    made, ask, say = proposed
    say(made.sha, [{**GOOD, "state": "pending"}])
    first = ask().get_json()
    say(made.sha, [GOOD])
    at_once = ask().get_json()
    team.driver.clock.advance(11)
    later = ask().get_json()

    assert (first["state"], first["sha"], first["url"]) == ("pending", made.sha, GOOD["target_url"])
    assert at_once == first
    assert (later["state"], later["checks"][0]["name"]) == ("success", "ci")
    with team.rt.database.reading() as tx:
        assert git_outside.find_change(tx, made.id).checks == later
    assert ask("none").status_code == 404


def test_who_pushed_to_the_branch_since_is_asked_about(team, proposed):
    made, ask, say = proposed
    newer = "f" * 40
    say(made.sha, [GOOD])
    before = ask().get_json()
    pull = {"binding_id": made.binding_id, "number": 9, "sha": newer, "source_ref": made.branch,
            "target_ref": "main", "is_fork": False, "is_open": True}  # fmt: skip
    with team.rt.database.transaction() as tx:
        git_outside.put_pull(tx, {**pull, "updated_at": team.rt.clock()})
    say(newer, [], [{"name": "test", "status": "completed", "conclusion": "failure"}])

    now = ask().get_json()

    assert (before["state"], now["state"], now["sha"]) == ("success", "failure", newer)


def test_a_refusal_of_the_host_is_told_without_a_secret(proposed):
    _, ask, _ = proposed

    told = ask().get_json()

    assert (told["state"], told["checks"]) == ("unknown", [])
    assert "answered 404" in told["error"]
    assert "secret-token" not in told["error"]


@pytest.mark.parametrize(
    ("states", "expected"),
    [("", "none"), ("success", "success"), ("success pending", "pending"),
     ("pending failure success", "failure")],
)  # fmt: skip
def test_the_worst_of_the_checks_is_the_state_of_all(states, expected):
    found = [FoundCheck(word, CheckState(word), "") for word in states.split()]

    assert checks.summary(found, "https://h/c")["state"] == expected


def test_nobody_is_led_to_an_address_that_is_none_of_the_web():
    bad = FoundCheck("x", CheckState.FAILURE, "javascript:alert(1)")
    good = FoundCheck("y", CheckState.FAILURE, "https://h/y")

    told = checks.summary([bad, good], "https://h/commit")

    assert told["checks"] == [
        {"name": "x", "state": "failure"},
        {"name": "y", "state": "failure", "url": "https://h/y"},
    ]
    assert told["url"] == "https://h/y"
    assert checks.summary([bad], "https://h/commit")["url"] == "https://h/commit"
    assert "url" not in checks.summary([bad], "")
