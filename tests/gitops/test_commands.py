"""The commands of GitOps over real HTTP, with a worker beside: what they print, how they exit."""

import json

import pytest

from app.service.gitops import bindings, records
from tests.support.repository import flow


def test_a_folder_is_planned_applied_and_exported(trunkline, team, tmp_path):
    folder = tmp_path / "flows"
    folder.mkdir()
    (folder / "a.yaml").write_text(flow("a"))
    (folder / ".hidden.yaml").write_text("nonsense")
    place = [folder, "--namespace", "acme"]

    planned = trunkline("plan", *place)
    applied = trunkline("apply", *place)
    quiet = trunkline("plan", *place)
    (folder / "b.yaml").write_text("id: b\n")
    broken = trunkline("plan", *place)
    exported = trunkline("export", "acme", tmp_path / "out")

    assert planned[0] == 2, planned
    assert "+ FLOW acme.team/a (OutOfSync)\n" in planned[1]
    assert "    +id: a\n" in planned[1]
    assert "Plan: 1 to create, 0 to update, 0 to delete.\n" in planned[1]
    assert (applied[0], quiet[:2]) == (0, (0, "No changes.\n"))
    assert broken[0] == 1
    assert "b.yaml:" in broken[1]
    assert exported[0] == 0, exported
    assert (tmp_path / "out/acme.team/flows/a.yaml").read_text() == flow("a")


def test_plans_and_drift_are_read_by_programs_as_the_api_answers_them(trunkline, team, tmp_path):
    team.repository.commit({"a.yaml": flow("a")})
    trunkline("source", "add", "team", team.repository.url, "--namespace", "acme")
    team.repository.commit({"a.yaml": flow("a", message="second")})
    (folder := tmp_path / "flows").mkdir()
    (folder / "b.yaml").write_text(flow("b"))

    of_source = trunkline("plan", "--source", "team", "--output", "json")
    of_folder = trunkline("plan", folder, "--namespace", "acme", "-o", "json")
    nothing = trunkline("drift", "--output", "json")

    [planned] = json.loads(of_source[1])
    assert (of_source[0], planned["binding"], planned["status"]) == (2, "team", "SUCCEEDED")
    assert [(one["action"], one["key"]) for one in planned["items"]] == [("UPDATE", "acme.team/a")]
    assert [one["key"] for one in json.loads(of_folder[1])[0]["items"]] == ["acme.team/b"]
    assert nothing[:2] == (0, "[]\n")


def test_files_of_namespaces_are_exported_so_that_they_can_be_followed(trunkline, team, tmp_path):
    team.repository.commit({"acme.team/flows/a.yaml": flow("a"), "acme.team/files/d/x.txt": "1"})
    team.follow(layout="namespace-first")

    code, out, err = trunkline("export", "acme.team", tmp_path / "out")

    assert (code, out) == (0, f"1 flows and 1 files in {tmp_path / 'out'}\n"), err
    assert (tmp_path / "out/acme.team/files/d/x.txt").read_text() == "1"


def test_a_source_is_planned_synced_and_pinned(trunkline, team):
    first = team.repository.commit({"a.yaml": flow("a")})
    url, place = team.repository.url, ["--namespace", "acme", "--poll", "3600"]
    added = trunkline("source", "add", "team", url, *place)
    team.repository.commit({"a.yaml": flow("a", message="second")})

    planned = trunkline("plan", "--source", "team")
    before = team.flow("a").revision
    synced = trunkline("sync", "team")
    held = trunkline("pin", "team", first[:12], "--reason", "broken")
    trunkline("sync", "team")
    pinned = team.binding()
    free = trunkline("unpin", "team")
    wrong = trunkline("pin", "team", "main")

    assert added[0] == 0, added
    assert (planned[0], before, synced[0]) == (2, 1, 0)
    assert "    +    message: second\n" in planned[1]
    assert held == (0, f"team is pinned to {first[:8]}\n", "")
    assert (pinned.applied_sha, pinned.pin["reason"]) == (first, "broken")
    assert (free[0], wrong[0]) == (0, 1)
    assert "is no commit id" in wrong[2]


def test_a_plan_that_is_blocked_exits_with_one_and_says_why(trunkline, team):
    team.repository.commit({"a.yaml": flow("a"), "b.yaml": "id: b\n"})
    team.follow()

    code, out, err = trunkline("plan", "--source", "team")

    assert code == 1
    assert "! FLOW b.yaml (Invalid)\n    b.yaml:" in out
    assert err.startswith("blocked: 1 of 2 resources cannot be applied")


def test_drift_is_listed_and_exits_with_two(trunkline, team):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow(editMode="OVERWRITE", selfHeal=False)

    clean = trunkline("drift", "team")
    team.driver.save(flow("a", message="by hand"))
    drifted = trunkline("drift")

    assert clean[:2] == (0, "No drift.\n")
    assert drifted[:2] == (2, "Drifted  team FLOW acme.team/a\n")


def test_a_change_is_proposed_from_a_file(trunkline, team, tmp_path):
    team.repository.commit({"a.yaml": flow("a")})
    team.follow()
    edited, broken = tmp_path / "a.yaml", tmp_path / "b.yaml"
    edited.write_text(flow("a", message="changed"))
    broken.write_text("id: a\n")

    proposed = trunkline("propose", "team", edited, "--title", "Say changed")
    refused = trunkline("propose", "team", broken)

    assert proposed[0] == 0, proposed
    assert "to trunkline/anonymous/say-changed-" in proposed[1]
    assert "trunkline/anonymous/say-changed-" in team.repository.git("ls-remote", "origin")
    assert refused[0] == 1
    assert "b.yaml" in refused[2]


def test_a_promotion_says_what_it_waits_for(trunkline, team):
    sha = team.repository.commit({f"{n}/a.yaml": flow("a", n) for n in ("dev", "prod")})
    team.follow(namespace="dev", path="dev")
    team.bind(name="prod", namespace="prod", path="prod")
    stages = [{"binding": "team"}, {"binding": "prod", "approval": True}]
    records.pipelines.put(team.rt, {"name": "release", "stages": stages})

    waiting = trunkline("promote", "release", "prod")
    stages[1]["approval"] = False
    records.pipelines.put(team.rt, {"stages": stages}, "release")
    done = trunkline("promote", "release", "prod", "--sha", sha)
    unknown = trunkline("promote", "release", "nowhere")

    assert waiting[0] == 2
    assert waiting[1].endswith("  waits for an approval\n")
    assert (done[0], unknown[0]) == (0, 1)
    assert f"{sha[:8]} to prod: SUCCEEDED\n" in done[1]
    assert bindings.find(team.rt, "prod").pin["sha"] == sha


@pytest.mark.parametrize("arguments", [("plan",), ("apply",), ("plan", ".", "--source", "team")])
def test_a_folder_or_a_source_must_be_named_and_not_both(trunkline, arguments):
    code, _, err = trunkline(*arguments)

    assert (code, err) == (1, "error: name either a folder or --source\n")
