"""JSON: IonToJson, JsonToIon."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from app.expression.values import to_text
from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.task import TaskFailed
from workers.serdes.rows import Converter, UriOutput, write_rows
from workers.storage.base import scratch

_NEW = "io.kestra.plugin.serdes.json."


def _default(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value.isoformat() if type(value) is date else to_text(value)


class IonToJson(Converter):
    """Turn rows of ION into JSON, one value a line or one list."""

    type_name: ClassVar[str] = _NEW + "IonToJson"
    aliases: ClassVar[tuple[str, ...]] = (_NEW + "JsonWriter",)

    new_line: Dynamic[bool] = True
    """One value a line; else one list, which is held in memory."""
    time_zone_id: Dynamic[str] | None = None
    """The zone of dates without one; the server's if none."""

    def run(self, ctx: RunContext) -> UriOutput:
        """Gives the URI of the JSON file."""
        encoding = self.encoding(ctx)
        by_line = bool(ctx.read(self.new_line, bool))
        count = 0
        with scratch("rows.jsonl" if by_line else "rows.json") as path:
            with path.open("w", encoding=encoding, newline="") as file:
                found = []
                for row in self.rows(ctx):
                    count += 1
                    if by_line:
                        file.write(_dumps(row) + "\n")
                    else:
                        found.append(row)
                if not by_line:
                    file.write(_dumps(found))
            return self.finish(ctx, path, count)


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_default)


class JsonToIon(Converter):
    """Turn JSON, one value a line or one list, into rows of ION."""

    type_name: ClassVar[str] = _NEW + "JsonToIon"
    aliases: ClassVar[tuple[str, ...]] = (_NEW + "JsonReader",)

    new_line: Dynamic[bool] = True
    """One value a line; else one list or value, which is held in memory."""

    def run(self, ctx: RunContext) -> UriOutput:
        """Raises TaskFailed for what is no JSON."""
        encoding = self.encoding(ctx)
        with scratch("rows.ion") as path:
            with (
                self.text(ctx) as source,
                source.open("r", encoding=encoding) as file,
                path.open("w", encoding="utf-8") as target,
            ):
                try:
                    count = write_rows(target, self._values(ctx, file))
                except UnicodeDecodeError as error:
                    raise TaskFailed(f"the file is no {encoding}: {error}") from None
            return self.finish(ctx, path, count)

    def _values(self, ctx: RunContext, file: Any) -> Iterator[Any]:
        if not ctx.read(self.new_line, bool):
            whole = _loads(file.read(), 1)
            yield from whole if isinstance(whole, list) else [whole]
            return
        for number, line in enumerate(file, 1):
            if line.strip():
                yield _loads(line, number)


def _loads(text: str, line: int) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TaskFailed(f"line {line} is no JSON: {error}") from None
