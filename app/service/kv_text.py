"""The value of a key as clients write it: JSON, or a bare ISO date or duration."""

import json
from collections.abc import Mapping
from typing import Any

from app.errors import Invalid
from app.model.json_text import decode
from app.service.crypto import is_sealed
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


MOST_SHOWN, HIDDEN = (
    100,
    "•••",
)  #: characters; what stands for a secret


def preview(value: Any) -> str:
    """The beginning of a stored value as JSON, for a list; what is encrypted is not shown."""
    text = json.dumps(_readable(value), ensure_ascii=False)
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 1]}…"


def _readable(value: Any) -> Any:
    if is_sealed(value):
        return HIDDEN
    if isinstance(value, Mapping):
        return {key: _readable(item) for key, item in value.items()}
    return [_readable(item) for item in value] if isinstance(value, list) else value
