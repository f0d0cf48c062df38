"""The value of a key as clients write it: JSON, or a bare ISO date or duration."""

import json
from typing import Any

from sqlalchemy import Row

from app.errors import Invalid
from app.model.json_text import decode
from app.service.kv import kind_of, veiled


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


MOST_SHOWN = 100  #: characters


def preview(row: Row[Any]) -> str:
    """The beginning of an entry's value as JSON, for a list; what is encrypted is not shown."""
    text = json.dumps(veiled(row), ensure_ascii=False)
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 1]}…"
