"""The commands of Git sources over real HTTP: what stands on the screen, how they exit."""

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
    assert team.has_flow("b")
