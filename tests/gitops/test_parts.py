"""A part of a plan applied: chosen resources and nothing else."""

import pytest

from app.service.gitops import bindings, overview, records, sources
from tests.support.repository import flow


def choose(team, *names):
    """A sync of some flows, done."""
    keys = [("FLOW", f"acme.team/{name}") for name in names]
    sync_id = sources.ask_sync(team.rt, "team", actor="ada", is_plan=False, keys=keys)
    team.poll()
    return overview.sync(team.rt, sync_id)


def state_of(team, name):
    rows = overview.resources(team.rt, "team")
    return next((row.state for row in rows if row.key == f"acme.team/{name}"), None)


@pytest.fixture
def three(team):
    """A binding that does not follow by itself, with a change, an addition and a deletion."""
    team.repository.commit({"a.yaml": flow("a"), "gone.yaml": flow("gone")})
    team.follow(automated=False, prune=True)
    team.ask()
    changed = {"a.yaml": flow("a", message="new"), "b.yaml": flow("b"), "gone.yaml": None}
    team.repository.commit(changed)
    return team.look()


def test_only_what_was_chosen_is_applied_and_the_rest_by_the_next_sync(team, three):
    done = choose(team, "b", "gone")
    then = team.binding()
    left = (team.has_flow("gone"), team.has_flow("b"), team.flow("a").revision, state_of(team, "a"))
    whole = team.ask()

    assert (done.status, done.part["of"], done.counts["CREATE"]) == ("PARTIAL", 3, 1)
    assert [item["key"] for item in done.items] == ["acme.team/b", "acme.team/gone"]
    assert left == (False, True, 1, "OutOfSync")
    assert (then.applied_sha, then.sync_state) == (three.applied_sha, "OutOfSync")
    assert then.conditions["Applied"]["message"] == "partial, 2 of 3"
    assert (whole.status, whole.counts) == ("SUCCEEDED", {"Synced": 1, "OutOfSync": 1, "UPDATE": 1})
    end = team.binding()
    assert (end.sync_state, end.applied_sha) == ("Synced", end.desired_sha)
    assert end.applied_sha != three.applied_sha


def test_the_last_part_is_the_whole(team, three):
    first, second = choose(team, "a"), choose(team, "b", "gone")

    assert (first.status, second.status) == ("PARTIAL", "SUCCEEDED")
    assert second.part["of"] == 2
    assert team.binding().sync_state == "Synced"
    assert team.binding().applied_sha == team.binding().desired_sha


def test_the_next_automatic_sync_applies_the_rest(team):
    team.repository.commit({"a.yaml": flow("a"), "b.yaml": flow("b")})
    records.windows.put(
        team.rt, {"name": "x", "kind": "deny", "cron": "0 0 * * *", "duration": "PT13H",
                  "manualAllowed": True},
    )  # fmt: skip
    team.follow()
    done = choose(team, "a")
    now = (team.has_flow("a"), team.has_flow("b"))
    team.driver.clock.advance(3700)

    team.look()

    assert (done.status, now) == ("PARTIAL", (True, False))
    assert team.has_flow("b")
    assert team.binding().sync_state == "Synced"


def test_what_the_plan_does_not_do_is_named_and_nothing_changes(team, three):
    absent = choose(team, "a", "nowhere")
    then = (team.flow("a").revision, team.binding().sync_state)
    choose(team, "a")
    same = choose(team, "a")

    assert (absent.status, absent.error) == ("REFUSED", "FLOW acme.team/nowhere is not in the plan")
    assert then == (1, three.sync_state)
    assert same.error == "the plan does nothing to FLOW acme.team/a: it is Synced"


def test_what_was_not_chosen_does_not_stop_what_was(team):
    team.driver.save(flow("mine"))
    team.repository.commit({"a.yaml": flow("a"), "mine.yaml": flow("mine", message="git")})
    blocked = team.follow()

    done = choose(team, "a")

    assert blocked.applied_sha is None
    assert (done.status, team.has_flow("a")) == ("PARTIAL", True)
    now = team.binding()
    assert (now.applied_sha, now.sync_state, now.health) == (None, "OutOfSync", "Degraded")
    assert "mine exists and is not managed" in choose(team, "mine").error


def test_a_part_obeys_the_limit_of_deletions_and_windows(team):
    team.repository.commit({f"{name}.yaml": flow(name) for name in "abcd"})
    team.follow(automated=False, prune=True, maxDeletes=1)
    team.ask()
    gone = {"a.yaml": None, "b.yaml": None}
    team.repository.commit({**gone, "c.yaml": flow("c", message="new")})

    many, one = choose(team, "a", "b"), choose(team, "a")
    records.windows.put(
        team.rt, {"name": "x", "kind": "deny", "cron": "0 0 * * *", "duration": "PT13H"}
    )
    closed = choose(team, "b")

    assert (many.status, one.status) == ("BLOCKED_GUARD", "PARTIAL")
    assert many.error == "partial, 2 of 3: 2 resources would be deleted, over 1 (maxDeletes)"
    assert (closed.status, team.has_flow("b")) == ("BLOCKED_WINDOW", True)
    assert closed.error == "partial, 1 of 2: the sync window x is open"


def test_a_part_waits_for_its_own_approval(team, three):
    bindings.alter(team.rt, "team", requireApproval=True)
    whole = team.ask()
    asked = choose(team, "b")
    before = team.has_flow("b")

    overview.approve(team.rt, asked.id, "grace")
    team.poll()

    assert (whole.status, asked.status, before) == ("AWAITING_APPROVAL", "AWAITING_APPROVAL", False)
    assert asked.error == "partial, 1 of 3: an approval is waited for"
    assert (team.has_flow("b"), team.flow("a").revision) == (True, 1)
    done = next(row for row in team.history() if row.status == "PARTIAL")
    assert (done.approved_by, done.part["keys"]) == ("grace", [["FLOW", "acme.team/b"]])
    assert overview.sync(team.rt, whole.id).status == "AWAITING_APPROVAL"

    late = choose(team, "a")
    bindings.alter(team.rt, "team", requireApproval=False)
    team.ask()

    assert late.status == "AWAITING_APPROVAL"
    assert overview.sync(team.rt, late.id).status == "SUPERSEDED"


def test_drift_is_set_back_one_by_one(team):
    team.repository.commit({"a.yaml": flow("a"), "b.yaml": flow("b")})
    team.follow(editMode="OVERWRITE")
    for name in "ab":
        team.driver.save(flow(name, message="by hand"))

    done = choose(team, "a")

    assert (done.status, team.binding().sync_state) == ("PARTIAL", "Drifted")
    assert "by hand" not in team.flow("a").source
    assert "by hand" in team.flow("b").source
    assert (state_of(team, "a"), state_of(team, "b")) == ("Synced", "Drifted")


def test_the_command_applies_what_it_is_told_and_says_what_is_left(team, three, trunkline):
    code, out, _ = trunkline("sync", "team", "--only", "FLOW:acme.team/b")
    wrong, _, err = trunkline("sync", "team", "--only", "FLOW:acme.team/none", "--only", "X:y")
    absent, _, told = trunkline("sync", "team", "--only", "FLOW:acme.team/none")
    other, _, names = trunkline("sync", "team", "--only", "FLOW:acme.team/a", "--binding", "x")

    assert (code, team.has_flow("b"), team.flow("a").revision) == (0, True, 1)
    assert "+ FLOW acme.team/b" in out
    assert "Applied 1 of 3; the rest is left to the next sync." in out
    assert (wrong, absent, other) == (1, 1, 1)
    assert "keys.1.kind" in err
    assert "FLOW acme.team/none is not in the plan" in told
    assert "--binding: one of team" in names
