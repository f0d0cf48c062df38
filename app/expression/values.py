"""How values look, compare and count as true: Java's ways, where users can see them."""

import json
import math
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from app.expression.errors import ExpressionError
from app.model.duration import format_duration


def double_text(value: float) -> str:
    """A double as Java prints it: `1.0`, `1.0E10`, `1.0E-5`."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    size = abs(value)
    number = Decimal(repr(float(value)))
    if size == 0 or 1e-3 <= size < 1e7:
        text = format(number, "f")
        return text if "." in text else text + ".0"
    digits, _, exponent = f"{number:E}".partition("E")
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return f"{digits if '.' in digits else digits + '.0'}E{int(exponent)}"


def instant_text(value: datetime) -> str:
    """An aware moment in ISO-8601; UTC ends in `Z`; the fraction only as long as needed."""
    text = value.strftime("%Y-%m-%dT%H:%M:%S")
    if value.microsecond:
        digits = f"{value.microsecond:06d}"
        text += "." + (digits[:3] if digits.endswith("000") else digits)
    if value.tzinfo is None:
        return text
    if value.utcoffset() == timedelta(0):
        return text + "Z"
    return text + value.strftime("%z")[:3] + ":" + value.strftime("%z")[3:5]


class Long(int):
    """An integer of 64 bits, where its Java class shows."""


class BigInteger(int):
    """An integer of any size, where its Java class shows."""


class SingleFloat(float):
    """A float of 32 bits: as many digits as those tell apart."""

    def __new__(cls, value: Any) -> "SingleFloat":
        """The number of the shortest text with the same 32 bits. Raises OverflowError."""
        bits = struct.pack("f", float(value))
        texts = (f"{float(value):.{size}g}" for size in range(1, 10))
        return super().__new__(cls, next(t for t in texts if struct.pack("f", float(t)) == bits))


#: numbers that Python and Java print in different ways: only then is JSON written the slow way
_ODD_NUMBER = re.compile(r"\d{8}\.\d|0\.000|\de[+-]|NaN|Infinity")


def to_json(value: Any) -> str:
    """Compact JSON, keys in their order, numbers as Java prints them."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_json_default)
    return "".join(_json_pieces(value)) if _ODD_NUMBER.search(text) else text


def _json_pieces(value: Any) -> Iterator[str]:
    if isinstance(value, float):
        text = double_text(value)
        yield text if math.isfinite(value) else f'"{text}"'
    elif isinstance(value, Mapping):
        for n, (key, item) in enumerate(value.items()):
            yield ("," if n else "{") + json.dumps(to_text(key), ensure_ascii=False) + ":"
            yield from _json_pieces(item)
        yield "}" if value else "{}"
    elif isinstance(value, list | tuple):
        for n, item in enumerate(value):
            yield "," if n else "["
            yield from _json_pieces(item)
        yield "]" if value else "[]"
    else:
        yield json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_json_default)


def _json_default(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence | set | frozenset | range):
        return list(value)
    if isinstance(value, Decimal):
        return float(value)
    return to_text(value)


def to_text(value: Any) -> str:
    """What an output prints (flow language 8.1)."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return double_text(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return format_duration(value)
    return to_json(value)


def is_truthy(text: Any) -> bool:
    """The rule of rendered conditions: not `false`, `0`, `-0`, empty or null (5.2)."""
    if text is None:
        return False
    return to_text(text).strip() not in ("false", "0", "-0", "")


def is_true(value: Any, where: str, *, null: bool | None = None) -> bool:
    """Truth in `if`, `and`, `or`; a null is an error unless `null` gives its truth (8.4)."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal):
        return value != 0
    if isinstance(value, str):
        return value != ""
    if value is None and null is not None:
        return null
    kind = "null" if value is None else type_name(value)
    raise ExpressionError(f"{where} needs a boolean, not {kind}")


def type_name(value: Any) -> str:
    """The name of a value's type for messages."""
    if isinstance(value, Mapping):
        return "map"
    if isinstance(value, str):
        return "string"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float | Decimal):
        return "number"
    if isinstance(value, Sequence):
        return "list"
    return type(value).__name__


def is_number(value: Any) -> bool:
    """Whether a value is a number (booleans are none)."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def is_empty(value: Any) -> bool:
    """Null, blank text, empty list or map."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, Mapping | Sequence):
        return len(value) == 0
    return False


def equals(left: Any, right: Any) -> bool:
    """Numbers by value across types; a boolean equals no number; else plain equality."""
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    if is_number(left) != is_number(right):
        return False
    return bool(left == right)


def compare(left: Any, right: Any, operator: str) -> int | None:
    """-1, 0 or 1; None when either is null. Raises ExpressionError for what has no order."""
    if left is None or right is None:
        return None
    kinds: tuple[Any, ...] = (str, datetime, date, timedelta)
    same = any(isinstance(left, kind) and isinstance(right, kind) for kind in kinds)
    if same or (is_number(left) and is_number(right)):
        return int(left > right) - int(left < right)
    raise ExpressionError(
        f"cannot compare {type_name(left)} and {type_name(right)} with `{operator}`"
    )


def utc(moment: datetime) -> datetime:
    """The same moment in UTC."""
    return moment.astimezone(UTC)
