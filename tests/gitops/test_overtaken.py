"""A binding that is removed, suspended, pinned or changed while a sync of it is under way."""

import pytest

from app import failpoints
from app.service.gitops import bindings, pins, sources
from app.service.gitops.models import NewSource
from tests.support.repository import flow


@pytest.fixture
def meanwhile(monkeypatch):
    """Does something once, between the plan of a sync and its application."""
    left = []
    hit = failpoints.hit

    def hook(name):
        if name == "git_before_apply" and left:
            left.pop()()
        hit(name)

    monkeypatch.setattr(failpoints, "hit", hook)
    return left.append


def test_a_binding_that_was_removed_brings_nothing_and_leaves_nothing(team, meanwhile):
    team.repository.commit({"a.yaml": flow("a")})
    meanwhile(lambda: bindings.remove(team.rt, "team"))
    with pytest.raises(bindings.BindingNotFound):
        team.follow()
    there = team.has_flow("a")

    again = team.bind(name="again", namespace="acme")

    assert not there
    assert (again.sync_state, again.problems) == ("Synced", [])


def test_a_binding_that_was_suspended_applies_nothing(team, meanwhile):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    team.repository.commit({"a.yaml": flow("a", message="late")})
    meanwhile(lambda: bindings.suspend(team.rt, "team", suspended=True))

    seen = team.look()

    assert "late" not in team.flow("a").source
    assert (seen.suspended, seen.health) == (True, "Suspended")


def test_a_pin_that_was_set_holds(team, meanwhile):
    first = team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    team.repository.commit({"a.yaml": flow("a", message="bad")})
    meanwhile(lambda: pins.pin(team.rt, "team", first, actor="ada"))

    seen = team.look()

    assert (seen.applied_sha, team.flow("a").revision) == (first, 1)


def test_settings_that_were_changed_count(team, meanwhile):
    team.repository.commit({"a.yaml": flow("a"), "b.yaml": flow("b")})
    team.follow(prune=True, maxDeletePercent=100)
    team.repository.commit({"b.yaml": None})
    meanwhile(lambda: bindings.alter(team.rt, "team", prune=False))

    team.look()

    assert team.has_flow("b")
    assert team.binding().sync_state == "OutOfSync"


def test_a_sync_that_somebody_waits_for_goes_on_with_the_changed_settings(team, meanwhile):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow(automated=False)
    meanwhile(lambda: bindings.alter(team.rt, "team", prune=True))

    done = team.ask()

    assert (done.status, team.has_flow("a")) == ("SUCCEEDED", True)


def test_a_sync_that_somebody_waits_for_ends_when_its_binding_is_suspended(team, meanwhile):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow(automated=False)
    meanwhile(lambda: bindings.suspend(team.rt, "team", suspended=True))

    done = team.ask()

    assert (done.status, done.error) == ("FAILED", "the Git binding 'team' was suspended")
    assert not team.has_flow("a")


@pytest.mark.parametrize("change", ["suspend", "verify"])
def test_a_source_that_was_changed_applies_nothing_of_before(team, meanwhile, change):
    team.repository.commit({"a.yaml": flow("a")})
    keys = {"policy": "head", "ssh": "ada@example.org ssh-ed25519 AAAA"}

    def act():
        if change == "suspend":
            sources.suspend(team.rt, "team", suspended=True)
            return
        new = sources.settings_of(team.source()).model_dump(by_alias=True)
        sources.change(team.rt, "team", NewSource.model_validate({**new, "verify": keys}))

    meanwhile(act)

    team.follow()

    assert not team.has_flow("a")
