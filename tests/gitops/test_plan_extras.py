"""Warnings of a plan, and failed syncs that are tried again."""

import pytest

from app.gitops.cli import GitFailed
from app.gitops.mirror import Mirror
from app.service.gitops import pipelines, records, sources
from app.service.gitops.models import NewSource, Retry
from tests.support.repository import flow

CALL = (
    "id: caller\nnamespace: acme.team\ntasks:\n  - id: call\n"
    "    type: io.kestra.plugin.core.flow.Subflow\n    namespace: acme.team\n    flowId: {}\n"
)


def test_a_flow_that_calls_a_missing_one_is_warned_of_and_applied(team):
    team.repository.commit({"caller.yaml": CALL.format("nowhere"), "a.yaml": flow("a")})

    made = team.follow()

    items = {item["key"]: item for item in team.history()[0].items}
    assert made.sync_state == "Synced"
    warning = "it calls acme.team/nowhere, which is missing"
    assert items["acme.team/caller"]["warnings"] == [warning]
    assert "warnings" not in items["acme.team/a"]


@pytest.mark.parametrize("called", ["a", "here", "{{ inputs.x }}"])
def test_a_flow_that_comes_along_or_is_there_or_is_computed_warns_of_nothing(team, called):
    team.driver.save(flow("here"))
    called = f"'{called}'"
    team.repository.commit({"caller.yaml": CALL.format(called), "a.yaml": flow("a")})
    team.follow()

    assert not any("warnings" in item for item in team.history()[0].items)


def test_a_called_flow_that_the_same_sync_deletes_is_missing(team):
    team.repository.commit({"a.yaml": flow("a"), "b.yaml": flow("b")})
    team.follow(prune=True)
    team.repository.commit({"a.yaml": None, "caller.yaml": CALL.format("a")})

    team.look()

    items = {item["key"]: item for item in team.history()[0].items}
    assert items["acme.team/caller"]["warnings"]


def test_a_failed_sync_is_tried_again_at_growing_intervals(team, monkeypatch):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow(retry={"limit": 2, "interval": "PT10S", "factor": 3})
    team.repository.commit({"a.yaml": flow("a", message="new")})
    original = Mirror.files
    monkeypatch.setattr(Mirror, "files", _away)

    waits = []
    for _ in range(3):
        began = team.rt.clock()
        team.poll()
        waits.append((team.binding().compare_at - began).total_seconds())
        team.driver.clock.advance(waits[-1] + 1)
    monkeypatch.setattr(Mirror, "files", original)
    team.poll()

    assert [round(wait) for wait in waits] == [10, 30, 600]
    assert team.binding().fail_count == 0
    assert team.flow("a").revision == 2


def _away(*_, **__):
    raise GitFailed("the disk of the mirror is away")


def test_pauses_never_grow_over_the_longest():
    assert Retry(limit=100).pause(90) == Retry().max_interval
    assert Retry(limit=0).pause(1) is None


def test_a_stage_may_be_promoted_by_a_pull_request(team, host):
    team.keep_secret("TOKEN", "secret-token")
    auth = {"passwordSecret": "TOKEN"}
    spec = {"name": "host", "provider": "github", "baseUrl": host.url, "auth": auth}
    records.connections.put(team.rt, spec)
    project = str(team.repository.bare).strip("/").removesuffix(".git")
    made = {"number": 4, "html_url": "https://example.org/pull/4"}
    host.answer("POST", f"/repos/{project}/pulls", made, 201)
    team.repository.commit({"a.yaml": flow("a", "dev")})
    team.repository.git("push", "-q", "origin", "HEAD:refs/heads/stable")
    for name, ref in (("dev", "main"), ("prod", "stable")):
        given = {"url": team.repository.url, "ref": ref, "connection": "host"}
        binding = {"name": name, "namespace": "dev" if name == "dev" else "prod"}
        sources.add(team.rt, NewSource.model_validate({"name": name, **given, "binding": binding}))
    second = team.repository.commit({"b.yaml": flow("b", "dev")})
    team.look("dev", "dev")
    stages = [{"binding": "dev"}, {"binding": "prod", "mode": "pull_request"}]
    records.pipelines.put(team.rt, {"name": "release", "stages": stages})

    row = pipelines.promote(team.rt, "release", "prod", None, actor="ada")
    team.poll("prod")

    done = pipelines.get(team.rt, row.id)
    (asked,) = [a for a in host.asked if a.path.endswith("/pulls")]
    branch = f"trunkline/promote/prod-{second[:12]}"
    assert (done.status, done.url) == ("SUCCEEDED", "https://example.org/pull/4")
    assert (asked.data["head"], asked.data["base"]) == (branch, "stable")
    assert team.repository.git("ls-remote", "origin", f"refs/heads/{branch}").startswith(second)
    assert "ada" in asked.data["body"]
