"""Arithmetic, concatenation, containment, ranges (flow language 8.4)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.expression.errors import ExpressionError
from app.expression.values import equals, is_number, to_text, type_name

MOST_ITEMS = 1_000_000


def _numbers(left: Any, right: Any, sign: str) -> tuple[Any, Any]:
    if not (is_number(left) and is_number(right)):
        raise ExpressionError(f"cannot apply `{sign}` to {type_name(left)} and {type_name(right)}")
    if isinstance(left, Decimal) or isinstance(right, Decimal):
        return Decimal(str(left)), Decimal(str(right))
    return left, right


def add(left: Any, right: Any) -> Any:
    """Sum; concatenation when one side is a text; a list grows."""
    if isinstance(left, str) or isinstance(right, str):
        return to_text(left) + to_text(right)
    if isinstance(left, list | tuple):
        return [*left, *(right if isinstance(right, list | tuple) else [right])]
    a, b = _numbers(left, right, "+")
    return _wrap(a + b)


def subtract(left: Any, right: Any) -> Any:
    """Difference; a list loses the items of the right side."""
    if isinstance(left, list | tuple):
        gone = right if isinstance(right, list | tuple) else [right]
        return [item for item in left if not any(equals(item, other) for other in gone)]
    a, b = _numbers(left, right, "-")
    return _wrap(a - b)


def multiply(left: Any, right: Any) -> Any:
    """Product."""
    a, b = _numbers(left, right, "*")
    return _wrap(a * b)


def divide(left: Any, right: Any) -> Any:
    """Quotient: cut towards zero between integers."""
    a, b = _numbers(left, right, "/")
    if isinstance(a, int) and isinstance(b, int):
        if b == 0:
            raise ExpressionError("division by zero")
        quotient = abs(a) // abs(b)
        return quotient if (a < 0) == (b < 0) else -quotient
    if b == 0:
        return float("nan") if a == 0 else float("inf") * (1 if a > 0 else -1)
    return a / b


def modulo(left: Any, right: Any) -> Any:
    """Remainder with the sign of the left side."""
    a, b = _numbers(left, right, "%")
    if b == 0:
        raise ExpressionError("division by zero")
    rest = abs(a) % abs(b)
    return -rest if a < 0 else rest


def _wrap(number: Any) -> Any:
    """Integers are 64 bits wide and wrap around, as in Java."""
    if isinstance(number, int):
        return (number + 2**63) % 2**64 - 2**63
    return number


def negate(value: Any) -> Any:
    """The negative of a number."""
    a, _ = _numbers(value, 0, "-")
    return -a


def contains(left: Any, right: Any) -> bool:
    """An element of a list (all of them, for a list), a key of a map, a part of a text."""
    if left is None:
        return False
    if isinstance(left, str):
        return to_text(right) in left
    if isinstance(left, Mapping):
        return right in left if isinstance(right, str | int | float) else False
    if isinstance(left, Sequence):
        wanted = right if isinstance(right, list | tuple) else [right]
        return all(any(equals(item, other) for item in left) for other in wanted)
    raise ExpressionError(f"`contains` needs a list, a map or a text, not {type_name(left)}")


def is_in(left: Any, right: Any) -> bool:
    """Whether the text of the left side is among the texts of the right side."""
    if left is None or right is None:
        return False
    if isinstance(right, str):
        return to_text(left) in right
    items: list[Any] = []
    if isinstance(right, Mapping):
        items = [*right.keys(), *right.values()]
    elif isinstance(right, Sequence):
        items = list(right)
    return to_text(left) in [to_text(item) for item in items]


def range_of(first: Any, last: Any, step: Any = 1) -> list[Any]:
    """Both ends included; integers or single letters. Raises ExpressionError."""
    if isinstance(first, str) and isinstance(last, str):
        if len(first) != 1 or len(last) != 1:
            raise ExpressionError("a range of texts needs single letters")
        return [chr(code) for code in range_of(ord(first), ord(last), step)]
    if not all(is_number(value) for value in (first, last, step)) or step == 0:
        raise ExpressionError("a range needs two integers or two letters, and a step that is not 0")
    start, end, by = int(first), int(last), int(step)
    if by > 0 and end < start:
        by = -by
    if abs(end - start) // abs(by) >= MOST_ITEMS:
        raise ExpressionError(f"a range holds at most {MOST_ITEMS} items")
    return list(range(start, end + (1 if by > 0 else -1), by))
