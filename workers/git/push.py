"""Push: files of the working directory, namespace files and flows to a branch (deprecated)."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

from app.gitops.plumbing import Person
from app.gitops.tree import Tree
from app.model.property import Dynamic, WireModel
from app.plugin.context import RunContext
from app.plugin.task import Output, TaskFailed
from app.storage import beneath
from workers import files
from workers.git.copy import Copy
from workers.git.pushing import Changes, Content, PushingTask, changes, folder_of
from workers.git.work_tree import address_of


class Flows(WireModel):
    """Which flows are pushed along."""

    enabled: Dynamic[bool] = True
    """Whether flows are pushed."""
    child_namespaces: Dynamic[bool] = True
    """Whether flows of namespaces below are pushed too."""
    git_directory: Dynamic[str] = "_flows"
    """The folder of the flows."""


class Author(WireModel):
    """Who commits."""

    name: Dynamic[str] | None = None
    """The author's name."""
    email: Dynamic[str] | None = None
    """The author's address."""


class PushOutput(Output):
    """The commit that was pushed; nothing when nothing changed."""

    keep_none: ClassVar[frozenset[str]] = frozenset({"commitId"})

    commit_id: str | None = None


class Push(PushingTask):
    """Commit files and flows and push them.

    With `url` the branch holds exactly these files afterwards; without, they are added to the
    repository that a Clone has put into the working directory.
    """

    type_name: ClassVar[str] = "io.kestra.plugin.git.Push"
    is_deprecated: ClassVar[bool] = True
    output: ClassVar[type[Output] | None] = PushOutput

    branch: Dynamic[str]
    """The branch that is pushed to; made if it is not there."""
    commit_message: Dynamic[str]
    """The message of the commit."""
    directory: Dynamic[str] | None = None
    """The folder of the working directory that holds the files, or the repository."""
    namespace_files: dict[str, Any] | None = None
    """`enabled`, `include`, `exclude`"""
    flows: Flows = Flows()
    """What of the flows is pushed."""
    input_files: Dynamic[Any] | None = None
    """Files that are committed: contents or URIs by relative path."""
    add_files_pattern: Dynamic[list[str]] = ["."]
    """Paths that are added; a folder with all in it."""
    author: Author | None = None
    """The author of the commit; the username if none."""

    def person(self, ctx: RunContext) -> Person | None:
        """The author that the task names, when it names one whole."""
        given = self.author or Author()
        name, email = str(ctx.render(given.name) or ""), str(ctx.render(given.email) or "")
        return Person(name=name, email=email) if name and email else None

    def run(self, ctx: RunContext) -> PushOutput:
        """Raises TaskFailed."""
        inner = folder_of(ctx, self.directory, "directory")
        folder = ctx.working_dir / inner
        if not folder.resolve().is_relative_to(ctx.working_dir.resolve()):
            raise TaskFailed("`directory` leaves the working directory", is_final=True)
        folder.mkdir(parents=True, exist_ok=True)
        files.write_inputs(ctx, folder, self.namespace_files, self.input_files)
        replaces = self.url is not None
        task = self if replaces else self.model_copy(update={"url": address_of(folder)})
        with TemporaryDirectory(prefix="trunkline-files-") as place:
            wanted = dict(self._flow_files(ctx))
            wanted |= self._local(ctx, folder, Path(place))

            def changes_of(copy: Copy, tree: Tree) -> Changes:
                ignored = copy.mirror.ignored(list(wanted), _ignore_text(folder))
                kept = {name: data for name, data in wanted.items() if name not in ignored}
                gone = [p for p in tree.entries if replaces and p not in kept]
                return changes(tree, "", kept, gone)

            message = str(ctx.render(self.commit_message) or "").strip()
            sent = task.send(ctx, changes_of, message or "Push from Trunkline")
        return PushOutput(commit_id=sent.sha)

    def _flow_files(self, ctx: RunContext) -> Iterator[tuple[str, Content]]:
        if not ctx.read(self.flows.enabled, bool):
            return
        place = folder_of(ctx, self.flows.git_directory, "flows.gitDirectory")
        children = bool(ctx.read(self.flows.child_namespaces, bool))
        with self.exchange(ctx) as exchange:
            for flow in exchange.flows(ctx.ids.namespace, children=children):
                if not flow.is_draft:
                    path = f"{place}/{flow.namespace}.{flow.id}.yml".lstrip("/")
                    yield path, flow.source.encode()

    def _local(self, ctx: RunContext, folder: Path, place: Path) -> dict[str, Content]:
        """The files that the patterns name, copied: what is read is a plain file of the folder."""
        given = [str(p).strip().removeprefix("./").rstrip("/")
                 for p in ctx.read(self.add_files_pattern, list) or []]  # fmt: skip
        everything = any(p in ("", ".") for p in given)
        found: dict[str, Content] = {}
        for path in files.every_file(folder):
            name = path.relative_to(folder).as_posix()
            is_named = any(name == p or name.startswith(p + "/") for p in given)
            if ".git" in name.lower().split("/") or not (everything or is_named):
                continue
            content = place / str(len(found))
            with beneath.open_read(folder, name) as stream:
                content.write_bytes(stream.read())
            found[name] = content
        return found

    def author_of(self, ctx: RunContext) -> Person:
        """Who commits."""
        return self.person(ctx) or super().author_of(ctx)


def _ignore_text(folder: Path) -> str:
    """The `.gitignore` at the folder's root."""
    path = folder / ".gitignore"
    if path.is_symlink() or not path.is_file() or path.stat().st_size > 1_000_000:
        return ""
    return path.read_text(encoding="utf-8", errors="replace")
