"""A bare repository and a work tree that pushes to it, with the real git."""

import subprocess
from pathlib import Path


class Repository:
    """What a team has: a remote, and somebody who commits."""

    def __init__(self, folder: Path) -> None:
        self.bare = folder / "remote.git"
        self.tree = folder / "tree"
        run("git", "init", "-q", "--bare", "-b", "main", str(self.bare))
        run("git", "init", "-q", "-b", "main", str(self.tree))
        self.git("remote", "add", "origin", str(self.bare))

    @property
    def url(self) -> str:
        return f"file://{self.bare}"

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        return run("git", "-C", str(self.tree), *identity, *arguments)

    def commit(self, files: dict[str, str | None], message: str = "Change") -> str:
        """Writes (or removes) files, commits, pushes; the commit."""
        for name, text in files.items():
            path = self.tree / name
            if text is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        self.git("push", "-q", "origin", "HEAD")
        return self.git("rev-parse", "HEAD").strip()


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def flow(flow_id: str, namespace: str = "acme.team", message: str = "hello", more: str = "") -> str:
    return (
        f"id: {flow_id}\nnamespace: {namespace}\n{more}tasks:\n"
        f"  - id: say\n    type: io.kestra.plugin.core.log.Log\n    message: {message}\n"
    )
