"""The commands of GitOps against a real server: what they print and how they exit."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.repository import Repository, flow

ROOT = Path(__file__).parents[2]


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path)


def trunkline(server, *arguments):
    command = [sys.executable, "-m", "app.cli.main", "--server", server.url]
    login = "admin@example.org:correct horse"
    return subprocess.run(
        [*command, "--user", login, *map(str, arguments)],
        capture_output=True, text=True, timeout=120, check=False, cwd=ROOT,
    )  # fmt: skip


def test_a_folder_is_planned_applied_and_exported(server, tmp_path):
    folder = tmp_path / "flows"
    folder.mkdir()
    (folder / "a.yaml").write_text(flow("a", "cli.folder"))
    (folder / ".hidden.yaml").write_text("nonsense")
    place = [folder, "--namespace", "cli.folder"]

    planned = trunkline(server, "plan", *place)
    applied = trunkline(server, "apply", *place)
    quiet = trunkline(server, "plan", *place)
    (folder / "b.yaml").write_text("id: b\n")
    broken = trunkline(server, "plan", *place)
    exported = trunkline(server, "export", "cli.folder", tmp_path / "out")

    assert planned.returncode == 2, planned.stdout + planned.stderr
    assert "+ FLOW cli.folder/a (OutOfSync)" in planned.stdout
    assert "    +id: a" in planned.stdout
    assert "Plan: 1 to create, 0 to update, 0 to delete." in planned.stdout
    assert (applied.returncode, quiet.returncode, quiet.stdout) == (0, 0, "No changes.\n")
    assert broken.returncode == 1
    assert "b.yaml: " in broken.stdout
    assert exported.returncode == 0, exported.stderr
    assert (tmp_path / "out/cli.folder/flows/a.yaml").read_text() == flow("a", "cli.folder")


def test_a_source_is_planned_synced_pinned_and_looked_at_for_drift(server, repository):
    first = repository.commit({"a.yaml": flow("a", "cli.pins")})
    add = ["--namespace", "cli.pins", "--poll", "3600"]
    added = trunkline(server, "source", "add", "pins", repository.url, *add)
    repository.commit({"a.yaml": flow("a", "cli.pins", "second")})

    planned = trunkline(server, "plan", "--source", "pins")
    synced = trunkline(server, "sync", "pins")
    clean = trunkline(server, "drift", "pins")
    held = trunkline(server, "pin", "pins", first[:12], "--reason", "broken")
    trunkline(server, "sync", "pins")
    pinned = server.client.get("/gitops/bindings/pins").json()
    free = trunkline(server, "unpin", "pins")
    wrong = trunkline(server, "pin", "pins", "main")

    assert added.returncode == 0, added.stdout + added.stderr
    assert (planned.returncode, synced.returncode) == (2, 0)
    assert "+    message: second" in planned.stdout
    assert (clean.returncode, clean.stdout) == (0, "No drift.\n")
    assert held.stdout == f"pins is pinned to {first[:8]}\n"
    assert (pinned["appliedSha"], pinned["pin"]["reason"]) == (first, "broken")
    assert (free.returncode, wrong.returncode) == (0, 1)
    assert "is no commit id" in wrong.stderr


def test_drift_is_listed_and_a_change_is_proposed_and_promoted(server, repository, tmp_path):
    files = {f"{n}/a.yaml": flow("a", f"cli.{n}") for n in ("dev", "prod")}
    sha = repository.commit(files)
    bindings = {"name": "cli-dev", "path": "dev", "namespace": "cli.dev", "selfHeal": False}
    data = {"name": "moves", "url": repository.url, "pollInterval": 3600, "binding": bindings}
    server.client.post("/gitops/sources", json=data).raise_for_status()
    prod = {"source": "moves", "name": "cli-prod", "path": "prod", "namespace": "cli.prod"}
    server.client.post("/gitops/bindings", json=prod).raise_for_status()
    trunkline(server, "sync", "moves")
    edited = tmp_path / "a.yaml"
    edited.write_text(flow("a", "cli.dev", "changed"))

    locked = server.client.put("/flows/cli.dev/a", content=edited.read_bytes())
    forced = server.client.put("/flows/cli.dev/a?force=true", content=edited.read_bytes())
    drifted = trunkline(server, "drift", "moves")
    proposed = trunkline(server, "propose", "cli-dev", edited, "--title", "Say changed")
    trunkline(server, "source", "sync", "moves")
    stages = {"name": "line", "stages": [{"binding": "cli-dev"}, {"binding": "cli-prod"}]}
    server.client.post("/gitops/pipelines", json=stages).raise_for_status()
    server.client.put("/gitops/bindings/cli-dev", json={**bindings, "selfHeal": True})
    trunkline(server, "sync", "moves")
    promoted = trunkline(server, "promote", "line", "cli-prod")

    assert (locked.status_code, forced.status_code) == (409, 200)
    assert (drifted.returncode, drifted.stdout) == (2, "Drifted  cli-dev FLOW cli.dev/a\n")
    assert proposed.returncode == 0, proposed.stderr
    assert "to trunkline/admin/say-changed-" in proposed.stdout
    assert "trunkline/admin/say-changed-" in repository.git("ls-remote", "origin")
    assert promoted.returncode == 0, promoted.stdout + promoted.stderr
    assert f"{sha[:8]} to cli-prod: SUCCEEDED" in promoted.stdout
