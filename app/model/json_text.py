"""JSON that every database takes, and every client of the API can read.

JSON has no NaN and no infinity. A script or an expression may make them; they are kept as the texts
"NaN", "Infinity" and "-Infinity", as the reference's encoder writes them.
"""

import json
import math
from collections.abc import Callable
from typing import Any

Encode = Callable[[Any], str]


class _Encoder(json.JSONEncoder):
    def encode(self, o: Any) -> str:
        try:
            return json.JSONEncoder.encode(self, o)
        except ValueError:  # rare: only then is the value walked
            return json.JSONEncoder.encode(self, finite(o))


def encoder(**options: Any) -> Encode:
    """Makes what turns values into JSON; `options` are those of `json.JSONEncoder`.

    No closure is given: psycopg, which keeps one type for each, would warn of it.
    """
    return _Encoder(allow_nan=False, **options).encode


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
