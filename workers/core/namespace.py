"""Namespace files: UploadFiles, DownloadFiles, DeleteFiles, PurgeFiles."""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, ClassVar

from app.errors import TrunklineError
from app.model.property import Dynamic
from app.plugin.context import Effect, RunContext
from app.plugin.task import Output, Queue, RunnableTask, TaskFailed
from app.storage.paths import file_name, matches_glob, namespace_folder, safe_path, uri_of
from workers import files
from workers.core.dates import moment, purged_namespaces, texts

_NEW = "io.kestra.plugin.core.namespace."
_CONFLICTS = ("OVERWRITE", "ERROR", "SKIP")


def _namespace(ctx: RunContext, value: Any) -> str:
    namespace = str(ctx.render(value) or ctx.ids.namespace)
    ctx.services.check_namespace(ctx.ids.namespace, namespace)
    return namespace


def _show_changes(ctx: RunContext, namespace: str) -> None:
    """An execution is pinned to the files of its start, but for what it changes itself."""
    if namespace == ctx.ids.namespace:
        ctx.effect(Effect(kind="files", data={"namespace": namespace}))


class FilesOutput(Output):
    """The files, by path."""

    files: dict[str, str]


class UploadFiles(RunnableTask):
    """Put files of the working directory, or stored ones, into a namespace."""

    type_name: ClassVar[str] = _NEW + "UploadFiles"
    queue: ClassVar[Queue] = Queue.DEFAULT
    output: ClassVar[type[Output] | None] = FilesOutput

    namespace: Dynamic[str]
    """Whose files they become."""
    files: Dynamic[Any] | None = None
    """Globs of the working directory and URIs, or a map of paths to URIs."""
    files_map: Dynamic[dict[str, Any]] | None = None
    """Paths in the namespace to URIs."""
    destination: Dynamic[str] = "/"
    """The folder that a list's files go to."""
    conflict: Dynamic[str] = "OVERWRITE"
    """For a file that is there: `OVERWRITE`, `ERROR` or `SKIP`."""

    def run(self, ctx: RunContext) -> FilesOutput:
        """Each file is a new version. Raises TaskFailed for a conflict, or no file at all."""
        namespace = _namespace(ctx, self.namespace)
        conflict = str(ctx.render(self.conflict)).upper()
        if conflict not in _CONFLICTS:
            raise TaskFailed(f"`conflict` must be one of {', '.join(_CONFLICTS)}")
        if self.files is None and self.files_map is None:
            raise TaskFailed("`files` or `filesMap` must be given")
        uploaded: dict[str, str] = {}
        for path, stream in self._chosen(ctx):
            with stream:
                try:
                    stored = ctx.services.files.write(namespace, path, stream, conflict)
                except TrunklineError as error:
                    raise TaskFailed(str(error)) from None
            if stored:
                uploaded[path] = uri_of(f"{namespace_folder(namespace)}/_files/{path}")
        ctx.metric("counter", "uploaded", len(uploaded))
        _show_changes(ctx, namespace)
        return FilesOutput(files=uploaded)

    def _chosen(self, ctx: RunContext) -> Iterator[tuple[str, BinaryIO]]:
        folder = str(ctx.render(self.destination) or "/").strip("/")
        rendered = ctx.render_typed(self.files)
        if isinstance(rendered, str) and rendered.lstrip().startswith(("[", "{")):
            is_map = rendered.lstrip().startswith("{")
            rendered = ctx.read(self.files, dict if is_map else list)
        maps = [rendered] if isinstance(rendered, Mapping) else []
        if self.files_map is not None:
            maps.append(ctx.read(self.files_map, dict) or {})
        for chosen in maps:
            for path, uri in chosen.items():
                yield safe_path(str(path)), ctx.open_uri(str(uri))
        if isinstance(rendered, Mapping) or rendered is None:
            return
        names = [rendered] if isinstance(rendered, str) else [str(name) for name in rendered]
        for uri in (name for name in names if "://" in name):
            yield safe_path(f"{folder}/{file_name(uri)}"), ctx.open_uri(uri)
        globs = [name for name in names if "://" not in name]
        for found in files.every_file(ctx.working_dir) if globs else []:
            relative = found.relative_to(ctx.working_dir).as_posix()
            if any(matches_glob(relative, glob) for glob in globs):
                yield safe_path(f"{folder}/{relative}"), found.open("rb")


class DownloadFiles(RunnableTask):
    """Take files of a namespace into this execution."""

    type_name: ClassVar[str] = _NEW + "DownloadFiles"
    queue: ClassVar[Queue] = Queue.DEFAULT
    output: ClassVar[type[Output] | None] = FilesOutput

    namespace: Dynamic[str]
    """Whose files are read."""
    files: Dynamic[Any]
    """A path or glob, or a list of them."""
    destination: Dynamic[str] = ""
    """A folder that the paths of the output begin with."""

    def run(self, ctx: RunContext) -> FilesOutput:
        """Path (with a leading slash) to the URI of a copy."""
        namespace = _namespace(ctx, self.namespace)
        globs = texts(ctx, self.files)
        folder = str(ctx.render(self.destination) or "").strip("/")
        found: dict[str, str] = {}
        for path, uri in ctx.services.files.list(namespace).items():
            if any(matches_glob(path, glob) for glob in globs):
                shown = f"{folder}/{path}" if folder else path
                with ctx.storage.open(uri) as stream:
                    found["/" + shown] = ctx.put_stream(stream, shown)
        ctx.metric("counter", "downloaded", len(found))
        return FilesOutput(files=found)


class DeleteFiles(RunnableTask):
    """Remove files of a namespace."""

    type_name: ClassVar[str] = _NEW + "DeleteFiles"
    queue: ClassVar[Queue] = Queue.DEFAULT

    namespace: Dynamic[str]
    """Whose files are deleted."""
    files: Dynamic[Any]
    """A path or glob, or a list of them."""
    delete_parent_folder: Dynamic[bool] = False
    """Whether folders that are empty then go too."""

    def run(self, ctx: RunContext) -> None:
        """Earlier versions stay readable."""
        namespace = _namespace(ctx, self.namespace)
        globs = texts(ctx, self.files)
        known = ctx.services.files.list(namespace)
        gone = [path for path in known if any(matches_glob(path, glob) for glob in globs)]
        folders = bool(ctx.read(self.delete_parent_folder, bool))
        ctx.services.files.delete(namespace, gone, folders=folders)
        _show_changes(ctx, namespace)
        ctx.metric("counter", "deleted", len(gone))


class PurgeFilesOutput(Output):
    """How many versions were removed."""

    size: int


class PurgeFiles(RunnableTask):
    """Remove old versions of namespace files for good."""

    type_name: ClassVar[str] = _NEW + "PurgeFiles"
    queue: ClassVar[Queue] = Queue.DEFAULT
    output: ClassVar[type[Output] | None] = PurgeFilesOutput

    namespaces: Dynamic[list[str]] | None = None
    """Namespaces whose files are meant."""
    namespace_pattern: Dynamic[str] | None = None
    """A pattern of namespaces, instead of their list."""
    file_pattern: Dynamic[str] | None = None
    """A pattern of paths; all files if none."""
    behavior: Dynamic[dict[str, Any]] | None = None
    """`{type: version, before: date, keepAmount: number}`; the newest version is kept by default"""
    include_child_namespaces: Dynamic[bool] = True
    """Whether namespaces below are meant too."""

    def run(self, ctx: RunContext) -> PurgeFilesOutput:
        """Raises TaskFailed for both ways to name namespaces."""
        names = purged_namespaces(
            ctx, self.namespaces, self.namespace_pattern, self.include_child_namespaces
        )
        behavior = ctx.read(self.behavior, dict)
        before = moment(ctx, (behavior or {}).get("before"), "before")
        keep: Any = 1 if behavior is None else behavior.get("keepAmount")
        if keep is not None and (not str(keep).isdecimal()):
            raise TaskFailed("`keepAmount` must be a number")
        glob = str(ctx.render(self.file_pattern) or "**")
        count = int(keep) if keep is not None else None
        size = ctx.services.files.purge(names, glob, before, count)
        ctx.log.info("purged %s versions of files in %s namespaces", size, len(names))
        return PurgeFilesOutput(size=size)
