"""P15: Git. A poll of an unchanged repository, and the sync of 1 changed flow of 1,000."""

import dataclasses
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.database.migrate import migrate
from app.database.session import Database
from app.service.gitops import sources, sync
from app.service.gitops.models import NewSource
from app.service.runtime import Runtime
from bench.support.bench import Bench, timed
from bench.support.figures import Goal, Report, interleaved, median

ROW = "P15"
ITEM = "Git: poll of an unchanged repository; sync of 1 changed flow of 1,000"


class _Quiet:
    """A publisher for a database of its own: no worker of the cluster takes part."""

    def publish(self, jobs: Sequence[Any]) -> None:
        """Nothing."""

    def broadcast_kill(self, execution_id: str) -> None:
        """Nothing."""

    def wake_source(self, source_id: str, *, after_s: float = 0.0) -> None:
        """Nothing."""

    def announce(self, channel: str, payload: Mapping[str, Any]) -> None:
        """Nothing."""

    def incarnation(self) -> str | None:
        """Always the same."""
        return "one"


def measure(bench: Bench) -> Report:
    """A local bare repository: what the network costs is the same on both sides."""
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-git-") as name:
        folder = Path(name)
        count = bench.size(1000, 10)
        _git(folder, "init", "-q", "--bare", "-b", "main", "remote.git")
        _git(folder, "init", "-q", "-b", "main", "tree")
        for number in range(count):
            _write(folder, number, "hello")
        _commit(folder)
        rt = _runtime(bench, folder)
        url = f"file://{folder / 'remote.git'}"
        binding = {"name": "bench", "namespace": "bench"}
        data = {"name": "bench", "url": url, "pollInterval": 86_400, "binding": binding}
        source = sources.add(rt, NewSource.model_validate(data))
        first = timed(lambda: sync.work(rt, source.id))
        found = interleaved(
            bench.size(15, 2),
            poll=lambda: timed(lambda: sync.work(rt, source.id)),
            raw=lambda: timed(lambda: _git(folder, "ls-remote", url, "refs/heads/main")),
        )
        changes = [_changed(rt, folder, source.id, n) for n in range(bench.size(5, 1))]
        rt.database.close()
    poll, raw = median(found["poll"]), median(found["raw"])
    return Report(
        ROW,
        ITEM,
        [
            Goal("poll over git ls-remote", poll / raw, 2, 1.2),
            Goal("sync of one changed flow", median(changes), 2, 0.5, unit="s"),
        ],
        {
            "poll of an unchanged repository, ms": poll * 1000,
            "git ls-remote, ms": raw * 1000,
            "first sync of all flows, s": first,
        },
    )


def _changed(rt: Runtime, folder: Path, source_id: str, number: int) -> float:
    """Seconds from the push of one changed flow to its applied sync."""
    _write(folder, number, f"changed {number}")
    _commit(folder)
    return timed(lambda: sync.work(rt, source_id))


def _runtime(bench: Bench, folder: Path) -> Runtime:
    base = bench.cluster.rt
    changes = {"data_dir": folder / "data", "git_allow_file_protocol": True}
    database = Database(f"sqlite:///{folder / 'bench.db'}")
    migrate(database)
    settings = base.settings.model_copy(update=changes)
    return dataclasses.replace(base, settings=settings, database=database, publisher=_Quiet())


def _write(folder: Path, number: int, message: str) -> None:
    (folder / "tree" / f"f{number}.yaml").write_text(
        f"id: f{number}\nnamespace: bench\ntasks:\n  - id: say\n"
        f"    type: io.kestra.plugin.core.log.Log\n    message: {message}\n",
        encoding="utf-8",
    )


def _commit(folder: Path) -> None:
    tree = folder / "tree"
    who = ["-c", "user.name=Bench", "-c", "user.email=bench@example.org"]
    _git(tree, "add", "-A")
    _git(tree, *who, "commit", "-q", "-m", "Change")
    _git(tree, "push", "-q", str(folder / "remote.git"), "main")


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)
