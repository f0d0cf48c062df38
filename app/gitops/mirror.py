"""A bare copy of a remote repository: fetched by commit, read without a work tree."""

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from uuid import uuid4

from git import Git, GitCommandError, Repo

from app.errors import TrunklineError
from app.gitops.address import without_credentials

_SHA = re.compile(r"[0-9a-f]{40}")
_LINK, _MODULE = 0o120000, 0o160000
MOST_FILES = 100_000
FETCH_TIMEOUT_S = 600
ASK_TIMEOUT_S = 60
_BATCH = 200  #: blobs of one `cat-file`


class GitFailed(TrunklineError):
    """Git could not do it; the message is Git's own, without credentials."""


class RefusedTree(TrunklineError):
    """A repository holds what Trunkline does not take: too many files, links, too large ones."""


class RefNotFound(GitFailed):
    """The remote has no such branch, tag or commit."""


@dataclass(frozen=True)
class TreeFile:
    """A file of a commit: path from the root, blob id, size in bytes, its mode is a symlink's."""

    path: str
    blob: str
    size: int
    is_link: bool = False


@dataclass(frozen=True)
class Commit:
    """What is told of a commit."""

    sha: str
    author: str
    email: str
    message: str


def resolve(url: str, ref: str, env: Mapping[str, str]) -> str:
    """The commit that a ref of a remote means now. Raises RefNotFound, GitFailed.

    `ref` is a branch, a tag (an annotated one is peeled), a full ref name or a full commit id.
    """
    if _SHA.fullmatch(ref):
        return ref
    patterns = [ref] if ref.startswith("refs/") or ref == "HEAD" else [
        f"refs/heads/{ref}", f"refs/tags/{ref}"]  # fmt: skip
    wanted = [*patterns, *(f"{p}^{{}}" for p in patterns if not p.startswith("refs/heads/"))]
    text = _run(None, ["ls-remote", "--", url, *wanted], env, ASK_TIMEOUT_S)
    found = {}
    for line in text.splitlines():
        sha, _, name = line.partition("\t")
        if _SHA.fullmatch(sha):
            found[name] = sha
    for name in patterns:
        if commit := found.get(name + "^{}") or found.get(name):
            return commit
    raise RefNotFound(f"the repository has no branch or tag {ref!r}")


class Mirror:
    """The bare copy in a folder of this machine; a cache that can be deleted at any time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fetch(self, url: str, ref: str, sha: str, env: Mapping[str, str]) -> None:
        """Makes the commit readable; a broken copy is built anew. Raises GitFailed."""
        if self.has(sha):
            return
        if not self._is_sound():
            self._create()
        try:
            self._fetch(url, ref, sha, env)
        except GitFailed:
            # a copy that a crash or a full disk left broken must not stand in the way for ever
            self._create()
            self._fetch(url, ref, sha, env)

    def _fetch(self, url: str, ref: str, sha: str, env: Mapping[str, str]) -> None:
        base = ["fetch", "--no-tags", "--prune", "--force", "--no-recurse-submodules", "--", url]
        target = "refs/trunkline/tracked"
        try:
            _run(self.folder, [*base, f"{sha}:{target}"], env, FETCH_TIMEOUT_S)
        except GitFailed:
            # servers may refuse to send a bare commit id: then everything
            spec = "+refs/*:refs/trunkline/remote/*"
            _run(self.folder, [*base, spec], env, FETCH_TIMEOUT_S)
        if not self.has(sha):
            raise RefNotFound(f"the remote did not send commit {sha} of {ref!r}")

    def has(self, sha: str) -> bool:
        """Whether the commit is here, whole."""
        try:
            return _run(self.folder, ["cat-file", "-t", f"{sha}^{{tree}}"], {}, 60) == "tree\n"
        except GitFailed:
            return False

    def commit(self, sha: str) -> Commit:
        """The commit's author and message."""
        command = ["show", "-s", "--format=%an%x00%ae%x00%B", sha]
        author, email, message = _run(self.folder, command, {}, ASK_TIMEOUT_S).split("\0", 2)
        return Commit(sha, author, email, message.strip())

    def files(self, sha: str, path: str = "") -> list[TreeFile]:
        """Every file at or below a path. Raises RefusedTree when there are too many."""
        command = ["ls-tree", "-r", "-l", "-z", "--full-tree", sha]
        if path:
            command += ["--", path]
        text = _run(self.folder, command, {}, ASK_TIMEOUT_S)
        found = []
        for entry in filter(None, text.split("\0")):
            meta, _, name = entry.partition("\t")
            mode, kind, blob, size = meta.split()
            if kind != "blob" or int(mode, 8) == _MODULE:
                continue
            found.append(TreeFile(name, blob, int(size), int(mode, 8) == _LINK))
            if len(found) > MOST_FILES:
                raise RefusedTree(f"more than {MOST_FILES} files below {path or '/'}")
        return found

    def read(self, blobs: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """Blob ids with their bytes, by one Git process for some hundred of them."""
        for start in range(0, len(blobs), _BATCH):
            part = blobs[start : start + _BATCH]
            with TemporaryFile() as wanted:
                wanted.write("\n".join(part).encode() + b"\n")
                wanted.flush()
                wanted.seek(0)
                data = self._batch(wanted.fileno())
            at = 0
            for blob in part:
                head, _, _ = data[at : at + 200].partition(b"\n")
                size = int(head.split()[2])
                at += len(head) + 1
                yield blob, data[at : at + size]
                at += size + 1

    def _batch(self, wanted: int) -> bytes:
        command = ["git", "cat-file", "--batch"]
        try:
            data = Git(self.folder).execute(
                command, istream=wanted, stdout_as_string=False, strip_newline_in_stdout=False
            )
        except GitCommandError as error:
            raise GitFailed(_reason(str(error.stderr))) from None
        assert isinstance(data, bytes)
        return data

    def changed(self, before: str | None, after: str) -> list[str]:
        """Paths that differ between two commits; all of them when the first is not known."""
        if before is None or not self.has(before):
            return [file.path for file in self.files(after)]
        command = ["diff-tree", "-r", "-z", "--name-only", "--no-renames", before, after]
        return [p for p in _run(self.folder, command, {}, ASK_TIMEOUT_S).split("\0") if p]

    def _is_sound(self) -> bool:
        return (self.folder / "HEAD").exists()

    def _create(self) -> None:
        """An empty copy, built beside and renamed in: half a copy is never seen."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.folder.with_name(f".{self.folder.name}-{uuid4().hex}")
        Repo.init(fresh, bare=True).close()
        if self.folder.exists():
            old = self.folder.with_name(f".{self.folder.name}-{uuid4().hex}")
            self.folder.rename(old)
            shutil.rmtree(old, ignore_errors=True)
        fresh.rename(self.folder)


def _run(folder: Path | None, command: list[str], env: Mapping[str, str], timeout_s: int) -> str:
    try:
        return str(
            Git(folder).execute(
                ["git", *command],
                env=dict(env),
                kill_after_timeout=timeout_s,
                strip_newline_in_stdout=False,
            )
        )
    except GitCommandError as error:
        raise GitFailed(_reason(str(error.stderr or error))) from None


def _reason(text: str) -> str:
    """Git's own words, on one line."""
    words = text.strip().removeprefix("stderr:").strip().strip("'")
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return without_credentials("; ".join(lines))[:600] or "git failed without a message"
