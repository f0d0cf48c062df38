"""Windows, approvals, plans with their diffs, history, conditions."""

from datetime import timedelta

import pytest

from app.errors import Conflict, Invalid
from app.service.gitops import overview, pins, records
from app.service.gitops.sync import tick
from tests.support.repository import flow

FREEZE = {"name": "freeze", "kind": "deny", "cron": "0 0 * * *", "duration": "PT13H"}


def test_a_sync_waits_for_its_window_and_is_made_when_that_opens(team):
    records.windows.put(team.rt, FREEZE)  # the clock shows noon
    team.repository.commit({"a.yaml": flow("a")})

    blocked = team.follow()
    then = team.has_flow("a")
    team.driver.clock.advance(3700)
    tick(team.rt)
    team.poll()

    assert (blocked.sync_state, then) == ("OutOfSync", False)
    assert blocked.problems == ["the sync window freeze is open"]
    assert [row.status for row in team.history()] == ["SUCCEEDED", "BLOCKED_WINDOW"]
    assert team.has_flow("a")


def test_a_binding_that_waits_says_how_many_commits_it_is_behind(team):
    team.repository.commit({"a.yaml": flow("a")})
    first = team.follow()
    records.windows.put(team.rt, FREEZE)
    team.repository.commit({"b.yaml": flow("b")})
    team.repository.commit({"c.yaml": flow("c")})

    waiting = team.look()
    team.driver.clock.advance(3700)
    tick(team.rt)
    done = team.look()

    assert (first.behind, waiting.behind, done.behind) == (0, 2, 0)
    assert waiting.applied_sha == first.applied_sha != done.applied_sha


def test_self_heal_obeys_windows_and_a_person_may_pass_where_that_is_allowed(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow(editMode="OVERWRITE")
    records.windows.put(team.rt, FREEZE)
    team.driver.save(flow("a", message="by hand"))

    team.poll()
    healed = "by hand" not in team.flow("a").source
    refused = team.ask()
    records.windows.put(team.rt, {**FREEZE, "manualAllowed": True}, "freeze")
    done = team.ask()

    assert not healed
    assert (refused.status, done.status) == ("BLOCKED_WINDOW", "SUCCEEDED")
    assert "by hand" not in team.flow("a").source


@pytest.mark.parametrize(
    ("field", "value"),
    [("cron", "every day"), ("cron", "* * *"), ("timezone", "Mars/Olympus"), ("kind", "maybe"),
     ("duration", "PT1S"), ("duration", "soon"), ("name", "No Spaces")],
)  # fmt: skip
def test_a_wrong_window_is_refused_by_the_name_of_its_field(team, field, value):
    with pytest.raises(Invalid, match=field):
        records.windows.put(team.rt, {**FREEZE, field: value})


def test_an_approval_is_waited_for_and_lets_exactly_that_plan_go_on(team):
    team.repository.commit({"a.yaml": flow("a")})

    team.follow(requireApproval=True)
    (waiting,) = team.history()
    overview.approve(team.rt, waiting.id, "grace")
    team.poll()

    assert (waiting.status, waiting.items[0]["action"]) == ("AWAITING_APPROVAL", "CREATE")
    assert "+id: a" in waiting.items[0]["diff"]
    done = team.history()[0]
    assert (done.status, done.approved_by) == ("SUCCEEDED", "grace")
    assert team.has_flow("a")
    with pytest.raises(Conflict, match="waits for no approval"):
        overview.approve(team.rt, waiting.id, "grace")


def test_an_approved_sync_of_a_binding_that_does_not_follow_by_itself_is_made(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow(automated=False, requireApproval=True)
    first, again = team.ask(), team.ask()

    overview.approve(team.rt, again.id, "grace")
    team.poll()

    assert team.has_flow("a")
    assert overview.sync(team.rt, first.id).status == "SUPERSEDED"
    assert team.history()[0].approved_by == "grace"


def test_an_approval_of_an_older_commit_does_not_let_a_newer_one_pass(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow(requireApproval=True)
    (old,) = team.history()
    team.repository.commit({"b.yaml": flow("b")})
    overview.approve(team.rt, old.id, "grace")

    team.look()

    assert not team.has_flow("a")
    assert sorted(row.status for row in team.history()) == ["AWAITING_APPROVAL", "SUPERSEDED"]


def test_a_plan_shows_a_unified_diff_for_each_thing_it_would_change(team):
    team.repository.commit({"a.yaml": flow("a"), "b.yaml": flow("b"), "_files/x.txt": "one\n"})
    team.follow(prune=True)
    (team.repository.tree / "_files/y.bin").write_bytes(b"\0\1")
    changed = {"a.yaml": flow("a", message="new"), "b.yaml": None, "_files/x.txt": "two\n"}
    team.repository.commit(changed)

    done = team.ask(plan=True)

    diffs = {item["key"]: item["diff"] for item in done.items}
    assert "-    message: hello\n+    message: new\n" in diffs["acme.team/a"]
    assert diffs["acme.team/b"].startswith("--- a/b.yaml\n+++ /dev/null\n")
    assert "-one\n+two\n" in diffs["acme:x.txt"]
    assert "(binary, 2 bytes)" in diffs["acme:y.bin"]
    assert done.counts["UPDATE"] == 2
    assert team.flow("a").revision == 1


def test_conditions_tell_of_each_step_with_time_and_commit(team):
    sha = team.repository.commit({"a.yaml": flow("a")})
    well = team.follow()
    bad = team.repository.commit({"a.yaml": "id: a\n"})

    ill = team.look()

    fetched = team.source().conditions["Fetched"]
    assert (fetched["status"], fetched["commit"]) == (True, bad)
    assert {n: c["status"] for n, c in well.conditions.items()} == {"Valid": True, "Applied": True}
    assert well.conditions["Applied"]["commit"] == sha
    assert {n: c["status"] for n, c in ill.conditions.items()} == {"Valid": False, "Applied": False}
    assert "a.yaml" in ill.conditions["Valid"]["message"]


def test_t6_the_same_work_again_writes_neither_revision_nor_history(team):
    team.repository.commit({"a.yaml": flow("a"), "bad.yaml": "id: 1"})
    team.follow(onInvalid="QUARANTINE")

    for _ in range(3):
        seen = team.look()

    assert (seen.health, team.flow("a").revision) == ("Degraded", 1)
    assert len(team.history()) == 1


def test_drift_is_found_by_the_full_comparison_too(team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow(editMode="OVERWRITE")
    team.driver.save(flow("a", message="by hand"))
    with team.rt.database.transaction() as tx:  # as if the write had told nobody
        later = team.rt.clock() + timedelta(minutes=10)
        pins.git_bindings.write(tx, team.binding().id, compare_at=later)

    team.poll()
    before = "by hand" in team.flow("a").source
    team.driver.clock.advance(601)
    tick(team.rt)
    team.poll()

    assert before
    assert "by hand" not in team.flow("a").source
