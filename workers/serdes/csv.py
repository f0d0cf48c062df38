"""CSV: IonToCsv, CsvToIon."""

import csv
import re
from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.expression.date_patterns import format_pattern
from app.expression.values import to_text
from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.task import TaskFailed
from workers.serdes.rows import Converter, UriOutput, write_rows
from workers.storage.base import scratch

_NEW = "io.kestra.plugin.serdes.csv."
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)")


def _char(ctx: RunContext, value: Any, name: str) -> str:
    text = str(ctx.render(value)).replace("\\t", "\t")
    if len(text) != 1:
        raise TaskFailed(f"`{name}` must be one character, not {text[:20]!r}")
    return text


class QuoteMode(StrEnum):
    """Which fields are quoted."""

    ALWAYS = "ALWAYS"
    REQUIRED = "REQUIRED"
    NON_NUMERIC = "NON_NUMERIC"


class IonToCsv(Converter):
    """Turn rows of ION into CSV."""

    type_name: ClassVar[str] = _NEW + "IonToCsv"
    aliases: ClassVar[tuple[str, ...]] = (_NEW + "CsvWriter",)

    header: Dynamic[bool] = True
    """Whether the first line holds the names of the first row's fields."""
    field_separator: Dynamic[str] = ","
    """Between fields; one character."""
    text_delimiter: Dynamic[str] = '"'
    """Around fields that need it; one character."""
    line_delimiter: Dynamic[str] = "\n"
    """At the end of each line."""
    always_delimit_text: Dynamic[bool] = False
    """Older spelling of `quoteMode: ALWAYS`."""
    quote_mode: Dynamic[QuoteMode] | None = None
    """Which fields are quoted; those that need it if none."""
    date_format: Dynamic[str] = "yyyy-MM-dd"
    """A pattern for dates."""
    time_format: Dynamic[str] = "HH:mm:ss[XXX]"
    """Accepted and ignored: rows hold no times without a date."""
    date_time_format: Dynamic[str] = "yyyy-MM-dd'T'HH:mm:ss.SSS[XXX]"
    """A pattern for dates with a time."""
    time_zone_id: Dynamic[str] | None = None
    """The zone of dates without one; the server's if none."""

    def run(self, ctx: RunContext) -> UriOutput:
        """Raises TaskFailed for rows that are lists when a header is asked for."""
        encoding = self.encoding(ctx)
        with scratch("rows.csv") as path:
            with path.open("w", encoding=encoding, newline="") as file:
                writer = _Writer(self, ctx, file)
                for row in self.rows(ctx):
                    writer.add(row)
            return self.finish(ctx, path, writer.count)


class _Writer:
    """One CSV file that is being written."""

    def __init__(self, task: IonToCsv, ctx: RunContext, file: Any) -> None:
        mode = ctx.render(task.quote_mode)
        if mode is None and ctx.read(task.always_delimit_text, bool):
            mode = QuoteMode.ALWAYS
        self._is_numeric_bare = mode == QuoteMode.NON_NUMERIC
        always = mode in (QuoteMode.ALWAYS, QuoteMode.NON_NUMERIC)
        self._csv = csv.writer(
            file,
            delimiter=_char(ctx, task.field_separator, "fieldSeparator"),
            quotechar=_char(ctx, task.text_delimiter, "textDelimiter"),
            lineterminator=str(ctx.render(task.line_delimiter)),
            quoting=csv.QUOTE_NONNUMERIC if always else csv.QUOTE_MINIMAL,
        )
        self._has_header = bool(ctx.read(task.header, bool))
        self._date = str(ctx.render(task.date_format))
        self._date_time = str(ctx.render(task.date_time_format)).replace("[XXX]", "XXX")
        zone = str(ctx.render(task.time_zone_id) or ctx.settings.get("timezone") or "UTC")
        try:
            self._zone = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise TaskFailed(f"unknown time zone {zone[:40]!r}") from None
        self.count = 0

    def add(self, row: Any) -> None:
        """One line; before the first one that of the names."""
        if isinstance(row, dict):
            if self._has_header and self.count == 0:
                self._csv.writerow([str(name) for name in row])
            values = list(row.values())
        elif isinstance(row, list):
            if self._has_header:
                raise TaskFailed("Invalid data of type List with header")
            values = row
        else:
            return
        self._csv.writerow([self._field(value) for value in values])
        self.count += 1

    def _field(self, value: Any) -> Any:
        if value is None:
            return ""
        if isinstance(value, datetime):
            moment = value if value.tzinfo else value.replace(tzinfo=self._zone)
            return format_pattern(moment, self._date_time)
        if isinstance(value, date):
            return format_pattern(datetime(value.year, value.month, value.day), self._date)
        text = to_text(value)
        if self._is_numeric_bare and _NUMBER.fullmatch(text):
            return _Bare(text)
        return text


class _Bare(float):
    """A number that is written as it was, without quotes."""

    def __new__(cls, text: str) -> "_Bare":
        made = super().__new__(cls, float(text))
        made.text = text
        return made

    text: str

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__


class OnBadLines(StrEnum):
    """What happens to a line that does not fit."""

    ERROR = "ERROR"
    WARN = "WARN"
    SKIP = "SKIP"


class CsvToIon(Converter):
    """Turn CSV into rows of ION; `\\N` is null."""

    type_name: ClassVar[str] = _NEW + "CsvToIon"
    aliases: ClassVar[tuple[str, ...]] = (_NEW + "CsvReader",)

    header: Dynamic[bool] = True
    """Whether the first line holds the names of the fields."""
    field_separator: Dynamic[str] = ","
    """Between fields; one character."""
    text_delimiter: Dynamic[str] = '"'
    """Around fields that need it; one character."""
    skip_empty_rows: Dynamic[bool] = False
    """Whether empty lines are left out."""
    error_on_different_field_count: Dynamic[bool] | None = None
    """Accepted and ignored: `onBadLines` says what happens to such a line."""
    on_bad_lines: Dynamic[OnBadLines] = OnBadLines.ERROR
    """What happens to a line that does not fit."""
    skip_rows: Dynamic[int] = 0
    """Lines left out at the start, after the header."""
    max_buffer_size: Dynamic[int] | None = None
    """Accepted and ignored."""
    allow_extra_chars_after_closing_quote: Dynamic[bool] = False
    """Accepted and ignored: such characters are taken."""
    max_field_size: Dynamic[int] = 16 * 1024 * 1024
    """The most characters of a field."""

    def run(self, ctx: RunContext) -> UriOutput:
        """Raises TaskFailed for a line with more or fewer fields than the header."""
        encoding = self.encoding(ctx)
        csv.field_size_limit(ctx.read(self.max_field_size, int) or 16 * 1024 * 1024)
        with scratch("rows.ion") as path:
            with (
                self.text(ctx) as source,
                source.open("r", encoding=encoding, newline="") as file,
                path.open("w", encoding="utf-8") as target,
            ):
                try:
                    count = write_rows(target, self._records(ctx, file))
                except UnicodeDecodeError as error:
                    raise TaskFailed(f"the file is no {encoding}: {error}") from None
            return self.finish(ctx, path, count)

    def _records(self, ctx: RunContext, file: Any) -> Iterator[Any]:
        on_bad = OnBadLines(str(ctx.render(self.on_bad_lines)))
        skip = ctx.read(self.skip_rows, int) or 0
        skips_empty = bool(ctx.read(self.skip_empty_rows, bool))
        names: list[str] | None = None
        has_header = bool(ctx.read(self.header, bool))
        for record in self._lines(ctx, file):
            if not record and skips_empty:
                continue
            if has_header and names is None:
                names = record
            elif skip > 0:
                skip -= 1
            elif names is None:
                yield [_value(field) for field in record or [""]]
            elif len(record or [""]) == len(names):
                yield dict(zip(names, map(_value, record or [""]), strict=True))
            else:
                message = (
                    "Bad line encountered (field count mismatch): "
                    f"Expected {len(names)}, got {len(record)} fields."
                )
                if on_bad is OnBadLines.ERROR:
                    raise TaskFailed(message)
                if on_bad is OnBadLines.WARN:
                    ctx.log.warning("%s", message)

    def _lines(self, ctx: RunContext, file: Any) -> Iterator[list[str]]:
        reader = csv.reader(
            file,
            delimiter=_char(ctx, self.field_separator, "fieldSeparator"),
            quotechar=_char(ctx, self.text_delimiter, "textDelimiter"),
            strict=not ctx.read(self.allow_extra_chars_after_closing_quote, bool),
        )
        try:
            yield from reader
        except csv.Error as error:
            raise TaskFailed(f"line {reader.line_num} is no CSV: {error}") from None


def _value(field: str) -> str | None:
    return None if field == "\\N" else field
