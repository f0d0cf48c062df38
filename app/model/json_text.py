"""JSON that every database takes, and every client of the API can read.

JSON has no NaN and no infinity. A script or an expression may make them; they are kept as the texts
"NaN", "Infinity" and "-Infinity", as the reference's encoder writes them.
"""

import json
import math
from collections.abc import Callable
from typing import Any

Encode = Callable[[Any], str]


def encoder(**options: Any) -> Encode:
    """Makes what turns values into JSON; `options` are those of `json.JSONEncoder`."""
    strict = json.JSONEncoder(allow_nan=False, **options).encode

    def encode(value: Any) -> str:
        try:
            return strict(value)
        except ValueError:  # rare: only then is the value walked
            return strict(finite(value))

    return encode


def finite(value: Any) -> Any:
    """The value with texts for NaN and the infinities, whatever holds them."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return value


encode = encoder()


def decode(text: str | bytes) -> Any:
    """The data of a JSON text. Raises ValueError, also for NaN, 1e999 and endless nesting."""
    try:
        return json.loads(text, parse_constant=_no_constant, parse_float=_number)
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text[:20]} is too large")
    return number
