"""What the push tasks have in common: files over a branch, a commit, a push, what changed."""

import hashlib
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from pydantic import Field

from app.errors import Invalid
from app.gitops.address import commit_url
from app.gitops.diff import Region, counted
from app.gitops.layout import IGNORE_FILE
from app.gitops.plumbing import Person
from app.gitops.tree import Tree
from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.task import Output, TaskFailed
from app.storage.paths import safe_path
from workers.git.copy import BranchMoved, Copy, copy_of
from workers.git.instance import InstanceTask
from workers.globs import matches_any

Content = bytes | Path
Changes = Mapping[str, Content | None]
_TRIES = 4  #: the push, and three more over what others pushed meanwhile
_IDENTITY = re.compile(r"\s*(.*?)\s*<([^<>]*)>\s*")


class CommitOutput(Output):
    """The commit that was pushed; nothing when nothing changed, or on a dry run."""

    keep_none: ClassVar[frozenset[str]] = frozenset({"commitId", "commitURL"})

    commit_id: str | None = None
    commit_url: str | None = Field(None, alias="commitURL")
    """Where the commit can be read."""


@dataclass(frozen=True)
class Sent:
    """What a push did: the commit (pushed or not), and the changed regions of each file."""

    sha: str | None
    url: str | None
    regions: Mapping[str, list[Region]]


class PushingTask(InstanceTask):
    """A task that commits to a branch."""

    branch: Dynamic[str] | None = "main"
    """It is made from the default branch when the remote does not have it."""
    commit_message: Dynamic[str] | None = None
    """The message of the commit."""
    dry_run: Dynamic[bool] = False
    """Only tell what would change."""
    author_name: Dynamic[str] | None = None
    """`username` when absent."""
    author_email: Dynamic[str] | None = None
    """Without one the server's own identity commits (`git_identity`)."""

    def author_of(self, ctx: RunContext) -> Person:
        """Who commits."""
        name = str(ctx.render(self.author_name) or ctx.render(self.username) or "").strip()
        email = str(ctx.render(self.author_email) or "").strip()
        if name and email:
            return Person(name=name, email=email)
        own = _IDENTITY.fullmatch(str(ctx.settings.get("git_identity") or ""))
        name, email = own.groups() if own else ("Trunkline", "noreply@localhost")
        return Person(name=name, email=email)

    def is_dry(self, ctx: RunContext) -> bool:
        """Whether nothing is pushed."""
        return bool(ctx.read(self.dry_run, bool))

    def message(self, ctx: RunContext, default: str) -> str:
        """The commit's message."""
        return str(ctx.render(self.commit_message) or "").strip() or default

    def send(
        self, ctx: RunContext, changes_of: Callable[[Copy, Tree], Changes], message: str
    ) -> Sent:
        """Commits changes over the branch and pushes them.

        When somebody else pushed meanwhile, the changes are worked out anew over that, three
        times. Raises TaskFailed with the remote's reason.
        """
        with copy_of(self, ctx) as copy:
            for left in reversed(range(_TRIES)):
                head = copy.fetch(may_be_new=True)
                sha = copy.commit(
                    head, changes_of(copy, copy.tree(head)), message, self.author_of(ctx)
                )
                if sha is None:
                    ctx.log.info("No changes to commit. Skipping push.")
                    return Sent(None, None, {})
                regions = copy.regions(head, sha)
                if self.is_dry(ctx):
                    ctx.log.info("Dry run: %s files would change", len(regions))
                    return Sent(None, None, regions)
                try:
                    copy.push(head, sha)
                except BranchMoved as error:
                    if not left:
                        raise
                    ctx.log.info("%s; trying again over what was pushed", error)
                    continue
                ctx.log.info("Pushed commit %s to %s", sha, head.branch)
                return Sent(sha, commit_url(copy.url, sha, head.branch), regions)
        raise AssertionError("unreachable")


class PushTask(PushingTask):
    """A push task that keeps a folder of the repository."""

    delete: Dynamic[bool] = True
    """Remove files of `gitDirectory` that are not there any more."""

    def put(
        self,
        ctx: RunContext,
        folder: str,
        wanted: Mapping[str, Content],
        globs: list[str],
        message: str,
    ) -> tuple[Sent, str]:
        """Makes a folder hold the wanted files; what was sent, and the file that tells it."""
        deletes = bool(ctx.read(self.delete, bool))

        def changes_of(copy: Copy, tree: Tree) -> Changes:
            there = [path[len(folder) :].lstrip("/") for path in tree.below(folder)]
            ignored = copy.ignored(tree, folder, sorted({*wanted, *there}))
            kept = {name: data for name, data in wanted.items() if name not in ignored}
            gone = [
                name
                for name in there
                if deletes
                and name not in kept
                and name not in ignored
                and name != IGNORE_FILE
                and (not globs or _fits(f"{folder}/{name}".lstrip("/"), globs))
            ]
            return changes(tree, folder, kept, gone)

        sent = self.send(ctx, changes_of, message)
        return sent, put_rows(ctx, diff_rows(sent.regions))


def changes(
    tree: Tree, folder: str, wanted: Mapping[str, Content], gone: Iterable[str]
) -> dict[str, Content | None]:
    """Paths of the repository to what must be written, or removed, to have the wanted files.

    A file that stands in the way of a folder, or the reverse, goes. Raises TaskFailed where the
    folder itself lies below a file or a link.
    """
    blocking = tree.blocking(folder)
    if blocking is not None:
        raise TaskFailed(f"`gitDirectory` {folder!r}: {blocking} is no folder", is_final=True)
    found: dict[str, Content | None] = {f"{folder}/{name}".lstrip("/"): None for name in gone}
    full = {f"{folder}/{name}".lstrip("/"): data for name, data in wanted.items()}
    parents = {str(p) for path in full for p in PurePosixPath(path).parents}
    for path in tree.entries:
        if path in parents or any(str(p) in full for p in PurePosixPath(path).parents):
            found[path] = None
    for path, data in full.items():
        known = tree.entries.get(path)
        if known is None or known.blob != _blob(data) or known.is_link:
            found[path] = data
    return found


def _blob(content: Content) -> str:
    """The id that Git gives to these bytes."""
    size = len(content) if isinstance(content, bytes) else content.stat().st_size
    digest = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
    if isinstance(content, bytes):
        digest.update(content)
    else:
        with content.open("rb") as stream:
            while part := stream.read(1 << 20):
                digest.update(part)
    return digest.hexdigest()


def _fits(path: str, globs: list[str]) -> bool:
    """By its path in the repository, its name, or its name without the ending."""
    name = PurePosixPath(path)
    return any(matches_any(text, globs) for text in (path, name.name, name.stem))


def folder_of(ctx: RunContext, value: Any, name: str = "gitDirectory") -> str:
    """A rendered folder of the repository; empty is its root. Raises TaskFailed."""
    text = str(ctx.render(value) or "").strip()
    if not text.strip("/."):
        if ".." in text:
            raise TaskFailed(f"`{name}` {text!r} leaves the repository", is_final=True)
        return ""
    try:
        found = safe_path(text, name)
    except Invalid as error:
        raise TaskFailed(f"`{name}`: {error}", is_final=True) from None
    if ".git" in found.lower().split("/"):
        raise TaskFailed(f"`{name}` {text!r} is Git's own folder", is_final=True)
    return found


def patterns(ctx: RunContext, value: Any) -> list[str]:
    """A glob, a list of them, or an expression that gives a JSON list."""
    rendered = ctx.render_typed(value)
    if isinstance(rendered, str) and rendered.lstrip().startswith("["):
        rendered = ctx.read(value, list)
    if rendered is None or rendered == "":
        return []
    return [rendered] if isinstance(rendered, str) else [str(item) for item in rendered]


def diff_rows(found: Mapping[str, list[Region]]) -> list[dict[str, Any]]:
    """How many lines of each file changed, as texts."""
    rows = []
    for file, regions in sorted(found.items()):
        added, deleted, changed = counted(regions)
        row = {"file": file, "additions": f"+{added}", "deletions": f"-{deleted}"}
        rows.append({**row, "changes": str(changed)})
    return rows


def put_rows(ctx: RunContext, rows: Iterable[Any], name: str = "diffs.ion") -> str:
    """Stores values, one a line: JSON is ION too. Their URI."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return ctx.put_stream(io.BytesIO(text.encode()), name)
