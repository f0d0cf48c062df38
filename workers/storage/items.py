"""DeduplicateItems and FilterItems: rows of ION, one value a line."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, BinaryIO, ClassVar

from pydantic import Field

from app.errors import TrunklineError
from app.expression.values import is_truthy
from app.library import Library
from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.task import Output, TaskFailed
from workers.storage.base import StorageTask, bytes_of, rows_of, scratch

simpleion = Library("amazon.ion.simpleion")

_NEW = "io.kestra.plugin.core.storage."
_OLD = "io.kestra.core.tasks.storages."


def _items(stream: BinaryIO) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each row with the variables that an expression sees of it."""
    for row in rows_of(stream, "\n"):
        if not row.strip():
            continue
        try:
            value = simpleion.loads(row)
        except (simpleion.IonException, ValueError) as error:
            raise TaskFailed(f"a row is no ION value: {error}") from None
        fields = dict(value) if isinstance(value, Mapping) else {"value": value}
        yield row, {**{str(k): _plain(v) for k, v in fields.items()}, "item": _plain(value)}


def _plain(value: Any) -> Any:
    """An ION value as a plain one: expressions compare by type."""
    if value is None or type(value).__name__ == "IonPyNull":
        return None
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    for kind in (bool, int, float, str):
        if isinstance(value, kind) or (kind is bool and type(value).__name__ == "IonPyBool"):
            return kind(value)
    return value


class DeduplicateOutput(Output):
    """The result and its counts."""

    uri: str
    num_keys: int
    processed_items_total: int
    dropped_items_total: int


class DeduplicateItems(StorageTask):
    """Keep the last item of each key."""

    type_name: ClassVar[str] = _NEW + "DeduplicateItems"
    aliases: ClassVar[tuple[str, ...]] = (_OLD + "DeduplicateItems",)
    output: ClassVar[type[Output] | None] = DeduplicateOutput

    from_: Dynamic[str] = Field(alias="from")
    """The URI of the file."""
    expr: str
    """Gives an item's key; its fields are variables."""

    def run(self, ctx: RunContext) -> DeduplicateOutput:
        """Two passes: the last place of each key, then the rows at those places."""
        last: dict[str, int] = {}
        keys: list[str] = []
        with self.source(ctx, self.from_) as stream:
            for place, (_, fields) in enumerate(_items(stream)):
                key = str(ctx.render(self.expr, fields))
                keys.append(key)
                last[key] = place
        with scratch("deduplicated.ion") as path:
            with self.source(ctx, self.from_) as stream, path.open("wb") as target:
                for place, (row, _) in enumerate(_items(stream)):
                    if last[keys[place]] == place:
                        target.write(bytes_of(row) + b"\n")
            return DeduplicateOutput(
                uri=ctx.put_file(path),
                num_keys=len(last),
                processed_items_total=len(keys),
                dropped_items_total=len(keys) - len(last),
            )


class FilterType(StrEnum):
    """Whether items that meet the condition stay or go."""

    INCLUDE = "INCLUDE"
    EXCLUDE = "EXCLUDE"


class OnError(StrEnum):
    """What happens to an item whose condition fails or gives nothing."""

    FAIL = "FAIL"
    INCLUDE = "INCLUDE"
    EXCLUDE = "EXCLUDE"


class FilterOutput(Output):
    """The result and its counts."""

    uri: str
    processed_items_total: int
    dropped_items_total: int


class FilterItems(StorageTask):
    """Keep the items that meet a condition, or all others."""

    type_name: ClassVar[str] = _NEW + "FilterItems"
    aliases: ClassVar[tuple[str, ...]] = (_OLD + "FilterItems",)
    output: ClassVar[type[Output] | None] = FilterOutput

    from_: Dynamic[str] = Field(alias="from")
    """The URI of the file."""
    filter_condition: str
    """An expression over `item` that must hold."""
    filter_type: Dynamic[FilterType] = FilterType.INCLUDE
    """Whether what the condition holds for is kept, or left out."""
    error_or_null_behavior: Dynamic[OnError] = OnError.FAIL
    """What happens to a row for which the condition fails or gives nothing."""

    def run(self, ctx: RunContext) -> FilterOutput:
        """Raises TaskFailed for an item whose condition fails, unless told otherwise."""
        wanted = str(ctx.render(self.filter_type)) == FilterType.INCLUDE
        on_error = OnError(str(ctx.render(self.error_or_null_behavior)))
        seen = kept = 0
        with scratch("filtered.ion") as path:
            with self.source(ctx, self.from_) as stream, path.open("wb") as target:
                for row, fields in _items(stream):
                    seen += 1
                    if self._stays(ctx, fields, wanted=wanted, on_error=on_error):
                        kept += 1
                        target.write(bytes_of(row) + b"\n")
            return FilterOutput(
                uri=ctx.put_file(path),
                processed_items_total=seen,
                dropped_items_total=seen - kept,
            )

    def _stays(
        self, ctx: RunContext, fields: Mapping[str, Any], *, wanted: bool, on_error: OnError
    ) -> bool:
        try:
            answer = str(ctx.render(self.filter_condition, fields)).strip()
        except TrunklineError as error:
            if on_error is OnError.FAIL:
                raise TaskFailed(f"the condition failed: {error}") from None
            return on_error is OnError.INCLUDE
        if not answer:
            if on_error is OnError.FAIL:
                raise TaskFailed("the condition gave nothing for an item")
            return on_error is OnError.INCLUDE
        return is_truthy(answer) == wanted
