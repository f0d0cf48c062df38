"""How far Git is ahead of what runs: from the push to applied, and what still waits."""

import json

import pytest
from prometheus_client import REGISTRY

from app.service import observing
from app.service.gitops import hooks, pins
from tests.support.repository import flow


@pytest.fixture
def figures(team):
    made = observing.show_database_figures(team.rt)
    yield lambda name: REGISTRY.get_sample_value(name, {"source": "team"})
    observing.hide(made)


def lag():
    seconds = REGISTRY.get_sample_value("gitops_lag_seconds_sum")
    return REGISTRY.get_sample_value("gitops_lag_seconds_count"), seconds


def push(team, sha, delivery):
    """The Git host tells of a commit."""
    opened = hooks.open_endpoint(team.rt, hooks.NewEndpoint(allowUnsigned=True))
    data = {"ref": "refs/heads/main", "after": sha, "repository": team.repository.url}
    headers = {"X-Trunkline-Event": "push", "X-Trunkline-Delivery": delivery}
    endpoint = hooks.find_endpoint(team.rt, opened.token)
    return hooks.deliver(team.rt, endpoint, headers, json.dumps(data).encode())


def test_the_lag_counts_from_the_push_and_not_from_the_look(team):
    team.repository.commit({"flows/a.yaml": flow("a")}, "Add a")
    team.follow()
    count, seconds = lag()
    sha = team.repository.commit({"flows/a.yaml": flow("a", message="new")}, "Change a")
    assert push(team, sha, "one").matched == ["team"]
    team.driver.clock.advance(40)
    team.poll()

    assert lag() == (count + 1, pytest.approx(seconds + 40, abs=1))
    assert team.source().pushed_at is None


def test_a_push_of_what_a_poll_has_brought_already_does_not_count_for_the_next_commit(team):
    first = team.repository.commit({"flows/a.yaml": flow("a")}, "Add a")
    team.follow()
    push(team, first, "late")
    team.poll()
    count, seconds = lag()
    team.driver.clock.advance(3600)
    team.repository.commit({"flows/a.yaml": flow("a", message="new")}, "Change a")
    team.poll()

    assert lag() == (count + 1, pytest.approx(seconds, abs=1))


def test_what_is_seen_and_cannot_be_applied_is_behind_for_as_long(team, figures):
    team.repository.commit({"flows/a.yaml": flow("a")}, "Add a")
    team.follow()
    assert figures("gitops_behind_seconds") == 0
    team.repository.commit({"flows/a.yaml": "id: a\nnamespace: acme.team\n"}, "Break a")
    team.poll()
    team.driver.clock.advance(1200)

    assert figures("gitops_behind_seconds") == pytest.approx(1200, abs=1)


def test_what_a_pin_holds_back_is_not_behind(team, figures):
    first = team.repository.commit({"flows/a.yaml": flow("a")}, "Add a")
    team.follow()
    pins.pin(team.rt, "team", first, actor="ada")
    team.repository.commit({"flows/a.yaml": flow("a", message="new")}, "Change a")
    team.look()
    team.driver.clock.advance(1200)

    assert figures("gitops_behind_seconds") == 0
