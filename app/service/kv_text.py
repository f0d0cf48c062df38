"""The value of a key as clients write it: JSON, or a bare ISO date or duration."""

from typing import Any

from app.errors import Invalid
from app.model.json_text import decode
from app.service.kv import kind_of


def read(text: str) -> tuple[Any, str]:
    """The value and its type. Raises Invalid for text that is neither."""
    stripped = text.strip()
    kind = kind_of(stripped)
    if kind in ("DATETIME", "DATE", "DURATION"):
        return stripped, kind
    try:
        value = decode(stripped)
    except ValueError as error:
        raise Invalid(f"the value is no JSON: {error}") from None
    if value is None:
        raise Invalid("the value must not be null")
    return value, kind_of(value)
