"""Dashboards as a kind of a binding: created, locked, drifted, pruned."""

import pytest

from app.errors import Conflict
from app.service import dashboards
from app.service.dashboards import DashboardNotFound
from tests.support.repository import flow
from tests.workers.test_git_dashboards import board

KINDS = ["FLOW", "FILE", "DASHBOARD"]


@pytest.mark.parametrize(
    ("layout", "folder", "flows"),
    [
        ("declared", "_dashboards", "flows"),
        ("tree", "_dashboards", "team"),
        ("namespace-first", "_global/dashboards", "acme.team/flows"),
    ],
)
def test_dashboards_follow_git_like_flows(team, layout, folder, flows):
    path = f"{folder}/runs.yaml"
    team.repository.commit({path: board("runs"), f"{flows}/a.yaml": flow("a")})
    made = team.follow(layout=layout, kinds=KINDS, prune=True, maxDeletePercent=100)
    first = dashboards.get(team.rt, "runs")
    team.repository.commit({path: board("runs", "Renamed")})
    team.look()
    renamed = dashboards.get(team.rt, "runs").parsed.title
    team.repository.commit({path: None})
    gone = team.look()

    assert (made.sync_state, made.problems) == ("Synced", [])
    assert first.source == board("runs")
    assert renamed == "Renamed"
    assert gone.sync_state == "Synced"
    with pytest.raises(DashboardNotFound):
        dashboards.get(team.rt, "runs")
    assert team.has_flow("a")


def test_a_dashboard_of_git_is_locked_against_edits(team):
    team.repository.commit({"_dashboards/runs.yaml": board("runs")})
    team.follow(kinds=KINDS)

    with pytest.raises(Conflict, match=r"the dashboard 'runs' is managed by the Git binding"):
        dashboards.replace(team.rt, "runs", board("runs", "By hand"), "ada")
    with pytest.raises(Conflict):
        dashboards.delete(team.rt, "runs")

    assert dashboards.get(team.rt, "runs").parsed.title == "Board"


def test_an_edited_dashboard_is_set_back(team):
    team.repository.commit({"_dashboards/runs.yaml": board("runs")})
    team.follow(kinds=KINDS, editMode="OVERWRITE")
    dashboards.replace(team.rt, "runs", board("runs", "By hand"), "ada")
    drifted = team.binding().sync_state

    team.poll()

    assert drifted == "Drifted"
    assert dashboards.get(team.rt, "runs").parsed.title == "Board"
    assert "-title: By hand" in str(team.history()[0].items)


def test_a_wrong_dashboard_stops_the_sync_and_is_named(team):
    team.repository.commit({"_dashboards/runs.yaml": "title: x\ncharts: 5\n", "a.yaml": flow("a")})

    made = team.follow(kinds=KINDS)

    assert made.health == "Degraded"
    assert "_dashboards/runs.yaml:2:1: charts: " in str(made.problems)
    assert not team.has_flow("a")


def test_dashboards_are_left_alone_unless_the_binding_takes_them(team):
    team.repository.commit({"_dashboards/runs.yaml": board("runs"), "a.yaml": flow("a")})

    made = team.follow()

    assert made.sync_state == "Synced"
    with pytest.raises(DashboardNotFound):
        dashboards.get(team.rt, "runs")
