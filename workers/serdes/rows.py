"""Rows of ION, one value a line: what the converters read and write."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, TextIO

from pydantic import Field

from app.library import Library
from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.task import Output, TaskFailed
from workers.storage.base import StorageTask, scratch

simpleion = Library("amazon.ion.simpleion")


class UriOutput(Output):
    """Where the result is."""

    uri: str


class Converter(StorageTask):
    """A task that reads one stored file and writes another."""

    output: ClassVar[type[Output] | None] = UriOutput

    from_: Dynamic[str] = Field(alias="from")
    """The URI of the file."""
    charset: Dynamic[str] = "UTF-8"
    """How its text is encoded."""

    def encoding(self, ctx: RunContext) -> str:
        """The charset of the text side. Raises TaskFailed for one that nobody knows."""
        name = str(ctx.render(self.charset) or "UTF-8")
        try:
            "".encode(name)
        except LookupError:
            raise TaskFailed(f"unknown charset {name[:40]!r}") from None
        return name

    def finish(self, ctx: RunContext, path: Path, records: int) -> UriOutput:
        """Stores the result and counts its records."""
        ctx.metric("counter", "records", records)
        return UriOutput(uri=ctx.put_file(path))

    @contextmanager
    def text(self, ctx: RunContext) -> Iterator[Path]:
        """The source as a file, in UTF-8. Raises TaskFailed.

        Not in the working directory: a script may have put a link in its place.
        """
        with scratch() as path:
            with self.source(ctx, self.from_) as stream, path.open("wb") as file:
                while part := stream.read(1 << 20):
                    file.write(part)
            yield path

    def rows(self, ctx: RunContext) -> Iterator[Any]:
        """Every value of an ION source, a line or more long, as plain data."""
        with self.source(ctx, self.from_) as stream:
            try:
                for value in simpleion.load(stream, single_value=False, parse_eagerly=False):
                    yield plain(value)
            except (simpleion.IonException, ValueError, TypeError) as error:
                raise TaskFailed(f"the file is no ION: {error}") from None


def write_rows(file: TextIO, rows: Iterable[Any]) -> int:
    """Writes values as ION, one a line; how many."""
    count = 0
    for row in rows:
        file.write(str(simpleion.dumps(row, binary=False, omit_version_marker=True)) + "\n")
        count += 1
    return count


def plain(value: Any) -> Any:
    """An ION value as a plain one; dates stay dates."""
    kind = type(value).__name__
    if value is None or kind == "IonPyNull":
        return None
    if kind == "IonPyBool":
        return bool(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return _moment(value)
    kinds: tuple[type[Any], ...] = (bool, int, float, Decimal, str, bytes)
    for plain_kind in kinds:
        if isinstance(value, plain_kind):
            return plain_kind(value)
    return str(getattr(value, "text", value))


def _moment(value: datetime) -> datetime | date:
    """A timestamp with the precision of a day is a date."""
    precision = getattr(value, "precision", None)
    if precision is not None and int(precision) <= 2:
        return date(value.year, value.month, value.day)
    return datetime(
        value.year, value.month, value.day, value.hour, value.minute, value.second,
        value.microsecond, value.tzinfo,
    )  # fmt: skip
