"""SyncNamespaceFiles: a folder of a repository becomes the files of a namespace."""

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any, ClassVar

from app.gitops.mirror import TreeFile
from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.exchange import Done, IncomingFile, Order
from app.plugin.task import Output, TaskFailed
from app.storage.paths import namespace_folder
from workers.git.pushing import folder_of, put_rows
from workers.git.sync_flows import target_of
from workers.git.syncing import Checkout, FolderSyncTask, SyncOutput, bring, checkout, counts

_STATES = {"UPDATED": "OVERWRITTEN"}


class SyncFilesOutput(SyncOutput):
    """What changed."""

    files: str
    """A file of rows `{gitPath, syncState, kestraPath}`; those of folders end with a slash."""


class SyncNamespaceFiles(FolderSyncTask):
    """Bring the files of a Git folder to a namespace, in one transaction."""

    type_name: ClassVar[str] = "io.kestra.plugin.git.SyncNamespaceFiles"
    output: ClassVar[type[Output] | None] = SyncFilesOutput

    namespace: Dynamic[str] = "{{ flow.namespace }}"
    """The namespace that the files get."""
    git_directory: Dynamic[str] | None = "_files"
    """The folder of the files."""
    namespace_directory: Dynamic[str] | None = None
    """A folder of the namespace: only what lies below it is written and deleted."""
    include_child_namespaces: Dynamic[bool] = False
    """Folders that bear the whole name of a namespace below are that namespace's files."""

    def run(self, ctx: RunContext) -> SyncFilesOutput:
        """Raises TaskFailed."""
        folder = folder_of(ctx, self.git_directory)
        target = target_of(ctx, self.namespace)
        with checkout(self, ctx) as found:
            files = found.find(folder)
            if files is None:
                if ctx.read(self.fail_on_missing_directory, bool):
                    raise TaskFailed(f"The directory '{folder}' was not found", is_final=True)
                ctx.log.warning("the directory '%s' was not found: nothing is changed", folder)
                return SyncFilesOutput(files=put_rows(ctx, []), commit_id=found.head.sha)
            parts = self._parts(ctx, target, files)
            work = _Work(self, ctx, found, folder, parts)
            done = bring(ctx, ctx.services.exchange, work.order())
        rows = sorted(work.rows(done), key=lambda row: str(row["gitPath"] or ""))
        return SyncFilesOutput(
            files=put_rows(ctx, rows), commit_id=found.head.sha, counts=counts(done)
        )

    def _parts(
        self, ctx: RunContext, target: str, files: dict[str, TreeFile]
    ) -> dict[str, dict[str, TreeFile]]:
        """The files of each namespace, by their path in its folder."""
        parts: dict[str, dict[str, TreeFile]] = {target: {}}
        if not ctx.read(self.include_child_namespaces, bool):
            return {target: files}
        for name in ctx.services.exchange.namespaces():
            if name.startswith(target + "."):
                parts[name] = {}
        for path, file in files.items():
            first, _, rest = path.partition("/")
            owner, inner = (
                (first, rest) if rest and first.startswith(target + ".") else (target, path)
            )
            parts.setdefault(owner, {})[inner] = file
        return parts


class _Work:
    """One sync: what it wants of each namespace, and the rows that tell of it."""

    def __init__(
        self,
        task: SyncNamespaceFiles,
        ctx: RunContext,
        found: Checkout,
        folder: str,
        parts: dict[str, dict[str, TreeFile]],
    ) -> None:
        self.task, self.ctx, self.found, self.folder, self.parts = task, ctx, found, folder, parts
        self.target = next(iter(parts))
        self.below = folder_of(ctx, task.namespace_directory, "namespaceDirectory")
        self.deletes = bool(ctx.read(task.delete, bool))
        self.folders = {name: self._folders_of(name) for name in parts}
        self.live = {name: set(ctx.services.files.list(name)) for name in parts}
        self.kept: set[str] = set()

    def order(self) -> Order:
        """What is asked of the server."""
        for name in self.parts:
            self._keep_ignored(name)
        return Order(
            files=[
                IncomingFile(
                    path=self._git_path(name, path),
                    namespace=name,
                    name=f"{self.below}/{path}".lstrip("/"),
                    content=content,
                )
                for name, files in self.parts.items()
                for path, content in self.found.contents(files).items()
            ],
            file_folders=[(name, self.below) for name in self.parts],
            missing="DELETE" if self.deletes else "KEEP",
            allow_empty=bool(self.ctx.read(self.task.allow_empty, bool)),
            dry_run=self.task.is_dry(self.ctx),
            kept=frozenset(self.kept),
            make_namespaces=list(self.parts),
            origin=self.found.origin(),
        )

    def _git_path(self, namespace: str, path: str) -> str:
        owner = "" if namespace == self.target else namespace
        return "/".join(filter(None, [self.folder, owner, path]))

    def _folders_of(self, namespace: str) -> set[str]:
        prefix = self.below + "/" if self.below else ""
        known = self.ctx.services.exchange.folders(namespace)
        return {name[len(prefix) :] for name in known if name.startswith(prefix)}

    def _keep_ignored(self, namespace: str) -> None:
        """What `.kestraignore` names is left alone on the server too."""
        prefix = self.below + "/" if self.below else ""
        owner = "" if namespace == self.target else namespace + "/"
        names = [p[len(prefix) :] for p in self.live[namespace] if p.startswith(prefix)]
        ignored = self.found.ignored(self.folder, [owner + name for name in names])
        ignored |= {owner + ".kestraignore"}
        self.kept |= {f"{namespace}:{prefix}{n.removeprefix(owner)}" for n in ignored}
        folders = [owner + name for name in self.folders[namespace]]
        for name in self.found.ignored_folders(self.folder, folders):
            self.kept.add(f"{namespace}:{prefix}{name.removeprefix(owner)}/")

    def rows(self, done: Done) -> Iterable[dict[str, Any]]:
        """A row for each file and each folder."""
        for change in done.changes:
            state = _STATES.get(change.state, change.state)
            yield _row(change.path, state, change.namespace, change.name)
        prefix = self.below + "/" if self.below else ""
        for name, files in self.parts.items():
            wanted = _parents(files)
            for folder in sorted(wanted):
                state = "UNCHANGED" if folder in self.folders[name] else "ADDED"
                yield _row(self._git_path(name, folder) + "/", state, name, f"{prefix}{folder}/")
            for folder in sorted(self._lost(name, files, prefix)):
                yield _row(None, "DELETED", name, f"{prefix}{folder}/")

    def _lost(self, name: str, files: dict[str, TreeFile], prefix: str) -> set[str]:
        stays = set(files)
        for path in self.live[name]:
            if path.startswith(prefix) and (not self.deletes or f"{name}:{path}" in self.kept):
                stays.add(path[len(prefix) :])
        gone = self.folders[name] - _parents(stays)
        kept = {f for f in gone if f"{name}:{prefix}{f}/" in self.kept}
        return (gone - kept) if self.deletes else gone & set(files)


def _parents(paths: Iterable[str]) -> set[str]:
    return {str(p) for path in paths for p in PurePosixPath(path).parents if str(p) != "."}


def _row(git_path: str | None, state: str, namespace: str, name: str) -> dict[str, Any]:
    place = f"{namespace_folder(namespace)}/_files/{name}"
    return {"gitPath": git_path, "syncState": state, "kestraPath": place}
