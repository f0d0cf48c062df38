"""A bare copy of a remote repository: fetched by commit, read without a work tree."""

import fcntl
import re
import shutil
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from uuid import uuid4

from app.errors import TrunklineError
from app.gitops import cli, process
from app.gitops.cli import GitFailed, RefNotFound
from app.gitops.diff import Region, regions
from app.library import Library

git = Library("git")

_SHA = re.compile(r"[0-9a-f]{40}")
_LINK, _MODULE = 0o120000, 0o160000
MOST_FILES = 100_000
MOST_COMMIT_BYTES = 1_000_000  #: of a commit's own text, which is read into memory
FETCH_TIMEOUT_S = 600
IGNORE_TIMEOUT_S = 30
_BATCH, _BATCH_BYTES = 200, 16_000_000  #: blobs of one `cat-file`


class RefusedTree(TrunklineError):
    """A repository holds what Trunkline does not take: too many files, links, too large ones."""


@dataclass(frozen=True)
class TreeFile:
    """A file of a commit: path from the root, blob id, size in bytes; why it is never read."""

    path: str
    blob: str
    size: int
    problem: str | None = None
    mode: int = 0o100644

    @property
    def is_link(self) -> bool:
        """A symbolic link; its blob is the path that it leads to."""
        return self.mode == _LINK

    @property
    def is_module(self) -> bool:
        """A commit of another repository."""
        return self.mode == _MODULE


@dataclass(frozen=True)
class Commit:
    """What is told of a commit."""

    sha: str
    author: str
    email: str
    message: str
    parents: tuple[str, ...] = ()


class Mirror:
    """The bare copy in a folder of this machine; a cache that can be deleted at any time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fetch(self, url: str, ref: str, sha: str, env: Mapping[str, str]) -> None:
        """Makes a commit (or a tag) readable; a broken copy is built anew. Raises GitFailed."""
        if self.has(sha):
            return
        with self._alone():
            if not self.has(sha):
                self._renew(url, ref, sha, env)

    def remove(self) -> None:
        """Deletes it, whatever is left of it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.with_suffix(".lock").unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """An API and a worker of one machine may want a commit at once: one after the other."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with self.folder.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _renew(self, url: str, ref: str, sha: str, env: Mapping[str, str]) -> None:
        if (self.folder / "HEAD").exists():
            try:
                self._fetch(url, ref, sha, env)
                return
            except RefNotFound:
                raise
            except GitFailed:
                # a copy that a crash or a full disk left broken must not stand in the way for ever
                pass
        self._rebuild(url, ref, sha, env)

    def _fetch(self, url: str, ref: str, sha: str, env: Mapping[str, str]) -> None:
        base = ["fetch", "--no-tags", "--prune", "--force", "--no-recurse-submodules", "--", url]
        target = "refs/trunkline/tracked"
        try:
            cli.run(self.folder, [*base, f"{sha}:{target}"], env, FETCH_TIMEOUT_S)
        except GitFailed:
            # servers may refuse to send a bare commit id: then everything
            spec = "+refs/*:refs/trunkline/remote/*"
            cli.run(self.folder, [*base, spec], env, FETCH_TIMEOUT_S)
        if not self.has(sha):
            raise RefNotFound(f"the remote did not send commit {sha} of {ref!r}")

    def has(self, sha: str) -> bool:
        """Whether the commit is here, whole."""
        try:
            return cli.run(self.folder, ["cat-file", "-t", f"{sha}^{{tree}}"], {}, 60) == "tree\n"
        except GitFailed:
            return False

    def commit(self, sha: str) -> Commit:
        """The commit's author and message. Raises RefusedTree for one that is all message."""
        size = int(cli.run(self.folder, ["cat-file", "-s", sha], {}, cli.ASK_TIMEOUT_S))
        if size > MOST_COMMIT_BYTES:
            reason = f"the commit {sha[:12]} has {size} bytes, more than {MOST_COMMIT_BYTES} bytes"
            raise RefusedTree(f"{reason}: shorten its message")
        # `show` would compare trees, which a hostile repository makes endless
        command = ["log", "-1", "--format=%an%x00%ae%x00%P%x00%B", sha, "--"]
        found = cli.run(self.folder, command, {}, cli.ASK_TIMEOUT_S).split("\0", 3)
        author, email, parents, message = (cli.clean(text) for text in found)
        return Commit(sha, author, email, message.strip(), tuple(parents.split()))

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether the second commit holds the first one."""
        try:
            cli.run(self.folder, ["merge-base", "--is-ancestor", old, new], {}, cli.ASK_TIMEOUT_S)
        except GitFailed:
            return False
        return True

    def count_between(self, old: str, new: str) -> int:
        """Commits that the second has and the first has not."""
        return int(
            cli.run(self.folder, ["rev-list", "--count", f"{old}..{new}"], {}, cli.ASK_TIMEOUT_S)
        )

    def expand(self, text: str) -> str:
        """The full id of a commit that is here. Raises RefNotFound."""
        if not re.fullmatch(r"[0-9a-f]{7,40}", text):
            raise RefNotFound(f"{text[:60]!r} is no commit id")
        try:
            found = cli.run(self.folder, ["rev-parse", "--verify", f"{text}^{{commit}}"], {}, 60)
        except GitFailed:
            raise RefNotFound(f"no commit {text!r} is known") from None
        return found.strip()

    def files(self, sha: str, path: str = "", most: int = MOST_FILES) -> list[TreeFile]:
        """Every file at or below a path. Raises RefusedTree when there are too many.

        They are counted as they come: a few trees that hold each other many times are a small
        repository of a billion files.
        """
        command = ["git", "ls-tree", "-r", "-l", "-z", "--full-tree", sha]
        if path:
            command += ["--", path]
        found = []
        for entry in self._records(command):
            meta, _, name = entry.decode("utf-8", "surrogateescape").partition("\t")
            mode, _kind, blob, size = meta.split()
            problem = _problem(int(mode, 8), name)
            shown = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
            length = int(size) if size.isdecimal() else 0
            found.append(TreeFile(shown, blob, length, problem, int(mode, 8)))
            if len(found) > most:
                raise RefusedTree(f"more than {most} files below {path or '/'}")
        return found

    def types(self, sha: str, paths: Sequence[str]) -> dict[str, str]:
        """What a commit has at paths: `blob`, `tree`, or the `commit` of another repository."""
        command = ["ls-tree", "-t", "-z", "--full-tree", sha, "--", *paths]
        lines = cli.run(self.folder, command, {}, cli.ASK_TIMEOUT_S).split("\0")
        pairs = (line.partition("\t")[::2] for line in lines if line)
        return {name: meta.split()[1] for meta, name in pairs}

    def _records(self, command: Sequence[str]) -> Generator[bytes, None, None]:
        try:
            with closing(
                process.records(command, self.folder, cli.PLAIN, cli.ASK_TIMEOUT_S)
            ) as found:
                yield from found
        except OSError as error:
            raise GitFailed(f"git {command[1]} failed: {error}") from None

    def read(self, blobs: Mapping[str, int]) -> Iterator[tuple[str, bytes]]:
        """Blob ids (with their sizes) with their bytes; one Git process for many small ones."""
        part: list[str] = []
        size = 0
        for blob, length in blobs.items():
            if part and (len(part) >= _BATCH or size + length > _BATCH_BYTES):
                yield from self._read(part)
                part, size = [], 0
            part.append(blob)
            size += length
        if part:
            yield from self._read(part)

    def _read(self, part: Sequence[str]) -> Iterator[tuple[str, bytes]]:
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
            data = git.Git(self.folder).execute(
                command, istream=wanted, stdout_as_string=False, strip_newline_in_stdout=False
            )
        except git.GitCommandError as error:
            raise GitFailed(cli.reason(str(error.stderr))) from None
        assert isinstance(data, bytes)
        return data

    def ignored(self, names: Sequence[str], patterns: str) -> set[str]:
        """The names that patterns of a `.gitignore` leave out, as Git itself reads them.

        Raises RefusedTree for patterns that take too long: `**/**/**/…` doubles it with each.
        """
        if not patterns or not names:
            return set()
        with TemporaryDirectory() as name:
            Path(name, ".gitignore").write_text(patterns + "\n", encoding="utf-8")
            place = [f"--git-dir={self.folder}", f"--work-tree={name}", "-c", "core.bare=false"]
            command = ["git", *place, "check-ignore", "--no-index", "-z", "--stdin"]
            # what begins with a colon would be read as the magic of a pathspec
            given = "".join(f"./{one}\0" for one in names).encode()
            done = process.run(command, Path(name), cli.PLAIN, IGNORE_TIMEOUT_S, given)
        if done.code is None:
            raise RefusedTree(f"the patterns of ignored files took over {IGNORE_TIMEOUT_S} s")
        if done.code not in (0, 1):  # 1: none of them
            raise GitFailed(cli.reason(done.err.decode("utf-8", "replace")))
        found = done.out.decode("utf-8", "replace").split("\0")
        return {one.removeprefix("./") for one in found if one}

    def changed(self, before: str | None, after: str) -> list[str]:
        """Paths that differ between two commits; all of them when the first is not known."""
        if before is None or not self.has(before):
            return [file.path for file in self.files(after)]
        command = ["diff-tree", "-r", "-z", "--name-only", "--no-renames", before, after]
        return [p for p in cli.run(self.folder, command, {}, cli.ASK_TIMEOUT_S).split("\0") if p]

    def regions(self, before: str, after: str) -> dict[str, list[Region]]:
        """The changed regions of every file that differs between two commits or trees."""
        base = ["diff-tree", "-r", "--no-renames"]
        command = [*base, "--name-status", "-z", before, after]
        listed = cli.run(self.folder, command, {}, cli.ASK_TIMEOUT_S).split("\0")
        options = ["-p", "-U0", "--no-color", "--no-ext-diff", "--no-textconv"]
        text = cli.run(self.folder, [*base, *options, before, after], {}, cli.ASK_TIMEOUT_S)
        # sections come in the order of the names; no other line begins with these words
        sections = iter(re.split(r"^diff --git ", text, flags=re.MULTILINE)[1:])
        found = {}
        for status, name in zip(listed[::2], listed[1::2], strict=False):
            parts = 2 if status == "T" else 1  # another type: the old file goes, a new one comes
            found[name] = [r for _ in range(parts) for r in regions(next(sections))]
        return found

    def _rebuild(self, url: str, ref: str, sha: str, env: Mapping[str, str]) -> None:
        """A copy made beside and renamed in: half a copy is never seen, and a remote that is away
        costs nothing that is here."""
        fresh = Mirror(self.folder.with_name(f".{self.folder.name}-{uuid4().hex}"))
        try:
            git.Repo.init(fresh.folder, bare=True).close()
            fresh._fetch(url, ref, sha, env)
            if self.folder.exists():
                old = self.folder.with_name(f".{self.folder.name}-{uuid4().hex}")
                self.folder.rename(old)
                shutil.rmtree(old, ignore_errors=True)
            fresh.folder.rename(self.folder)
        finally:
            shutil.rmtree(fresh.folder, ignore_errors=True)


def _problem(mode: int, name: str) -> str | None:
    """Why an entry of a tree is never read."""
    if mode == _LINK:
        return "symbolic links are not followed"
    if mode == _MODULE:
        return "submodules are not followed"
    if any(part in ("", ".", "..", ".git") for part in name.lower().split("/")):
        return "its path leaves the repository's folders"
    if not name.isprintable():
        return "its name is not UTF-8 or holds control characters"
    return None
