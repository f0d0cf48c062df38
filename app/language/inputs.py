"""Rules between and within declared inputs and outputs (flow language 1.2, 2.1, 2.2)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from app.errors import Invalid
from app.language.document import Path
from app.language.json_schema import schema_error
from app.model.duration import parse_duration
from app.model.input import Input, InputType
from app.model.property import has_expression

_BOUNDS = ("min", "max", "after", "before")
_CHOICES = frozenset({"values", "expression", "allowCustomValue", "isRadio", "autoSelectFirst"})
_SIZE, _TIME = frozenset({"min", "max"}), frozenset({"after", "before"})
_ALL_OWN: dict[InputType, frozenset[str]] = {
    InputType.STRING: frozenset({"validator"}),
    InputType.SECRET: frozenset({"validator"}),
    InputType.SELECT: _CHOICES,
    InputType.ENUM: _CHOICES,
    InputType.MULTISELECT: _CHOICES | {"itemType", "options"},
    InputType.INT: _SIZE,
    InputType.FLOAT: _SIZE,
    InputType.DURATION: _SIZE,
    InputType.DATE: _TIME,
    InputType.TIME: _TIME,
    InputType.DATETIME: _TIME,
    InputType.FILE: frozenset({"extension", "allowedFileExtensions", "accept"}),
    InputType.JSON: frozenset({"schema"}),
    InputType.FORM: frozenset({"inputs"}),
    InputType.ARRAY: frozenset({"itemType"}),
}
_OWN = frozenset().union(*_ALL_OWN.values())


def check_inputs(
    items: Any, where: Path, around: Mapping[str, Input] = MappingProxyType({})
) -> Iterator[tuple[Path, str]]:
    """What is wrong with declared inputs, apart from their shape; `items` is plain data.

    `around` are the inputs beside the FORM that these are in.
    """
    readable = list(_readable(items))
    by_id = {**around, **{item.id: item for _, item in readable}}
    for i, item in readable:
        path = (*where, i)
        yield from _check_type(item, path)
        yield from _foreign(item, items[i], path)
        if item.type is InputType.FORM:
            yield from _check_form(item, items[i], path, by_id)
        for name in item.depends_on.inputs if item.depends_on else ():
            if name not in by_id:
                message = f"Input with id '{item.id}' depends on a non-existent input '{name}'."
                yield (*path, "dependsOn"), message
        cycle = _cycle(item.id, by_id)
        if cycle:
            message = f"Cycle dependency detected for input with id '{item.id}': {cycle}"
            yield (*path, "dependsOn"), message


def _check_form(
    item: Input, data: Mapping[str, Any], path: Path, around: Mapping[str, Input]
) -> Iterator[tuple[Path, str]]:
    if not item.inputs:
        yield (*path, "inputs"), "must not be empty"
    for name in ("defaults", "prefill"):
        if getattr(item, name) is not None:
            yield (*path, name), "a FORM has no value of its own: give one to its inputs"
    ids = [inner.id for inner in item.inputs or ()]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        yield (*path, "inputs"), f"Duplicate input with name [{', '.join(twice)}]"
    yield from check_inputs(data.get("inputs"), (*path, "inputs"), around)


def _readable(items: Any) -> Iterator[tuple[int, Input]]:
    """The inputs whose shape is right; the others are reported by the parser."""
    for i, item in enumerate(items if isinstance(items, list) else ()):
        try:
            yield i, Input.model_validate(item)
        except ValidationError:
            continue


def _foreign(item: Input, data: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, str]]:
    """Properties that other types of input have."""
    for key in data:
        if key in _OWN and key not in _ALL_OWN.get(item.type, ()) and data[key] is not None:
            yield (*path, key), f'Unrecognized field "{key}" for an input of type {item.type}'


def _check_type(item: Input, path: Path) -> Iterator[tuple[Path, str]]:
    if item.type is InputType.ARRAY and item.item_type is None:
        yield (*path, "itemType"), "must not be null"
    if item.item_type is InputType.ARRAY:
        yield (*path, "itemType"), "`itemType` cannot be `ARRAY`"
    if item.values is not None and item.options is not None:
        yield (*path, "options"), "you can't define both `values` and `options`"
    choices = item.values or item.options
    if "expression" in _ALL_OWN.get(item.type, ()) and not (choices or item.expression):
        yield path, "you must define either `values` or `expression`"
    if item.values and item.expression:
        yield (*path, "expression"), "you can't define both `values` and `expression`"
    if item.schema_ is not None and (error := schema_error(item.schema_)) is not None:
        yield (*path, "schema"), f"no JSON Schema: {error}"
    if item.item_type in (InputType.FORM, InputType.FILE):
        yield (*path, "itemType"), f"`itemType` cannot be `{item.item_type}`"
    if item.validator is not None:
        try:
            re.compile(item.validator)
        except re.error:
            yield (*path, "validator"), f"invalid pattern [{item.validator}]"
    yield from _check_bounds(item, path)


def _check_bounds(item: Input, path: Path) -> Iterator[tuple[Path, str]]:
    for name in _BOUNDS:
        value = getattr(item, name)
        if value is not None and name in _ALL_OWN.get(item.type, ()) and not has_expression(value):
            try:
                _read_bound(item.type, value)
            except (ValueError, TypeError, Invalid):
                yield (*path, name), f"{str(value)[:60]!r} is no {item.type}"


def _read_bound(kind: InputType, value: Any) -> Any:
    if kind is InputType.DURATION:
        return parse_duration(str(value))
    if kind in (InputType.INT, InputType.FLOAT):
        return float(value)
    reader: Any = {InputType.DATE: date, InputType.TIME: time}.get(kind, datetime)
    return reader.fromisoformat(str(value))


def _cycle(start: str, by_id: Mapping[str, Input]) -> Sequence[str]:
    """A way from an input through `dependsOn` back to itself; empty when there is none."""
    seen: list[str] = []
    waiting = [start]
    while waiting:
        item = by_id.get(waiting.pop())
        for name in item.depends_on.inputs if item is not None and item.depends_on else ():
            if name == start:
                return [*seen, name]
            if name not in seen:
                seen.append(name)
                waiting.append(name)
    return []
