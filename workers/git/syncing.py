"""What the sync tasks have in common: a branch as it is now, its folder, what came of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from pydantic import model_validator

from app.errors import TrunklineError
from app.gitops.address import commit_url
from app.gitops.layout import IGNORE_FILE
from app.gitops.mirror import RefusedTree, TreeFile
from app.gitops.tree import FolderNotFound, Tree
from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.exchange import Done, Exchange, Order
from app.plugin.task import Output, TaskFailed
from workers.git.copy import Copy, Head, copy_of
from workers.git.instance import InstanceTask

_SKIPPED = frozenset({".git", ".gitignore", ".gitkeep"})
_FOLDER_MARK = "/a-file-within"


class SyncOutput(Output):
    """Which commit the server holds now."""

    commit_id: str | None = None
    """(extension)"""
    counts: dict[str, int] | None = None
    """`added`, `updated`, `unchanged`, `deleted`, `skipped` (extension)."""


class SyncingTask(InstanceTask):
    """A task that brings a branch's files to the server. A branch that is not there fails it."""

    branch: Dynamic[str] | None = "main"
    """The branch."""
    git_directory: Dynamic[str] | None = None
    """The folder that is read."""
    dry_run: Dynamic[bool] = False
    """Only tell what would change."""
    allow_empty: Dynamic[bool] = False
    """Delete also when the folder is empty, or when most of the namespace would go (extension)."""

    @model_validator(mode="after")
    def _has_url(self) -> Self:
        if not self.url:
            raise ValueError("`url` is required")
        return self

    def is_dry(self, ctx: RunContext) -> bool:
        """Whether nothing is changed."""
        return bool(ctx.read(self.dry_run, bool))


class FolderSyncTask(SyncingTask):
    """A sync task with a folder that may be missing."""

    delete: Dynamic[bool] = False
    """Delete what the folder does not have."""
    fail_on_missing_directory: Dynamic[bool] = True
    """Without the folder nothing is ever deleted."""


@dataclass
class Checkout:
    """A commit of the remote, ready to be read; `place` is a private folder."""

    ctx: RunContext
    copy: Copy
    head: Head
    tree: Tree
    place: Path

    def find(self, folder: str) -> dict[str, TreeFile] | None:
        """Files below a folder by their path in it, ignored ones left out; None: no such folder.

        Raises TaskFailed for links that leave the repository.
        """
        try:
            found = dict(self.tree.walk(folder))
        except FolderNotFound:
            return None
        except RefusedTree as error:
            raise TaskFailed(str(error), is_final=True) from None
        ignored = self.ignored(folder, list(found))
        return {
            name: file
            for name, file in found.items()
            if name not in ignored and name != IGNORE_FILE and not _SKIPPED & set(name.split("/"))
        }

    def ignored(self, folder: str, names: list[str]) -> set[str]:
        """Of names within a folder, those that its `.kestraignore` leaves out."""
        return self.copy.ignored(self.tree, folder, names)

    def ignored_folders(self, folder: str, names: Sequence[str]) -> set[str]:
        """Of folders within a folder, those that are ignored with all that is in them."""
        found = self.ignored(folder, [name + _FOLDER_MARK for name in names])
        return {name.removesuffix(_FOLDER_MARK) for name in found}

    def texts(self, files: dict[str, TreeFile]) -> dict[str, str]:
        """Files as texts. Raises TaskFailed for one that is not UTF-8."""
        found = {}
        for name, data in self.copy.read(files).items():
            try:
                found[name] = data.decode("utf-8-sig")
            except UnicodeDecodeError:
                raise TaskFailed(f"{name}: the file is not UTF-8", is_final=True) from None
        return found

    def contents(self, files: dict[str, TreeFile]) -> dict[str, Path]:
        """Files as files of the private folder."""
        for blob, data in self.copy.blobs(files):
            (self.place / blob).write_bytes(data)
        return {name: self.place / file.blob for name, file in files.items()}

    def origin(self) -> dict[str, Any]:
        """What each revision tells about where it came from."""
        assert self.head.sha is not None
        return {
            "kind": "git",
            "repository": self.copy.url,
            "branch": self.head.branch,
            "commit": self.head.sha,
            "author": self.copy.mirror.commit(self.head.sha).author,
            "url": commit_url(self.copy.url, self.head.sha, self.head.branch),
        }


@contextmanager
def checkout(task: SyncingTask, ctx: RunContext) -> Iterator[Checkout]:
    """The task's branch. Raises TaskFailed when the remote does not have it."""
    with copy_of(task, ctx) as copy, TemporaryDirectory(prefix="trunkline-files-") as place:
        head = copy.fetch(may_be_new=False)
        if ctx.read(task.clone_submodules, bool):
            ctx.log.warning("submodules are not followed by tasks that sync")
        yield Checkout(ctx, copy, head, copy.tree(head), Path(place))


def bring(ctx: RunContext, exchange: Exchange, order: Order) -> Done:
    """Applies an order; what was left out is a warning. Raises TaskFailed with all reasons."""
    try:
        done = exchange.bring(order)
    except TaskFailed:
        raise
    except TrunklineError as error:
        raise TaskFailed(str(error), is_final=True) from None
    for problem in done.skipped:
        ctx.log.warning("%s", problem)
    return done


def counts(done: Done) -> dict[str, int]:
    """How many resources there are of each kind of change."""
    found = dict.fromkeys(("added", "updated", "unchanged", "deleted"), 0)
    for change in done.changes:
        found[change.state.lower()] += 1
    return {**found, "skipped": len(done.skipped)}
