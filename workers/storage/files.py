"""Write, Concat, Split, Reverse, Size and Delete."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from pydantic import Field

from app.expression.values import to_text
from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.task import Output, TaskFailed
from app.service.kept import is_kept
from app.storage.paths import execution_folder
from workers import files
from workers.runner.engine import size_of
from workers.storage.base import StorageTask, bytes_of, rows_of, scratch

_NEW = "io.kestra.plugin.core.storage."
_OLD = "io.kestra.core.tasks.storages."


class UriOutput(Output):
    """Where the result is."""

    uri: str


def _ending(ctx: RunContext, value: Any, default: str) -> str:
    text = str(ctx.render(value) or default)
    if not re.fullmatch(r"\.?[\w.-]{0,30}", text):
        raise TaskFailed(f"`extension` {text[:40]!r} is no ending of a file")
    return text if not text or text.startswith(".") else "." + text


class Write(StorageTask):
    """Write a text into a stored file."""

    type_name: ClassVar[str] = _NEW + "Write"
    output: ClassVar[type[Output] | None] = UriOutput

    content: Dynamic[Any]
    """The content."""
    extension: Dynamic[str] | None = None
    """The end of the file's name, as `.txt`."""

    def run(self, ctx: RunContext) -> UriOutput:
        """Gives the file's URI."""
        with scratch("write" + _ending(ctx, self.extension, "")) as path:
            path.write_text(to_text(ctx.render(self.content)), encoding="utf-8")
            return UriOutput(uri=ctx.put_file(path))


class Concat(StorageTask):
    """Join stored files."""

    type_name: ClassVar[str] = _NEW + "Concat"
    aliases: ClassVar[tuple[str, ...]] = (_OLD + "Concat",)
    output: ClassVar[type[Output] | None] = UriOutput

    files: Dynamic[Any]
    """A list of URIs, or its JSON text."""
    separator: Dynamic[str] | None = None
    """Between the files."""
    extension: Dynamic[str] = ".tmp"
    """The end of the file's name."""

    def run(self, ctx: RunContext) -> UriOutput:
        """Gives the URI of the joined file."""
        uris = ctx.render(self.files)
        if isinstance(uris, str):
            try:
                uris = json.loads(uris)
            except ValueError:
                raise TaskFailed("`files` is no JSON list of URIs") from None
        separator = str(ctx.render(self.separator) or "").encode()
        with scratch("concat" + _ending(ctx, self.extension, ".tmp")) as path:
            with path.open("wb") as target:
                for uri in filter(None, uris):
                    with self.source(ctx, uri) as stream:
                        while part := stream.read(1 << 20):
                            target.write(part)
                    target.write(separator)
            return UriOutput(uri=ctx.put_file(path))


class SplitOutput(Output):
    """The parts, in order."""

    uris: list[str]


class Split(StorageTask):
    """Cut a stored file into parts, by rows, by size, or into a number of parts."""

    type_name: ClassVar[str] = _NEW + "Split"
    aliases: ClassVar[tuple[str, ...]] = (_OLD + "Split",)
    output: ClassVar[type[Output] | None] = SplitOutput

    from_: Dynamic[str] = Field(alias="from")
    """The URI of the file."""
    rows: Dynamic[int] | None = None
    """Rows of a part."""
    partitions: Dynamic[int] | None = None
    """The number of parts."""
    bytes: Dynamic[str] | None = None
    """As `10MB`; a part ends with the row that reaches it."""
    separator: Dynamic[str] = "\n"
    """What ends a row."""

    def run(self, ctx: RunContext) -> SplitOutput:
        """Gives the URIs of the parts."""
        separator = str(ctx.render(self.separator))
        rows, count = ctx.read(self.rows, int), ctx.read(self.partitions, int)
        size = ctx.render(self.bytes)
        with self.source(ctx, self.from_) as stream, scratch() as path:
            found, folder = rows_of(stream, separator), path.parent
            if size:
                limit = size_of(size)
                parts = _in_turn(found, separator, folder, lambda _rows, bytes: bytes >= limit)
            elif count and count > 0:
                parts = _dealt(found, separator, folder, count)
            elif rows:
                parts = _in_turn(found, separator, folder, lambda number, _size: number >= rows)
            else:
                raise TaskFailed("one of `bytes`, `partitions` and `rows` must be set")
            return SplitOutput(uris=[self._put(ctx, *part) for part in enumerate(parts, 1)])

    def _put(self, ctx: RunContext, number: int, part: Path) -> str:
        uri = ctx.put_file(part, f"part-{number:06}")
        part.unlink()
        return uri


def _in_turn(
    rows: Iterator[str], separator: str, folder: Path, is_full: Callable[[int, int], bool]
) -> Iterator[Path]:
    """Files of rows that follow each other; `is_full` is asked with a part's rows and bytes."""
    path, row = folder / "part", next(rows, None)
    while row is not None:
        count, size = 0, 0
        with path.open("wb") as target:
            while row is not None and not (count and is_full(count, size)):
                size += target.write(bytes_of(row + separator))
                count += 1
                row = next(rows, None)
        yield path


def _dealt(rows: Iterator[str], separator: str, folder: Path, count: int) -> Iterator[Path]:
    """Rows dealt to so many files, one after the other; empty ones are left out."""
    while piece := list(islice(rows, count * max(1, 100_000 // count))):
        for number in range(min(count, len(piece))):
            with (folder / str(number)).open("ab") as target:
                target.writelines(bytes_of(row + separator) for row in piece[number::count])
    paths = (folder / str(number) for number in range(count))
    return (path for path in paths if path.exists())


class Reverse(StorageTask):
    """Turn the order of a stored file's rows round."""

    type_name: ClassVar[str] = _NEW + "Reverse"
    aliases: ClassVar[tuple[str, ...]] = (_OLD + "Reverse",)
    output: ClassVar[type[Output] | None] = UriOutput

    from_: Dynamic[str] = Field(alias="from")
    """The URI of the file."""
    separator: Dynamic[str] = "\n"
    """What ends a row."""
    charset: Dynamic[str] = "UTF-8"
    """How its text is encoded."""

    def run(self, ctx: RunContext) -> UriOutput:
        """Gives the URI of the turned file."""
        separator = str(ctx.render(self.separator))
        with self.source(ctx, self.from_) as stream:
            rows = rows_of(stream, separator)
            ending = PurePosixPath(str(ctx.render(self.from_))).suffix
            with scratch("reverse" + ending) as path:
                _turn_round(rows, separator, path)
                return UriOutput(uri=ctx.put_file(path))


def _turn_round(rows: Iterator[str], separator: str, target: Path) -> None:
    """Writes the rows in the other order; a piece of them is in memory at a time."""
    pieces: list[Path] = []
    while piece := list(islice(rows, 100_000)):
        pieces.append(target.with_name(f"piece-{len(pieces)}"))
        with pieces[-1].open("wb") as out:
            out.writelines(bytes_of(row + separator) for row in reversed(piece))
    with target.open("wb") as out:
        for path in reversed(pieces):
            with path.open("rb") as source:
                shutil.copyfileobj(source, out)
            path.unlink()


class SizeOutput(Output):
    """How large it is, in bytes."""

    size: int


class Size(StorageTask):
    """Tell how large a stored file is."""

    type_name: ClassVar[str] = _NEW + "Size"
    aliases: ClassVar[tuple[str, ...]] = (_OLD + "Size",)
    output: ClassVar[type[Output] | None] = SizeOutput

    uri: Dynamic[str]
    """The URI of the file."""

    def run(self, ctx: RunContext) -> SizeOutput:
        """Counts its bytes: the URI is checked by opening it."""
        size = 0
        with self.source(ctx, self.uri) as stream:
            while part := stream.read(1 << 20):
                size += len(part)
        return SizeOutput(size=size)


class DeleteOutput(Output):
    """What was deleted."""

    uri: str
    deleted: bool


class Delete(StorageTask):
    """Delete a stored file."""

    type_name: ClassVar[str] = _NEW + "Delete"
    aliases: ClassVar[tuple[str, ...]] = (_OLD + "Delete",)
    output: ClassVar[type[Output] | None] = DeleteOutput

    uri: Dynamic[str]
    """The URI of the file."""
    error_on_missing: Dynamic[bool] = False
    """Whether a file that is not there fails the task."""

    def run(self, ctx: RunContext) -> DeleteOutput:
        """Raises TaskFailed for a file of another execution, or a missing one when asked to."""
        uri = str(ctx.render(self.uri))
        try:
            self.source(ctx, uri).close()
        except TaskFailed:
            if ctx.storage.exists(uri) or ctx.read(self.error_on_missing, bool):
                raise
            return DeleteOutput(uri=uri, deleted=False)
        return DeleteOutput(uri=uri, deleted=ctx.storage.delete(uri))


class LocalFilesOutput(Output):
    """The files that were kept, by path."""

    uris: dict[str, str]


class LocalFiles(StorageTask):
    """Write files into the working directory, keep files of it (older way of doing both)."""

    type_name: ClassVar[str] = _NEW + "LocalFiles"
    aliases: ClassVar[tuple[str, ...]] = (
        _OLD + "LocalFiles",
        "io.kestra.core.tasks.flows.LocalFiles",
    )
    output: ClassVar[type[Output] | None] = LocalFilesOutput
    is_deprecated: ClassVar[bool] = True

    inputs: Dynamic[Any] | None = None
    """Files for the working directory: contents or URIs by relative path."""
    outputs: Dynamic[list[str]] | None = None
    """Patterns of files that are stored."""

    def run(self, ctx: RunContext) -> LocalFilesOutput:
        """Gives the URIs of the files that fit `outputs`."""
        folder = ctx.working_dir
        files.write_inputs(ctx, folder, None, self.inputs)
        return LocalFilesOutput(uris=files.collect(ctx, folder, self.outputs))


class PurgeFilesOutput(Output):
    """The files that were deleted."""

    uris: list[str]


class PurgeCurrentExecutionFiles(StorageTask):
    """Delete every file that this execution has stored."""

    type_name: ClassVar[str] = _NEW + "PurgeCurrentExecutionFiles"
    aliases: ClassVar[tuple[str, ...]] = (
        _OLD + "PurgeExecution",
        _NEW + "PurgeExecution",
    )
    output: ClassVar[type[Output] | None] = PurgeFilesOutput

    def run(self, ctx: RunContext) -> PurgeFilesOutput:
        """Gives the URIs of the files that are gone."""
        ids = ctx.ids
        folder = execution_folder(ids.namespace, ids.flow_id, ids.execution_id)
        found = list(ctx.storage.list(folder))
        return PurgeFilesOutput(
            uris=[uri for uri in found if not is_kept(uri) and ctx.storage.delete(uri)]
        )
