"""The tests after `is`: defined, empty, null, even, odd, iterable, map, json."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from app.expression.calls import TESTS
from app.expression.errors import ExpressionError
from app.expression.values import equals, is_empty, is_number


def _parity(value: Any, wanted: int) -> bool:
    if value is None or not is_number(value):
        raise ExpressionError("`even` and `odd` need a number")
    return int(value) % 2 == wanted


def _is_json(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        json.loads(value)
    except ValueError:
        return False
    return True


TESTS.update(
    {
        "defined": lambda value: value is not None,
        "null": lambda value: value is None,
        "none": lambda value: value is None,
        "empty": is_empty,
        "even": lambda value: _parity(value, 0),
        "odd": lambda value: _parity(value, 1),
        "iterable": lambda value: isinstance(value, Sequence) and not isinstance(value, str),
        "map": lambda value: isinstance(value, Mapping),
        "json": _is_json,
        "equalTo": equals,
    }
)
