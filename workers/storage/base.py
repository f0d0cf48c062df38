"""What storage tasks share: files opened by URI, results put back."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from app.plugin.context import RunContext
from app.plugin.task import Queue, RunnableTask, TaskFailed


class StorageTask(RunnableTask):
    """A task that reads and writes stored files."""

    queue: ClassVar[Queue] = Queue.DEFAULT

    def source(self, ctx: RunContext, value: Any) -> BinaryIO:
        """The file of a rendered URI. Raises TaskFailed."""
        uri = str(ctx.render(value) or "")
        if "://" not in uri:
            raise TaskFailed(f"{uri[:200]!r} is no URI of a stored file")
        return ctx.open_uri(uri)


@contextmanager
def scratch(name: str = "file") -> Iterator[Path]:
    """A path for a result that is being written.

    Not in the working directory: a script may have put a link to another file in its place.
    """
    with tempfile.TemporaryDirectory(prefix="trunkline-storage-") as folder:
        yield Path(folder) / name


def rows_of(stream: BinaryIO, separator: str) -> Iterator[str]:
    """The rows of a text, without their separator; nothing after the last one."""
    rest = ""
    while data := stream.read(1 << 20):
        *rows, rest = (rest + data.decode("utf-8", "surrogateescape")).split(separator)
        yield from rows
    if rest:
        yield rest


def bytes_of(text: str) -> bytes:
    """A row back as the bytes it was."""
    return text.encode("utf-8", "surrogateescape")
