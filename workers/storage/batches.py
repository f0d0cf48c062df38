"""The two steps of a ForEachItem that touch files: the split into batches, the merge of outputs."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar

from app.engine.flowable.for_each_item import MERGE, SPLIT, Batch
from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.task import Output, Queue, RunnableTask, TaskFailed
from workers.runner.engine import size_of
from workers.storage.base import bytes_of, rows_of

_MOST_PARTITIONS = 1000
_CHUNK = 1 << 20


class SplitOutput(Output):
    """A text file with the URI of each batch on a line of its own."""

    splits: str


class BatchSplit(RunnableTask):
    """Cut the file of a ForEachItem into batches; part of that task, not for use by itself."""

    type_name: ClassVar[str] = SPLIT
    queue: ClassVar[Queue] = Queue.DEFAULT
    output: ClassVar[type[Output] | None] = SplitOutput

    items: Dynamic[str]
    """The URI of the file."""
    batch: Batch
    """How it is cut."""

    def run(self, ctx: RunContext) -> SplitOutput:
        """Stores each batch once it is whole; none is ever held in memory."""
        uri = str(ctx.render(self.items))
        if not uri.startswith("kestra://"):
            raise TaskFailed(
                f"Unable to split the items from {uri[:200]}, this is not an internal storage URI!"
            )
        separator = str(ctx.render(self.batch.separator))
        with (
            tempfile.TemporaryDirectory(prefix="trunkline-batches-") as name,
            ctx.open_uri(uri) as stream,
        ):
            folder = Path(name)
            rows = (bytes_of(row + separator) for row in rows_of(stream, separator))
            listed = folder / "splits.txt"
            with listed.open("w", encoding="utf-8") as lines:
                for n, part in enumerate(self._parts(ctx, rows, folder), 1):
                    lines.write(ctx.put_file(part, f"{n:09}.txt") + "\n")
                    part.unlink()
            return SplitOutput(splits=ctx.put_file(listed))

    def _parts(self, ctx: RunContext, rows: Iterator[bytes], folder: Path) -> Iterator[Path]:
        size, count = ctx.render(self.batch.bytes), ctx.read(self.batch.partitions, int)
        if size:
            return in_turn(rows, folder, most_bytes=size_of(size))
        if count is not None:
            if not 0 < count <= _MOST_PARTITIONS:
                raise TaskFailed(f"`partitions` must be between 1 and {_MOST_PARTITIONS}")
            return dealt(rows, folder, count)
        most = ctx.read(self.batch.rows, int)
        if most is None or most < 1:
            raise TaskFailed("`rows` must be at least 1")
        return in_turn(rows, folder, most_rows=most)


def in_turn(
    rows: Iterable[bytes],
    folder: Path,
    *,
    most_rows: int | None = None,
    most_bytes: int | None = None,
) -> Iterator[Path]:
    """Files of consecutive rows; each ends with the row that reaches the limit."""
    path, count, size = folder / "part", 0, 0
    file = path.open("wb")
    try:
        for row in rows:
            file.write(row)
            count, size = count + 1, size + len(row)
            if (most_rows and count >= most_rows) or (most_bytes and size >= most_bytes):
                file.close()
                yield path
                file, count, size = path.open("wb"), 0, 0
        file.close()
        if count:
            yield path
    finally:
        file.close()


def dealt(rows: Iterable[bytes], folder: Path, count: int) -> Iterator[Path]:
    """Rows dealt to so many files, one after the other; empty files are left out."""
    waiting: list[bytearray] = [bytearray() for _ in range(count)]
    limit = max(4096, (8 << 20) // count)
    for n, row in enumerate(rows):
        part = waiting[n % count]
        part += row
        if len(part) >= limit:
            _append(folder / f"part-{n % count}", part)
    for n, part in enumerate(waiting):
        path = folder / f"part-{n}"
        _append(path, part)
        if path.stat().st_size:
            yield path


def _append(path: Path, part: bytearray) -> None:
    with path.open("ab") as file:
        file.write(part)
    part.clear()


class MergeOutput(Output):
    """A file with the outputs of each execution on a line of its own."""

    subflow_outputs: str


class BatchMerge(RunnableTask):
    """Join the outputs of a ForEachItem's executions; part of that task."""

    type_name: ClassVar[str] = MERGE
    queue: ClassVar[Queue] = Queue.DEFAULT
    output: ClassVar[type[Output] | None] = MergeOutput

    calls: str
    """The id of the step that started the executions."""

    def run(self, ctx: RunContext) -> MergeOutput | None:
        """Nothing when there were no batches; executions without outputs are left out."""
        found: Any = ctx.render_typed(f"{{{{ currentEachOutput(outputs['{self.calls}']) }}}}")
        base = (found or {}).get("subflowOutputsBaseUri")
        if base is None:
            return None
        with tempfile.TemporaryFile(prefix="trunkline-merge-") as merged:
            for n in range(int(found["numberOfBatches"])):
                uri = f"{base}/{n}/outputs.ion"
                if ctx.storage.exists(uri):
                    with ctx.open_uri(uri) as stream:
                        shutil.copyfileobj(stream, merged, _CHUNK)
            merged.seek(0)
            return MergeOutput(subflow_outputs=ctx.put_stream(merged, "outputs.ion"))
