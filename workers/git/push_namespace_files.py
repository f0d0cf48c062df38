"""PushNamespaceFiles: files of a namespace to a folder of a repository."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.task import Output, TaskFailed
from workers.git.pushing import CommitOutput, Content, PushTask, folder_of, patterns
from workers.globs import matches_any


class PushFilesOutput(CommitOutput):
    """The commit, and what it changed."""

    files: str | None = None
    """A file of rows `{file, additions, deletions, changes}`."""


class PushNamespaceFiles(PushTask):
    """Commit files of a namespace and push them to Git."""

    type_name: ClassVar[str] = "io.kestra.plugin.git.PushNamespaceFiles"
    output: ClassVar[type[Output] | None] = PushFilesOutput

    namespace: Dynamic[str] = "{{ flow.namespace }}"
    """The namespace whose files are pushed."""
    git_directory: Dynamic[str] = "_files"
    """The folder of the files."""
    namespace_directory: Dynamic[str] | None = None
    """A folder of the namespace: only what lies below it is pushed, by its path there."""
    files: Dynamic[Any] | None = None
    """A glob of paths, or a list of them; every file when absent."""
    include_child_namespaces: Dynamic[bool] = False
    """Files of namespaces below go to folders that bear the whole namespace's name."""
    error_on_missing: Dynamic[bool] = False
    """Fail when no file matches."""

    def run(self, ctx: RunContext) -> PushFilesOutput:
        """Raises TaskFailed."""
        folder = folder_of(ctx, self.git_directory)
        globs = patterns(ctx, self.files)
        namespace = str(ctx.render(self.namespace) or "") or ctx.ids.namespace
        with self.exchange(ctx) as exchange:
            self.source(ctx, exchange, namespace)
        message = self.message(ctx, f"Add files from {namespace} namespace")
        with TemporaryDirectory(prefix="trunkline-files-") as name:
            wanted = self._wanted(ctx, namespace, globs, Path(name))
            if not wanted and ctx.read(self.error_on_missing, bool):
                raise TaskFailed("no namespace file matches `files`", is_final=True)
            if not wanted:
                ctx.log.warning("no namespace file matches")
            sent, rows = self.put(ctx, folder, wanted, globs, message)
        return PushFilesOutput(commit_id=sent.sha, commit_url=sent.url, files=rows)

    def _wanted(
        self, ctx: RunContext, namespace: str, globs: list[str], place: Path
    ) -> dict[str, Content]:
        below = folder_of(ctx, self.namespace_directory, "namespaceDirectory")
        names = [namespace]
        if ctx.read(self.include_child_namespaces, bool):
            known = ctx.services.exchange.namespaces()
            names += [n for n in known if n.startswith(namespace + ".")]
        found: dict[str, Content] = {}
        for owner in names:
            for path, uri in ctx.services.files.list(owner).items():
                inner = path.removeprefix(below + "/") if below else path
                if below and inner == path:
                    continue
                if globs and not matches_any(path, globs, anywhere=True):
                    continue
                if ".git" in path.lower().split("/"):
                    ctx.log.warning("%s is named like Git's own folder and is left out", path)
                    continue
                copy = place / str(len(found))
                with ctx.storage.open(uri) as stream, copy.open("wb") as file:
                    shutil.copyfileobj(stream, file, 1 << 20)
                found[inner if owner == namespace else f"{owner}/{inner}"] = copy
        return found
