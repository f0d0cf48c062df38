"""T5: a worker that is killed at any step of a sync leaves the state of before or of after."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.database import git_sources
from tests.support.repository import flow

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
WORKER = """
import sys
from app.service.boot import make_runtime
from app.service.gitops import sync
from app.settings import load_settings
rt = make_runtime(load_settings())
sync.work(rt, sys.argv[1])
"""


@pytest.mark.parametrize(
    ("point", "after"),
    [
        ("git_after_fetch", 1),
        ("git_before_apply", 1),
        ("git_in_apply", 1),  # everything is written, and nothing is committed
        ("git_after_apply", 2),
    ],
)
def test_t5_a_killed_worker_leaves_exactly_before_or_after_and_another_one_ends_it(
    team, tmp_path, point, after
):
    first = {"a.yaml": flow("a"), "b.yaml": flow("b"), "_files/x.txt": "1"}
    team.repository.commit(first)
    team.follow()
    second = {n: t.replace("hello", "new") for n, t in first.items()} | {"_files/x.txt": "2"}
    sha = team.repository.commit(second)
    environ = {
        **os.environ,
        "TRUNKLINE_DATA_DIR": str(tmp_path),
        "TRUNKLINE_DATABASE_URL": f"sqlite:///{tmp_path / 'test.db'}",
        "TRUNKLINE_ENCRYPTION_KEY": team.rt.settings.encryption_key,
        "TRUNKLINE_BROKER_URL": "redis://127.0.0.1:1/0",
        "TRUNKLINE_GIT_ALLOW_FILE_PROTOCOL": "true",
        "TRUNKLINE_FAILPOINTS": f"{point}=crash",
    }
    command = [sys.executable, "-c", WORKER, team.source().id]
    died = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, timeout=120,
                          check=False)  # fmt: skip

    left = {team.flow("a").revision, team.flow("b").revision, int(team.file("x.txt", "acme"))}
    with team.rt.database.transaction() as tx:  # the lease of the dead runs out
        git_sources.write(tx, team.source().id, lease_owner=None, lease_until=None)
    seen = team.look()

    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    assert left == {after}
    assert (seen.applied_sha, seen.sync_state) == (sha, "Synced")
    assert {team.flow("a").revision, int(team.file("x.txt", "acme"))} == {2}
    assert len([row for row in team.history() if row.to_sha == sha]) == 1
