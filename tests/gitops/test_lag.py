"""How far Git is ahead of what runs: from the push to applied, and what still waits."""

import json

import pytest
from prometheus_client import REGISTRY

from app.service import observing
from app.service.gitops import bindings, hooks, pins, reconcile
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
    opened = hooks.open_endpoint(
        team.rt, hooks.NewEndpoint(name=f"of-{delivery}", allowUnsigned=True)
    )
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


@pytest.mark.parametrize("hold", ["pin", "suspend"])
def test_a_commit_that_was_held_back_is_late_only_from_when_it_was_let_go(team, figures, hold):
    first = team.repository.commit({"flows/a.yaml": flow("a")}, "Add a")
    team.follow()
    if hold == "pin":
        pins.pin(team.rt, "team", first, actor="ada")
    else:
        bindings.suspend(team.rt, "team", suspended=True)
    team.look()
    team.repository.commit({"flows/a.yaml": flow("a", message="new")}, "Change a")
    team.look()
    count, seconds = lag()
    team.driver.clock.advance(3600)

    if hold == "pin":
        pins.unpin(team.rt, "team")
    else:
        bindings.suspend(team.rt, "team", suspended=False)
    team.driver.clock.advance(7)
    behind = figures("gitops_behind_seconds")
    team.poll()

    assert behind == pytest.approx(7, abs=1)
    assert lag() == (count + 1, pytest.approx(seconds + 7, abs=1))


def test_a_pin_that_ends_while_another_binding_is_behind_does_not_hide_that(team, figures):
    first = team.repository.commit({"a/a.yaml": flow("a"), "b/b.yaml": flow("b")})
    team.follow(path="a")
    team.bind(name="other", namespace="acme", path="b")
    pins.pin(team.rt, "other", first, actor="ada")
    team.repository.commit({"a/a.yaml": "id: a\n"}, "Break a")
    team.look()
    team.driver.clock.advance(1200)

    pins.unpin(team.rt, "other")

    assert figures("gitops_behind_seconds") == pytest.approx(1200, abs=1)


def test_the_history_says_how_long_a_sync_took_that_a_commit_has_woken(team, monkeypatch):
    team.repository.commit({"flows/a.yaml": flow("a")}, "Add a")
    draw = reconcile.draw

    def slowly(*arguments):
        team.driver.clock.advance(2)
        return draw(*arguments)

    monkeypatch.setattr(reconcile, "draw", slowly)
    team.follow()

    [row] = team.history()
    assert (row.ended_at - row.created_at).total_seconds() == pytest.approx(2, abs=0.5)


def test_ten_pushes_of_a_second_are_two_looks(team):
    """A push soon after a look waits for the rest of a second, with all that come meanwhile."""
    team.repository.commit({"flows/a.yaml": flow("a")}, "Add a")
    team.follow()
    team.driver.clock.advance(60)
    woken = []
    team.driver.publisher.wake_source = lambda name, *, after_s=0.0: woken.append(after_s)

    for n in range(10):
        sha = team.repository.commit({"flows/a.yaml": flow("a", message=f"number {n}")})
        push(team, sha, str(n))
        if n == 0:
            team.poll()
        team.driver.clock.advance(0.09)
    team.poll()

    assert woken == [0.0, pytest.approx(0.91, abs=0.01)]
    assert team.binding().applied_sha == sha
    assert len(team.history()) == 3


def test_a_push_that_comes_during_a_look_is_looked_at_a_second_after_its_beginning(
    team, monkeypatch
):
    team.repository.commit({"flows/a.yaml": flow("a")}, "Add a")
    team.follow()
    team.driver.clock.advance(60)
    woken = []
    team.driver.publisher.wake_source = lambda name, *, after_s=0.0: woken.append(after_s)
    first = team.repository.commit({"flows/a.yaml": flow("a", message="one")})
    later = []
    draw = reconcile.draw

    def meanwhile(*arguments):
        if not later:
            team.driver.clock.advance(0.4)
            later.append(team.repository.commit({"flows/a.yaml": flow("a", message="two")}))
            push(team, later[0], "two")
        return draw(*arguments)

    monkeypatch.setattr(reconcile, "draw", meanwhile)
    push(team, first, "one")
    team.poll()
    between = (team.binding().applied_sha, team.source().lease_owner)
    count, seconds = lag()
    team.driver.clock.advance(0.6)
    team.poll()

    assert between == (first, None)
    assert woken == [0.0, pytest.approx(0.6, abs=0.05)]
    assert team.binding().applied_sha == later[0]
    assert lag() == (count + 1, pytest.approx(seconds + 0.6, abs=0.1))
