"""Dashboards in TenantSync: `_global/dashboards`, by their id, in either direction."""

import pytest

from app.service import dashboards
from tests.support.repository import flow
from tests.workers.test_git_dashboards import board
from tests.workers.test_git_dashboards import titles as all_titles

OURS = ("sales", "load", "mine")
FOLDER = "kestra/_global/dashboards"


def sync(world, kind="TenantSync", **more):
    return world.task(kind, branch="main", gitDirectory="kestra", **more)


def titles(world):
    return {name: title for name, title in all_titles(world).items() if name in OURS}


@pytest.fixture
def held(world):
    world.repository.commit({"kestra/acme.ops/flows/x.yaml": flow("x", "acme.ops")})
    dashboards.create(world.driver.rt, board("sales", "Sales"), "ada")
    return world


def test_dashboards_are_pushed_under_their_id_or_the_file_that_they_have(held):
    held.repository.commit(
        {f"{FOLDER}/odd-name.yml": board("sales", "Old"), f"{FOLDER}/gone.yaml": board("gone")}
    )

    dry = sync(held, dryRun=True).ok()
    sync(held).ok()

    (rows,) = dry.rows("diff")
    told = {(r["key"], r["action"]) for r in rows if r["kind"] == "DASHBOARD"}
    assert told == {("sales", "UPDATED_GIT"), ("gone", "DELETED_GIT")}
    pushed = {p: t for p, t in held.pushed().items() if p.startswith(FOLDER)}
    assert pushed == {f"{FOLDER}/odd-name.yml": board("sales", "Sales")}


def test_git_wins_over_dashboards(held):
    dashboards.create(held.driver.rt, board("mine", "Mine"), "ada")
    held.repository.commit(
        {f"{FOLDER}/a.yaml": board("sales", "From Git"), f"{FOLDER}/load.yml": board("load")}
    )
    given = {"sourceOfTruth": "GIT"}

    kept = sync(held, **given, whenMissingInSource="KEEP").ok()
    after = titles(held)
    failed = sync(held, **given, whenMissingInSource="FAIL")
    sync(held, **given).ok()

    (rows,) = kept.rows("diff")
    told = {(r["key"], r["action"]) for r in rows if r["kind"] == "DASHBOARD"}
    assert told == {("sales", "UPDATED_KES"), ("load", "ADDED")}
    assert after == {"sales": "From Git", "load": "Board", "mine": "Mine"}
    assert "DASHBOARD missing in Git but present in KESTRA for key mine" in failed.log
    assert titles(held) == {"sales": "From Git", "load": "Board"}


def test_a_repository_without_the_folder_and_a_sync_of_one_namespace_leave_them_alone(held):
    sync(held, sourceOfTruth="GIT").ok()
    held.repository.commit({f"{FOLDER}/load.yml": board("load")})
    sync(held, "NamespaceSync", namespace="acme.ops", sourceOfTruth="GIT").ok()

    assert titles(held) == {"sales": "Sales"}


def test_a_wrong_dashboard_changes_nothing(held):
    wrong = {f"{FOLDER}/a.yaml": board("sales", "From Git"), f"{FOLDER}/b.yaml": "id: load\n"}
    held.repository.commit({**wrong, "kestra/new.space/flows/n.yaml": flow("n", "new.space")})

    ran = sync(held, sourceOfTruth="GIT")

    assert ran.state == "FAILED"
    assert "b" in ran.log
    assert titles(held) == {"sales": "Sales"}
