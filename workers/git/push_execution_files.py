"""PushExecutionFiles: files that an execution made, to a folder of a repository."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, ClassVar

from app.errors import Invalid
from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.task import Output, TaskFailed
from app.storage import beneath
from app.storage.paths import safe_path
from workers import files
from workers.git.push_namespace_files import PushFilesOutput
from workers.git.pushing import Content, PushTask, folder_of, patterns, put_rows
from workers.globs import matches_any


class PushExecutionFiles(PushTask):
    """Commit files of this execution and push them to Git."""

    type_name: ClassVar[str] = "io.kestra.plugin.git.PushExecutionFiles"
    output: ClassVar[type[Output] | None] = PushFilesOutput

    git_directory: Dynamic[str] = "_outputs"
    """The folder of the files."""
    files: Dynamic[Any] | None = None
    """Globs of the working directory; else of the `outputFiles` of earlier tasks, every one of
    them when absent."""
    files_map: Dynamic[dict[str, Any]] | None = None
    """Names in the repository to URIs of files; goes before `files`."""
    error_on_missing: Dynamic[bool] = False
    """Fail when no file matches."""

    def run(self, ctx: RunContext) -> PushFilesOutput:
        """Raises TaskFailed."""
        folder = folder_of(ctx, self.git_directory)
        globs = patterns(ctx, self.files)
        message = self.message(ctx, f"Add files from execution {ctx.ids.execution_id}")
        with TemporaryDirectory(prefix="trunkline-files-") as name:
            wanted: dict[str, Content] = {}
            for path, stream in self._chosen(ctx, globs):
                copy = Path(name, str(len(wanted)))
                with stream, copy.open("wb") as file:
                    shutil.copyfileobj(stream, file, 1 << 20)
                wanted[path] = copy
            if not wanted:
                if ctx.read(self.error_on_missing, bool):
                    raise TaskFailed("no file of the execution matches", is_final=True)
                ctx.log.warning("no file of the execution matches: nothing is pushed")
                return PushFilesOutput(files=put_rows(ctx, []))
            sent, rows = self.put(ctx, folder, wanted, globs, message)
        return PushFilesOutput(commit_id=sent.sha, commit_url=sent.url, files=rows)

    def _chosen(self, ctx: RunContext, globs: list[str]) -> Iterator[tuple[str, BinaryIO]]:
        if self.files_map is not None:
            given: Mapping[str, Any] = ctx.read(self.files_map, dict) or {}
            for name, uri in given.items():
                yield _checked(str(name)), ctx.open_uri(str(uri))
            return
        found = [p.relative_to(ctx.working_dir).as_posix() for p in
                 files.every_file(ctx.working_dir)] if globs else []  # fmt: skip
        local = [p for p in found if matches_any(p, globs) and not p.startswith(".git/")]
        for path in local:
            yield _checked(path), beneath.open_read(ctx.working_dir, path)
        if local:
            return
        for name, uri in _outputs(ctx.render_typed("{{ outputs }}")):
            if not globs or matches_any(name, globs, anywhere=True):
                yield _checked(name), ctx.open_uri(uri)


def _checked(name: str) -> str:
    try:
        path = safe_path(name, "file name")
    except Invalid as error:
        raise TaskFailed(str(error), is_final=True) from None
    if ".git" in path.lower().split("/"):
        raise TaskFailed(f"{name!r} is named like Git's own folder", is_final=True)
    return path


def _outputs(outputs: Any) -> Iterator[tuple[str, str]]:
    """Every `outputFiles` entry of the tasks before this one, iterations included."""
    if not isinstance(outputs, Mapping):
        return
    for key in outputs:
        value = outputs.get(key)  # a task that runs has a key and no outputs yet
        if key == "outputFiles" and isinstance(value, Mapping):
            yield from ((str(name), str(uri)) for name, uri in value.items())
        else:
            yield from _outputs(value)
