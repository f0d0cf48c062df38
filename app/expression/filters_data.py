"""Filters on lists, maps, numbers and documents (JSON, YAML, Ion, jq)."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from app.expression import jq_programs, operators
from app.expression.calls import filter_
from app.expression.errors import ExpressionError
from app.expression.values import (
    BigInteger,
    Long,
    SingleFloat,
    compare,
    equals,
    is_number,
    is_true,
    to_json,
    to_text,
    type_name,
)


def plain(value: Any) -> Any:
    """A value as JSON data: lazy maps become dicts, dates become texts."""
    return json.loads(to_json(value))


def _items(value: Any, name: str) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ExpressionError(f"`{name}` needs a list, not {type_name(value)}")
    return list(value)


@filter_("first")
def first(value: Any) -> Any:
    """The first item or character; null of an empty list."""
    if value is None:
        return None
    items = value if isinstance(value, str) else _items(value, "first")
    if not items:
        return "" if isinstance(value, str) else None
    return items[0]


@filter_("last")
def last(value: Any) -> Any:
    """The last item or character; null of an empty list."""
    if value is None:
        return None
    items = value if isinstance(value, str) else _items(value, "last")
    if not items:
        return "" if isinstance(value, str) else None
    return items[-1]


@filter_("length", ".length", ".size")
def length(value: Any) -> int:
    """Characters of a text, items of a list or map; 0 of anything else."""
    return len(value) if isinstance(value, str | Mapping | Sequence) else 0


@filter_("join")
def join(value: Any, separator: str = "") -> Any:
    """The items' texts, a separator between them."""
    if value is None:
        return None
    return to_text(separator).join(to_text(item) for item in _items(value, "join"))


@filter_("slice")
def slice_(value: Any, from_index: int = 0, to_index: int | None = None) -> Any:
    """A part of a list or text. Raises ExpressionError out of range."""
    if value is None:
        return None
    items = value if isinstance(value, str) else _items(value, "slice")
    end = len(items) if to_index is None else to_index
    if not 0 <= from_index <= end <= len(items):
        raise ExpressionError(f"`slice` from {from_index} to {end} is out of range")
    return items[from_index:end]


@filter_("merge")
def merge(value: Any, items: Any) -> Any:
    """Maps and lists as one of the left one's kind.

    A list gives a map each item as key and value; a map gives a list its entries.
    """
    if value is None and items is None:
        raise ExpressionError("`merge` needs two maps or lists, not two nulls")
    if value is None or items is None:
        return items if value is None else value
    if isinstance(value, Mapping):
        if not isinstance(items, Mapping):
            items = {to_text(item): item for item in _items(items, "merge")}
        return {**value, **items}
    if isinstance(items, Mapping):
        items = [{"key": key, "value": item} for key, item in items.items()]
    return [*_items(value, "merge"), *_items(items, "merge")]


@filter_("keys", ".keySet")
def keys(value: Any) -> Any:
    """The keys of a map, the indices of a list."""
    if value is None:
        return None
    return list(value) if isinstance(value, Mapping) else list(range(len(_items(value, "keys"))))


@filter_("values", ".values")
def values(value: Any) -> Any:
    """The values of a map."""
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise ExpressionError(f"`values` needs a map, not {type_name(value)}")
    return list(value.values())


def _sorted(value: Any, *, backwards: bool) -> Any:
    if value is None:
        return None
    items = _items(value, "sort")
    try:
        return sorted(items, reverse=backwards)
    except TypeError:
        return sorted(items, key=to_text, reverse=backwards)


filter_("sort")(lambda value: _sorted(value, backwards=False))
filter_("rsort")(lambda value: _sorted(value, backwards=True))


@filter_("reverse")
def reverse(value: Any) -> Any:
    """The items (or characters) from last to first."""
    if value is None:
        return None
    return value[::-1] if isinstance(value, str) else _items(value, "reverse")[::-1]


@filter_("distinct", "uniq")
def distinct(value: Any) -> Any:
    """Each item once, in order."""
    if value is None:
        return None
    found: list[Any] = []
    for item in _items(value, "distinct"):
        if not any(equals(item, other) for other in found):
            found.append(item)
    return found


@filter_("flatten")
def flatten(value: Any) -> Any:
    """Lists in a list replaced by their items, one level deep."""
    if value is None:
        return None
    found: list[Any] = []
    for item in _items(value, "flatten"):
        found.extend(item) if isinstance(item, list | tuple) else found.append(item)
    return found


@filter_("chunk")
def chunk(value: Any, size: int) -> Any:
    """The list in parts of `size` items."""
    if value is None:
        return None
    if size < 1:
        raise ExpressionError("`chunk` needs a size of 1 or more")
    items = _items(value, "chunk")
    return [items[i : i + size] for i in range(0, len(items), size)]


filter_(".contains")(lambda value, other: operators.contains(value, other))
filter_(".get")(lambda value, key: value.get(key) if isinstance(value, Mapping) else value[key])
filter_(".equals")(equals)
filter_(".containsKey")(lambda value, key: isinstance(value, Mapping) and key in value)
filter_(".entrySet")(lambda value: [{"key": k, "value": v} for k, v in value.items()])
filter_(".isEmpty")(lambda value: not value)


@filter_("abs")
def absolute(value: Any) -> Any:
    """The size of a number."""
    if value is None:
        return None
    if not is_number(value):
        raise ExpressionError("`abs` needs a number")
    return abs(value)


_INTEGERS: dict[str, tuple[int, type[int]]] = {
    "INT": (31, int),
    "LONG": (63, Long),
    "BIGINTEGER": (10_000, BigInteger),
}


@filter_("number")
def number(value: Any, type_: str | None = None) -> Any:
    """The number that a text names, of a type when one is given."""
    if value is None or is_number(value):
        return value
    text = to_text(value).strip()
    try:
        if type_ in _INTEGERS:
            bits, kind = _INTEGERS[type_]
            result = kind(text)
            if not -(2**bits) <= result < 2**bits:
                raise ValueError
            return result
        if type_ == "FLOAT":
            return SingleFloat(text)
        if type_ == "BIGDECIMAL":
            return Decimal(text)
        if type_ is None and text.lstrip("+-").isdigit():
            return int(text) if abs(int(text)) < 2**63 else BigInteger(text)
        return float(text) if type_ else _smallest_float(text)
    except (ValueError, ArithmeticError):
        raise ExpressionError(f"{text[:60]!r} is no number") from None


def _smallest_float(text: str) -> float:
    """32 bits where they hold the number as it was written, else 64."""
    value = float(text)
    try:
        single = SingleFloat(value)
    except OverflowError:
        return value
    return single if single == value else value


#: what stands between thousands and before the fraction, by language; else as in English
_MARKS = dict.fromkeys(("de", "es", "it", "nl", "pt"), ".,") | {"fr": "\u202f,"}


@filter_("numberFormat")
def number_format(value: Any, format: str = "#,##0.###", locale: str | None = None) -> Any:
    """A number in a pattern of Java's DecimalFormat."""
    if value is None:
        return None
    if not is_number(value):
        raise ExpressionError("`numberFormat` needs a number")
    format, locale = to_text(format), to_text(locale)
    whole, _, fraction = format.partition(".")
    percent = Decimal(100) if "%" in format else Decimal(1)
    amount = Decimal(str(value)) * percent
    most = sum(char in "0#" for char in fraction)
    least = fraction.count("0")
    amount = amount.quantize(Decimal(1).scaleb(-most), ROUND_HALF_EVEN)
    digits, _, rest = f"{abs(amount):f}".partition(".")
    rest = rest[:least] + rest[least:].rstrip("0")
    digits = digits.lstrip("0").rjust(whole.count("0"), "0")
    if "," in whole:
        size = len(whole) - whole.rindex(",") - 1
        digits = _grouped(digits, max(sum(c in "0#" for c in whole[-size:]), 1))
    text = digits + ("." + rest if rest else "")
    if (marks := _MARKS.get(locale.lower()[:2])) is not None:
        text = text.translate(str.maketrans(",.", marks))
    prefix = whole[: len(whole) - len(whole.lstrip("$€£"))]
    return ("-" if amount < 0 else "") + prefix + text + ("%" if "%" in format else "")


def _grouped(digits: str, size: int) -> str:
    head = len(digits) % size
    parts = [digits[:head]] if head else []
    parts += [digits[i : i + size] for i in range(head, len(digits), size)]
    return ",".join(parts)


@filter_("toJson", "json", "jsonEncode")
def json_text(value: Any) -> str:
    """JSON text; `null` of null."""
    return to_json(value)


@filter_("string")
def string(value: Any) -> Any:
    """The text of any value."""
    return None if value is None else to_text(value)


@filter_("fromJson")
def from_json(value: Any) -> Any:
    """The data of a JSON text."""
    return parse_json(value, "fromJson")


def parse_json(value: Any, name: str) -> Any:
    """Reads JSON text; null of null. Raises ExpressionError."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise ExpressionError(f"`{name}` needs a text, not {type_name(value)}")
    try:
        return json.loads(value)
    except ValueError as error:
        raise ExpressionError(f"`{name}`: invalid JSON: {error}") from None


@filter_("jq")
def jq(value: Any, expression: str) -> Any:
    """All results of a jq program, as a list; a text is read as JSON first."""
    if value is None:
        return None
    data = parse_json(value, "jq") if isinstance(value, str) else plain(value)
    return jq_programs.results(expression, data)


@filter_("ternary")
def ternary(value: Any, yes: Any, no: Any) -> Any:
    """One of two values, by the truth of the left side."""
    return yes if is_true(value, "`ternary`", null=False) else no


_CLASSES = [
    (bool, "java.lang.Boolean"),
    (str, "java.lang.String"),
    (Long, "java.lang.Long"),
    (BigInteger, "java.math.BigInteger"),
    (SingleFloat, "java.lang.Float"),
    (float, "java.lang.Double"),
    (Decimal, "java.math.BigDecimal"),
    (datetime, "java.time.ZonedDateTime"),
    (date, "java.time.LocalDate"),
    (Mapping, "java.util.LinkedHashMap"),
    (Sequence, "java.util.ArrayList"),
]


@filter_("className")
def class_name(value: Any) -> Any:
    """The name of the Java class that holds such a value."""
    if value is None:
        return None
    if type(value) is int:
        return "java.lang.Integer" if abs(value) < 2**31 else "java.lang.Long"
    return next((name for kind, name in _CLASSES if isinstance(value, kind)), "java.lang.Object")


@filter_("default")
def default_(value: Any, default: Any) -> Any:
    """Its node is `calls._default`, which forgives a missing name; this names its argument."""
    return default if value is None else value


def smallest(values_: Sequence[Any], sign: int) -> Any:
    """The smallest (`sign` -1) or largest (1) of some values."""
    best = None
    for item in values_:
        if item is not None and (best is None or compare(item, best, "max") == sign):
            best = item
    return best
