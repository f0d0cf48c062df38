"""Differences that somebody has decided to leave."""

import pytest

from app.errors import Conflict, Invalid, NotFound
from app.gitops.layout import Kind
from app.gitops.plan import (
    Action,
    Desired,
    EditMode,
    Owned,
    Policy,
    States,
    Sync,
    make_plan,
)
from app.service.access import accounts
from app.service.gitops import bindings, ignoring, overview
from tests.support.api import app_on
from tests.support.repository import flow

KEY = (Kind.FLOW, "acme.team/a")
PASSWORD = "correct horse"


def resource(team, key=KEY):
    rows = overview.resources(team.rt, "team")
    return next(row for row in rows if (row.kind, row.key) == key)


def ignore(team, *keys, reason="as agreed"):
    ignoring.ignore(team.rt, "team", keys or [KEY], actor="ada", reason=reason)
    team.poll()
    return resource(team, (keys or [KEY])[0])


@pytest.fixture
def drifted(team):
    """A binding that does not heal, with a flow that was edited behind Git's back."""
    team.repository.commit({"a.yaml": flow("a"), "b.yaml": flow("b")})
    team.follow(editMode="OVERWRITE", selfHeal=False, prune=True)
    team.driver.save(flow("a", message="by hand"))
    team.poll()
    return team.binding()


def test_an_ignored_drift_is_none_and_is_not_set_back(team, drifted):
    left = ignore(team)
    standing = team.binding().sync_state
    bindings.alter(team.rt, "team", selfHeal=True)
    team.poll()

    assert (drifted.sync_state, standing, left.state) == ("Drifted", "Synced", "Ignored")
    assert (left.ignored["by"], left.ignored["reason"]) == ("ada", "as agreed")
    assert left.ignored["at"].startswith(team.rt.clock().date().isoformat())
    assert "by hand" in team.flow("a").source
    assert (resource(team).state, team.binding().sync_state) == ("Ignored", "Synced")

    ignoring.stop(team.rt, "team", [KEY])
    told = resource(team).state
    team.poll()

    assert (told, resource(team).state, resource(team).ignored) == ("Drifted", "Synced", None)
    assert "by hand" not in team.flow("a").source


def test_another_edit_is_a_drift_again_and_going_back_does_not_revive_the_old_one(team, drifted):
    ignore(team)
    team.driver.save(flow("a", message="something else"))
    team.poll()
    other = resource(team)
    team.driver.save(flow("a", message="by hand"))
    team.poll()

    assert (other.state, other.ignored) == ("Drifted", None)
    assert (resource(team).state, team.binding().sync_state) == ("Drifted", "Drifted")


def test_a_new_commit_of_it_is_a_conflict_again_and_one_of_others_is_applied(team, drifted):
    bindings.alter(team.rt, "team", editMode="LOCKED")
    team.look()
    ignore(team)
    team.repository.commit({"b.yaml": flow("b", message="new")})
    applied = team.look()
    then = (team.flow("b").revision, resource(team).state, applied.sync_state)
    team.repository.commit({"a.yaml": flow("a", message="from Git")})

    seen = team.look()

    assert then == (2, "Ignored", "Synced")
    assert applied.applied_sha == applied.desired_sha
    assert (seen.sync_state, resource(team).state) == ("Conflict", "Conflict")
    assert "by hand" in team.flow("a").source


def test_take_git_ends_it(team, drifted):
    ignore(team)
    bindings.take(team.rt, "team", [KEY])
    team.poll()

    assert "by hand" not in team.flow("a").source
    assert (resource(team).state, resource(team).ignored) == ("Synced", None)


def test_what_does_not_differ_or_has_changed_or_is_not_owned_is_not_ignored(team, drifted):
    other = (Kind.FLOW, "acme.team/b")
    team.driver.save(flow("a", message="meanwhile"))

    for keys, error, words in (
        ([other], Conflict, "acme.team/b is Synced: there is no difference"),
        ([KEY], Conflict, "was changed since it was compared"),
        ([(Kind.FLOW, "acme.team/none")], NotFound, "does not own"),
        ([], Invalid, "`keys` names"),
    ):
        with pytest.raises(error, match=words):
            ignoring.ignore(team.rt, "team", keys, actor="ada", reason="")
    with pytest.raises(Conflict, match="is not ignored"):
        ignoring.stop(team.rt, "team", [KEY])


def test_it_is_asked_for_and_listed_by_the_api_with_a_line_in_the_audit_log(team, drifted):
    accounts.create(team.rt, "ada", password=PASSWORD, is_admin=True)
    client = app_on(team.rt).test_client()
    below = "/api/v1/main/gitops/bindings/team"
    body = {"keys": [{"kind": "FLOW", "key": KEY[1]}], "reason": "until Monday"}

    def listed():
        query = {"state": "Ignored"}
        answer = client.get(f"{below}/resources", query_string=query, auth=("ada", PASSWORD))
        return answer.get_json()["results"]

    done = client.post(f"{below}/ignore", json=body, auth=("ada", PASSWORD))
    (row,) = listed()
    query = {"size": 5}
    lines = client.get(
        "/api/v1/main/auditlogs/search", query_string=query, auth=("ada", PASSWORD)
    ).get_json()
    body.pop("reason")
    over = client.post(f"{below}/unignore", json=body, auth=("ada", PASSWORD))

    assert (done.status_code, over.status_code, listed()) == (202, 202, [])
    assert (row["ignored"]["by"], row["ignored"]["reason"]) == ("ada", "until Monday")
    line = next(one for one in lines["results"] if one["action"].endswith("ignore"))
    assert line["action"] == "git:sync gitops_bindings.ignore"
    assert line["detail"]["keys"] == ["FLOW acme.team/a"]
    assert line["detail"]["reason"] == "until Monday"


ORPHAN, EDITED = (None, "old", "old"), ("old", "old", "live")


@pytest.mark.parametrize(
    ("sides", "ignored", "mode", "expected"),
    [(EDITED, ("live", "old"), "LOCKED", (Action.NONE, Sync.IGNORED)),
     (EDITED, ("live", "old"), "BLOCK", (Action.NONE, Sync.IGNORED)),
     (EDITED, ("other", "old"), "LOCKED", (Action.UPDATE, Sync.DRIFTED)),
     (EDITED, ("live", "other"), "BLOCK", (Action.NONE, Sync.CONFLICT)),
     (ORPHAN, ("old", None), "LOCKED", (Action.NONE, Sync.IGNORED)),
     (ORPHAN, ("older", None), "LOCKED", (Action.DELETE, Sync.ORPHAN)),
     (("new", "old", "old"), ("old", "new"), "LOCKED", (Action.UPDATE, Sync.OUT_OF_SYNC)),
     (("old", "old", None), (None, "old"), "LOCKED", (Action.NONE, Sync.IGNORED))],
)  # fmt: skip
def test_only_the_very_difference_is_left(sides, ignored, mode, expected):
    wanted, owned, live = sides
    states = States(
        desired={KEY: Desired(path="a.yaml", blob="1", hash=wanted)} if wanted else {},
        owned={KEY: Owned(binding="x", path="a.yaml", hash=owned, ignored=ignored)},
        live={KEY: live} if live else {},
    )
    policy = Policy(prune=True, allow_empty=True, edit_mode=EditMode(mode), few_deletes=9)

    plan = make_plan("x", states, policy)

    (item,) = plan.items
    assert (item.action, item.state) == expected
    if item.state is Sync.IGNORED:
        assert (plan.problems, plan.changes, item.warnings) == ([], [], ())
