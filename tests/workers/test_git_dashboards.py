"""PushDashboards and SyncDashboards on a real Git server."""

import pytest

from app.service import dashboards
from tests.support.repository import flow


def board(name, title="Board", more=""):
    return (
        f"id: {name}\ntitle: {title}\n{more}charts:\n  - id: note\n"
        "    type: io.kestra.plugin.core.dashboard.chart.Markdown\n    content: hello\n"
    )


@pytest.fixture
def filled(world):
    for name in ("first", "second"):
        dashboards.create(world.driver.rt, board(name), "ada")
    world.repository.commit({"README.md": "hello\n"})
    return world


def titles(world):
    found, _ = dashboards.page(world.driver.rt, "", page=1, size=100, sort=[])
    return {kept.id: kept.parsed.title for kept in found}


def test_chosen_dashboards_are_pushed(filled):
    dashboards.create(filled.driver.rt, board("third"), "ada")

    ran = filled.task("PushDashboards", dashboards=["sec*", "third"]).ok()

    pushed = filled.pushed()
    assert pushed == {
        "README.md": "hello\n",
        "_dashboards/second.yml": board("second"),
        "_dashboards/third.yml": board("third"),
    }
    assert [row["file"] for row in ran.rows("flows")] == [
        "_dashboards/second.yml",
        "_dashboards/third.yml",
    ]
    told = filled.git("log", "-1", "--format=%s").strip()
    assert told == "Add dashboards from flow: runner"


def test_a_removed_dashboard_is_removed_from_git(filled):
    filled.task("PushDashboards").ok()
    dashboards.delete(filled.driver.rt, "first")

    kept = filled.task("PushDashboards", delete=False).ok()
    gone = filled.task("PushDashboards").ok()

    assert kept.outputs["commitId"] is None
    assert gone.outputs["commitId"]
    assert set(filled.pushed()) == {"README.md", "_dashboards/second.yml"}


def test_dashboards_are_synced_and_only_deleted_when_asked_for(filled):
    given = {
        "first": board("first"),
        "second": board("second", "New"),
        "third": board("third", more="updated: 2026-01-01\n"),
    }
    filled.repository.commit({f"_dashboards/{n}.yml": text for n, text in given.items()})
    dashboards.create(filled.driver.rt, board("local"), "ada")

    dry = filled.task("SyncDashboards", dryRun=True, delete=True).ok()
    before = titles(filled)
    ran = filled.task("SyncDashboards").ok()
    after = titles(filled)
    again = filled.task("SyncDashboards", delete=True).ok()

    states = [(row["dashboardId"], row["syncState"]) for row in ran.rows("dashboards")]
    changed = [("first", "UNCHANGED"), ("second", "UPDATED"), ("third", "ADDED")]
    assert states == changed
    told = [(row["dashboardId"], row["syncState"]) for row in dry.rows("dashboards")]
    assert told == [("local", "DELETED"), *changed]
    assert before == {"first": "Board", "second": "Board", "local": "Board"}
    assert after == {"first": "Board", "second": "New", "third": "Board", "local": "Board"}
    assert again.rows("dashboards")[0]["syncState"] == "DELETED"
    assert again.rows("dashboards")[0]["gitPath"] is None
    assert set(titles(filled)) == {"first", "second", "third"}


def test_one_wrong_dashboard_changes_nothing(filled):
    wrong = "id: second\ntitle: x\ncharts: 5\n"
    filled.repository.commit(
        {"_dashboards/first.yml": board("first", "New"), "_dashboards/second.yml": wrong}
    )

    ran = filled.task("SyncDashboards")

    assert ran.state == "FAILED"
    assert "Invalid dashboard imported from Git (second)" in ran.log
    assert titles(filled) == {"first": "Board", "second": "Board"}


def test_an_emptied_folder_deletes_nothing(filled):
    filled.repository.commit({"_dashboards/README.md": "nothing", "flows/a.yaml": flow("a")})

    ran = filled.task("SyncDashboards", delete=True)

    assert ran.state == "FAILED"
    assert "allowEmpty" in ran.log
    assert set(titles(filled)) == {"first", "second"}
