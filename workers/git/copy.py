"""One attempt's bare copy of a remote branch: fetched, read, committed over, pushed.

Git's network commands run under the attempt's lease; there is no work tree, so nothing of the
repository (hooks, filters, links) is ever acted upon.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from app.gitops.diff import Region
from app.gitops.layout import IGNORE_FILE
from app.gitops.mirror import Mirror, RefusedTree, TreeFile
from app.gitops.plumbing import EMPTY_TREE, NewCommit, NothingChanged, Person, write_commit
from app.gitops.refusal import advice
from app.gitops.tree import Tree
from app.plugin.context import RunContext
from app.plugin.task import TaskFailed
from workers.git.command import GitCommand
from workers.git.remote import GitTask, rendered_ref

_BASE = "refs/trunkline/base"
_MOVED = re.compile(r"stale info|fetch first|non-fast-forward|cannot lock ref|incorrect old value")
MOST_BYTES = 100_000_000  #: of one file that is brought
MOST_TEXT = 1_000_000  #: of one that is read as a text


@dataclass(frozen=True)
class Head:
    """A branch of the remote as it was fetched; without a commit it is to be made."""

    branch: str
    sha: str | None  #: what a commit is made over; None in an empty repository
    is_new: bool  #: the remote has no such branch yet


class BranchMoved(TaskFailed):
    """Somebody else pushed in between."""


class Copy:
    """The copy, in a private folder of its own."""

    def __init__(self, task: GitTask, ctx: RunContext, git: GitCommand, url: str) -> None:
        self.ctx, self.git, self.url = ctx, git, url
        self.mirror = Mirror(git.folder)
        self._task = task

    def fetch(self, *, may_be_new: bool) -> Head:
        """The task's branch, the default one's commit where it may be made. Raises TaskFailed."""
        branch = rendered_ref(self.ctx, self._task.branch, "branch")
        heads = self.git.run("ls-remote", "--symref", "--", self.url, "HEAD", "refs/heads/*")
        known = set(re.findall(r"\trefs/heads/(\S+)$", heads, re.MULTILINE))
        symbolic = re.search(r"^ref: refs/heads/(\S+)\tHEAD", heads, re.MULTILINE)
        default = symbolic.group(1) if symbolic else "main"
        branch = branch or default
        if branch in known:
            return Head(branch, self._fetch(branch), is_new=False)
        if not may_be_new:
            raise TaskFailed(f"Remote branch {branch} not found in upstream origin", is_final=True)
        base = next((name for name in (default, "main", "master") if name in known), None)
        return Head(branch, self._fetch(base) if base else None, is_new=True)

    def _fetch(self, branch: str) -> str:
        spec = f"+refs/heads/{branch}:{_BASE}"
        options = [
            "-q",
            "--depth",
            "1",
            "--no-tags",
            "--no-recurse-submodules",
            "--no-write-fetch-head",
        ]
        self.git.run("fetch", *options, "--", self.url, spec)
        return self.git.run("rev-parse", _BASE).strip()

    def tree(self, head: Head) -> Tree:
        """The commit's files. Raises TaskFailed for too many of them."""
        most = int(self.ctx.settings.get("git_max_files") or 100_000)
        try:
            return Tree(self.mirror, head.sha, most)
        except RefusedTree as error:
            raise TaskFailed(str(error), is_final=True) from None

    def read(self, files: Mapping[str, TreeFile], most: int = MOST_TEXT) -> dict[str, bytes]:
        """The bytes of small files, by the names given. Raises TaskFailed for a refused one."""
        blobs = dict(self.blobs(files, most))
        return {name: blobs[file.blob] for name, file in files.items()}

    def blobs(
        self, files: Mapping[str, TreeFile], most: int = MOST_BYTES
    ) -> Iterator[tuple[str, bytes]]:
        """The bytes of files by their blob's id, few of them at once. Raises TaskFailed."""
        for name, file in files.items():
            if file.problem and not file.is_link:
                raise TaskFailed(f"{name}: {file.problem}", is_final=True)
            if file.size > most:
                raise TaskFailed(f"{name}: larger than {most} bytes", is_final=True)
        yield from self.mirror.read({file.blob: file.size for file in files.values()})

    def ignored(self, tree: Tree, folder: str, names: list[str]) -> set[str]:
        """Of names within a folder, those that its `.kestraignore` leaves out."""
        path = f"{folder}/{IGNORE_FILE}".lstrip("/")
        try:
            file = tree.find(path)
        except RefusedTree as error:
            raise TaskFailed(str(error), is_final=True) from None
        if file is None:
            return set()
        patterns = self.read({path: file})[path].decode("utf-8", "replace")
        return self.mirror.ignored(names, patterns)

    def commit(
        self, head: Head, files: Mapping[str, bytes | Path | None], message: str, author: Person
    ) -> str | None:
        """A commit over the branch; None when the files change nothing."""
        if not files:
            return None
        try:
            return write_commit(
                self.git.folder,
                NewCommit(
                    parent=head.sha,
                    files=files,
                    message=message.strip() + "\n",
                    author=author,
                    committer=author,
                    at=self.ctx.services.now(),
                ),
            )
        except NothingChanged:
            return None

    def regions(self, head: Head, sha: str) -> dict[str, list[Region]]:
        """The changed regions of each file that a commit changes."""
        return self.mirror.regions(head.sha or EMPTY_TREE, sha)

    def push(self, head: Head, sha: str) -> None:
        """Pushes a commit, never by force. Raises BranchMoved; TaskFailed with the remote's words.

        The lease is the very commit that `sha` was made over: what others pushed is never lost.
        """
        ref = f"refs/heads/{head.branch}"
        lease = f"--force-with-lease={ref}:{'' if head.is_new else head.sha}"
        command = ["push", "--porcelain", "--no-verify", lease, "--", self.url, f"{sha}:{ref}"]
        code, out, err = self.git.attempt(*command)
        if code == 0:
            return
        refused = [line for line in out.splitlines() if line.startswith("!")]
        words = "; ".join(line.strip() for line in [*err[-8:], *refused] if line.strip())
        if refused and _MOVED.search(words):
            raise BranchMoved(f"the remote rejected the push to {head.branch}: {words}")
        self.ctx.log.error("the push was rejected: %s", words)
        message = f"the push to {head.branch} was rejected: {words}"
        if known := advice(words):
            message = f"{message}: {known}"
        raise TaskFailed(message, is_final=bool(refused))


@contextmanager
def copy_of(task: GitTask, ctx: RunContext) -> Iterator[Copy]:
    """A copy of the task's repository, gone after the block. Raises TaskFailed."""
    url = task.address(ctx)
    with TemporaryDirectory(prefix="trunkline-copy-") as name, task.git(ctx, Path(name)) as git:
        git.run("init", "-q", "--bare")
        task.configure(ctx, git, Path(name))
        yield Copy(task, ctx, git, url)
