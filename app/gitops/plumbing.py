"""Commits made without a work tree, and pushed without force: what a change from here is."""

import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from app.gitops.cli import GitFailed
from app.gitops.refusal import advice, away, told
from app.library import Library

git = Library("git")

_PUSH_TIMEOUT_S = 300
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


class PushRejected(GitFailed):
    """The remote did not take the commit; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who stands in a commit."""

    name: str
    email: str

    def clean(self) -> "Person":
        """Without what Git takes as the end of a name."""
        name = "".join(c for c in self.name if c.isprintable() and c not in "<>") or "unknown"
        email = "".join(c for c in self.email if c.isprintable() and c not in "<> ") or "unknown"
        return Person(name=name[:200], email=email[:200])


@dataclass(frozen=True, kw_only=True)
class NewCommit:
    """A commit to make over a parent: paths to their new bytes, None to be removed.

    Bytes may lie in a file. Without a parent it is the first commit of a repository.
    """

    parent: str | None
    files: Mapping[str, bytes | Path | None]
    message: str
    author: Person
    committer: Person
    at: datetime
    signing_key: str = ""  #: an SSH private key


def write_commit(folder: Path, new: NewCommit) -> str:
    """Writes the commit into a bare repository; its id. Raises GitFailed.

    The same content over the same parent at the same second is the same commit.
    """
    with TemporaryDirectory(prefix="trunkline-commit-") as name:
        env = _environment(Path(name), new)

        def run(*arguments: str, given: bytes | None = None) -> str:
            return _run(folder, list(arguments), env, given)

        run("read-tree", new.parent or "--empty")
        written = {path: data for path, data in sorted(new.files.items()) if data is not None}
        # what goes, goes first: a file may take the place of a folder, and the reverse
        lines = [f"0 {'0' * 40}\t{path}\0" for path in sorted(set(new.files) - set(written))]
        blobs = _store(Path(name), list(written.values()), run)
        lines += [f"100644 {b}\t{path}\0" for path, b in zip(written, blobs, strict=True)]
        run("update-index", "-z", "--index-info", given="".join(lines).encode())
        tree = run("write-tree")
        if tree == (run("rev-parse", f"{new.parent}^{{tree}}") if new.parent else EMPTY_TREE):
            raise NothingChanged("the change is what the repository holds already")
        parents = ["-p", new.parent] if new.parent else []
        command = [*_signing(Path(name), new.signing_key), "commit-tree", tree, *parents]
        signed = ["-S"] if new.signing_key else []
        return run(*command, *signed, "-F", "-", given=new.message.encode())


def _store(home: Path, contents: Sequence[bytes | Path], run: Callable[..., str]) -> list[str]:
    """Writes blobs with one process for all of them; their ids."""
    names = []
    for n, content in enumerate(contents):
        if isinstance(content, bytes):
            path = home / f"blob-{n}"
            path.write_bytes(content)
        else:
            path = content
        names.append(str(path))
    if not names:
        return []
    given = "".join(f"{name}\n" for name in names).encode()
    return run("hash-object", "-w", "--no-filters", "--stdin-paths", given=given).split()


class NothingChanged(GitFailed):
    """A commit would change nothing."""


def push(
    folder: Path, url: str, sha: str, branch: str, env: Mapping[str, str], old: str | None = None
) -> None:
    """Pushes a commit to a branch, never by force.

    The branch must not exist, or be at `old`, which the commit must be a child of. Raises
    PushRejected when the remote answered no; GitFailed when it could not be asked.
    """
    ref = f"refs/heads/{branch}"
    lease = f"--force-with-lease={ref}:{old or ''}"
    command = ["push", "--porcelain", "--no-verify", lease, "--", url, f"{sha}:{ref}"]
    try:
        _run(folder, command, env, None, _PUSH_TIMEOUT_S)
    except GitFailed as error:
        words = str(error)
        message = f"the push to {branch} was refused ({words})"
        if known := advice(words):
            message = f"{message}: {known}"
        kind = GitFailed if away(words) else PushRejected
        raise kind(message) from None


def _environment(home: Path, new: NewCommit) -> dict[str, str]:
    author, committer = new.author.clean(), new.committer.clean()
    at = f"{int(new.at.timestamp())} +0000"
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(home),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_INDEX_FILE": str(home / "index"),
        "GIT_AUTHOR_NAME": author.name,
        "GIT_AUTHOR_EMAIL": author.email,
        "GIT_AUTHOR_DATE": at,
        "GIT_COMMITTER_NAME": committer.name,
        "GIT_COMMITTER_EMAIL": committer.email,
        "GIT_COMMITTER_DATE": at,
    }


def _signing(home: Path, key: str) -> list[str]:
    if not key:
        return []
    file = home / "key"
    file.touch(mode=0o600)
    file.write_text(key.strip() + "\n", encoding="utf-8")
    return ["-c", "gpg.format=ssh", "-c", f"user.signingKey={shlex.quote(str(file))}"]


def _run(
    folder: Path,
    arguments: list[str],
    env: Mapping[str, str],
    given: bytes | None,
    timeout_s: int = 60,
) -> str:
    with TemporaryDirectory() as name:
        file = Path(name, "input")
        file.write_bytes(given or b"")
        with file.open("rb") as stream:
            try:
                text = git.Git(folder).execute(
                    ["git", *arguments],
                    istream=stream,
                    env=dict(env),
                    kill_after_timeout=timeout_s,
                )
            except git.GitCommandError as error:
                words = _plain(error.stdout) + "\n" + _plain(error.stderr)
                raise GitFailed(told(words) or "git failed without a message") from None
    return str(text).strip()


def _plain(text: object) -> str:
    """What GitPython has quoted, as Git wrote it."""
    return str(text or "").strip().removeprefix("stdout:").removeprefix("stderr:").strip(" '\n")
