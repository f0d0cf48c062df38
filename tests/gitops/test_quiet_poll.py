"""A poll of an unchanged repository: one question to the remote, and nothing else."""

import pytest
from prometheus_client import REGISTRY

from app.gitops import cli
from tests.support.repository import flow


@pytest.fixture
def commands(monkeypatch):
    """The Git commands that run, by their first word."""
    seen = []
    original = cli.run

    def noted(folder, command, env, timeout_s):
        seen.append(command[0])
        return original(folder, command, env, timeout_s)

    monkeypatch.setattr(cli, "run", noted)
    return seen


def syncs():
    return REGISTRY.get_sample_value("gitops_sync_total", {"result": "ok"}) or 0


def test_an_unchanged_repository_costs_one_ls_remote_and_is_no_sync(team, commands):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    before = syncs()
    commands.clear()
    team.driver.clock.advance(60)
    began = team.rt.clock()

    team.poll()

    assert commands == ["ls-remote"]
    assert syncs() == before
    assert team.source().fetched_at > began


def test_a_quiet_poll_still_hands_out_what_somebody_asked_for(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    team.poll()

    plan = team.ask(plan=True)

    assert plan.status == "SUCCEEDED"


def test_a_quiet_poll_compares_when_the_time_for_it_has_come(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow(editMode="OVERWRITE")
    team.driver.save(flow("a", message="by hand"))
    team.driver.clock.advance(660)

    team.poll()

    assert "hello" in team.flow("a").source
