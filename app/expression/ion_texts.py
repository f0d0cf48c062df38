"""Ion in expressions: values to text and back."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from app.expression.calls import filter_, function
from app.expression.errors import ExpressionError
from app.expression.filters_data import plain
from app.expression.values import double_text
from app.library import Library

simpleion = Library("amazon.ion.simpleion")
_DAY = 2  #: precision of a timestamp without a time
_SYMBOL = re.compile(r"(?!(?:null|true|false|nan)$)[A-Za-z_][\w$]*", re.ASCII)


@filter_("toIon")
def ion_text(value: Any) -> str:
    """Ion text, compact."""
    return "".join(_pieces(plain(value)))


def _pieces(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for n, (key, item) in enumerate(value.items()):
            yield ("," if n else "{") + _symbol(str(key)) + ":"
            yield from _pieces(item)
        yield "}" if value else "{}"
    elif isinstance(value, list):
        for n, item in enumerate(value):
            yield "," if n else "["
            yield from _pieces(item)
        yield "]" if value else "[]"
    elif isinstance(value, float):
        yield _float(value)
    else:
        yield json.dumps(value, ensure_ascii=False)


def _symbol(name: str) -> str:
    if _SYMBOL.fullmatch(name):
        return name
    return (
        "'"
        + json.dumps(name, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("'", "\\'")
        + "'"
    )


def _float(value: float) -> str:
    """As Java prints it, but for the exponent that makes an Ion number a float."""
    text = double_text(value).replace("E", "e")
    return text if "e" in text else text.removesuffix(".0") + "e0"


@function("fromIon", "ionDecode")
def from_ion(ion: Any, all_rows: bool = False) -> Any:
    """The first record of an Ion text, or all of them."""
    if ion is None:
        return None
    try:
        rows = [_read(row) for row in simpleion.loads(ion, single_value=False)]
    except Exception as error:
        raise ExpressionError(f"`fromIon`: {error}") from None
    return rows if all_rows else (rows[0] if rows else None)


def _read(value: Any) -> Any:
    """An Ion value as JSON data: dates, symbols and blobs become texts."""
    kind = type(value).__name__
    if value is None or kind == "IonPyNull":
        return None
    if isinstance(value, Mapping):
        return {str(key): _read(item) for key, item in value.items()}
    if kind == "IonPySymbol":
        return value.text
    if isinstance(value, list | tuple):
        return [_read(item) for item in value]
    if isinstance(value, datetime):
        # a timestamp of Ion knows how exact it is
        is_day = int(getattr(value, "precision", None) or 9) <= 3
        return value.date().isoformat() if is_day else plain(value)
    if kind == "IonPyBool" or isinstance(value, bool):
        return bool(value)
    for number in (int, float, str):
        if isinstance(value, number):
            return number(value)
    return plain(value)
