"""Promotions as routes show them, and what ends one; who may apply a folder."""

import pytest

from app.database import git_sources
from app.service.access import accounts, roles
from app.service.gitops import bindings, pipelines, sources
from app.service.gitops.sync import tick
from tests.gitops.test_changes import branch_stage, move, promote, two_stages
from tests.support.api import app_on
from tests.support.repository import flow

ROOM = "/api/v1/main"


@pytest.fixture
def call(team):
    """A function that sends a request as somebody with a role everywhere, or in a namespace."""
    client = app_on(team.rt).test_client()

    def send(method, path, role="viewer", namespace="", **more):
        name = f"{role}-{namespace}"
        if not any(row.username == name for row in accounts.find_page(team.rt, "USER")[0]):
            grants = [{"role": role, "namespace": namespace}]
            accounts.create(team.rt, name, password="correct horse", grants=grants)
        return client.open(ROOM + path, method=method, auth=(name, "correct horse"), **more)

    return send


def test_a_flow_tells_what_was_promoted_into_its_binding_and_a_pipeline_pages(team, call):
    two_stages(team)
    made = [pipelines.promote(team.rt, "release", "prod", None, actor="ada").id]
    team.poll()
    move(team, "new")
    made.insert(0, pipelines.promote(team.rt, "release", "prod", None, actor="ada").id)

    of_prod = call("GET", "/flows/prod/a/promotions").json
    of_dev = call("GET", "/flows/dev/a/promotions").json
    second = call("GET", "/gitops/pipelines/release/promotions?page=2&size=1").json

    assert [one["id"] for one in of_prod["results"]] == made
    assert (of_prod["total"], of_dev) == (2, {"results": [], "total": 0})
    assert ([one["id"] for one in second["results"]], second["total"]) == ([made[1]], 2)
    assert call("GET", "/flows/prod/none/promotions").status_code == 404
    assert call("GET", "/flows/prod/a/promotions", namespace="dev").status_code == 403


def test_a_promotion_whose_stage_went_ends_and_keeps_no_other_source_busy(team):
    branch_stage(team)
    row = promote(team)
    dev, prod = sources.find(team.rt, "dev"), sources.find(team.rt, "prod")
    with team.rt.database.reading() as tx:
        busy = [git_sources.has_more(tx, one.id, team.rt.clock()) for one in (dev, prod)]

    bindings.remove(team.rt, "prod")
    tick(team.rt)

    ended = pipelines.get(team.rt, row.id)
    assert (row.status, busy) == ("READY", [False, True])
    assert (ended.status, "prod" in ended.error) == ("FAILED", True)


def test_a_folder_is_applied_only_by_who_may_write_what_is_in_it(team, call):
    roles.create(team.rt, "syncer", ["git:sync", "git:read"])
    body = {"files": {"a.yaml": flow("a")}, "namespace": "acme"}

    refused = call("POST", "/gitops/folder/apply", "syncer", json=body)
    is_there = team.has_flow("a")
    done = call("POST", "/gitops/folder/apply", "editor", json=body)

    assert (refused.status_code, is_there) == (403, False)
    assert "flow:write" in refused.json["message"]
    assert (done.status_code, team.has_flow("a")) == (200, True)


def test_a_difference_is_shown_to_who_may_read_what_it_is_of(team, call):
    roles.create(team.rt, "watcher", ["git:read"])
    roles.create(team.rt, "files", ["git:read", "file:read"])
    layout = {"layout": "namespace-first", "automated": False}
    files = {"acme/flows/a.yaml": flow("a", "acme"), "acme/files/words.txt": "plain words"}
    team.repository.commit(files)
    team.follow(**layout)
    sync = team.ask(plan=True)

    def shown(role):
        items = call("GET", f"/gitops/plans/{sync.id}", role).json["items"]
        return sorted(item["kind"] for item in items if "diff" in item)

    assert (shown("viewer"), shown("files"), shown("watcher")) == (["FILE", "FLOW"], ["FILE"], [])
