"""The commands of Git sources over real HTTP: what stands on the screen, how they exit."""

import json

from tests.support.repository import flow

PLACE = ["--namespace", "acme", "--poll", "3600"]


def add(trunkline, team, *more):
    return trunkline("source", "add", "team", team.repository.url, *PLACE, *more)


def test_a_pin_is_told_with_its_commit_and_stands_in_the_history(trunkline, team):
    first = team.repository.commit({"a.yaml": flow("a")}, "First")
    add(trunkline, team)
    second = team.repository.commit({"a.yaml": flow("a", message="2"), "b.yaml": flow("b")})
    trunkline("sync", "team")
    trunkline("pin", "team", first, "--reason", "wrong totals")
    third = team.repository.commit({"a.yaml": flow("a", message="3")}, "Third")

    held = trunkline("sync", "team")
    trunkline("unpin", "team")
    free = trunkline("sync", "team")
    fourth = team.repository.commit({"a.yaml": flow("a", message="4")}, "Fourth")
    trunkline("sync", "team")
    history = trunkline("source", "history", "team")[1].splitlines()

    assert f"  seen {third[:8]}, applied {first[:8]}\n" in held[1]
    assert f"    pinned to {first[:8]} (2 behind): wrong totals\n" in held[1]
    assert free[0] == 0, free
    assert f"  seen {third[:8]}, applied {third[:8]}\n" in free[1]
    assert "pinned" not in free[1]
    told = [line.split("SUCCEEDED ")[1].strip().split(":")[0] for line in history]
    assert told == [f"{fourth[:8]} commit", f"{third[:8]} unpin", f"{first[:8]} pin",
                    f"{second[:8]} commit", f"{first[:8]} commit"]  # fmt: skip


def test_a_flow_that_git_no_longer_has_is_reported_where_prune_is_off(trunkline, team):
    team.repository.commit({"a.yaml": flow("a"), "b.yaml": flow("b")})
    add(trunkline, team)
    team.repository.commit({"b.yaml": None})

    planned = trunkline("plan", "--source", "team")
    synced = trunkline("sync", "team")
    again = trunkline("plan", "--source", "team")
    drift = trunkline("drift")

    words = "acme.team/b is no longer in Git, and stays: prune is off"
    for done in (planned, again):
        assert f"! FLOW acme.team/b (Orphan)\n    warning: {words}\nNo changes.\n" in done[1]
        assert done[0] == 0
    assert synced[0] == 1
    assert f"OutOfSync, Healthy  [{team.binding().id}]\n    {words}\n" in synced[1]
    assert drift[:2] == (2, "Orphan   team FLOW acme.team/b\n")
    [row] = json.loads(trunkline("drift", "--output", "json")[1])
    assert (row["binding"], row["key"], row["state"]) == ("team", "acme.team/b", "Orphan")
    assert team.has_flow("b")


def test_a_source_that_cannot_be_read_is_not_registered(trunkline, team):
    team.repository.commit({"a.yaml": flow("a")})
    url = team.repository.url

    no_secret = add(trunkline, team, "--username", "bot", "--password-secret", "GONE")
    no_branch = add(trunkline, team, "--ref", "nowhere")
    away = trunkline("source", "add", "team", url + "-not", *PLACE)
    listed = trunkline("source", "status")
    right = add(trunkline, team)
    twice = add(trunkline, team)

    assert [done[0] for done in (no_secret, no_branch, away, right)] == [1, 1, 1, 0]
    assert "GONE" in no_secret[2]
    assert "nowhere" in no_branch[2]
    assert "nothing was registered" in away[2]
    assert listed[1].strip() == ""
    assert twice[0] == 1
    assert "exists already: `trunkline source sync team` looks again" in twice[2]


def test_a_source_may_be_planned_before_anything_is_applied(trunkline, team):
    team.repository.commit({"a.yaml": flow("a")})

    added = add(trunkline, team, "--no-sync")
    planned = trunkline("plan", "--source", "team")
    before = team.has_flow("a")
    resumed = trunkline("source", "resume", "team")

    assert added[0] == 0, added
    assert "trunkline source resume team" in added[1]
    assert (planned[0], before) == (2, False)
    assert "+ FLOW acme.team/a (OutOfSync)" in planned[1]
    assert resumed[0] == 0, resumed
    assert team.has_flow("a")


def test_endpoints_are_listed_closed_and_not_opened_twice(trunkline, team):
    opened = trunkline("source", "webhook", "github")
    twice = trunkline("source", "webhook", "github")
    listed = trunkline("source", "webhook", "--list")
    rotated = trunkline("source", "webhook", "github", "--rotate")
    closed = trunkline("source", "webhook", "github", "--delete")
    none = trunkline("source", "webhook", "--list")
    unknown = trunkline("source", "webhook", "github", "--delete")
    nothing = trunkline("source", "webhook")

    assert opened[1].startswith("address ")
    assert (twice[0], unknown[0], nothing[0]) == (1, 1, 1)
    assert "a webhook endpoint 'github' exists already" in twice[2]
    assert (listed[0], len(listed[1].splitlines())) == (0, 1)
    assert listed[1].startswith("github ")
    assert "secret" not in listed[1]
    assert rotated[1].startswith("secret  ")
    assert rotated[1].split()[1] not in opened[1]
    assert (closed[0], none[1].strip()) == (0, "")
    assert "no webhook endpoint 'github'" in unknown[2]
