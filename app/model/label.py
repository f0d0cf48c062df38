"""Labels: pairs of texts on flows and executions; a map or a list of pairs in documents."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

SYSTEM_PREFIX = "system."
CORRELATION_ID = "system.correlationId"
READ_ONLY = "system.readOnly"


def read_labels(value: Any) -> dict[str, str]:
    """Labels of a document as one map of texts, the last of a repeated key winning.

    Raises ValueError for a value that is no text, number or boolean.
    """
    pairs: Iterable[tuple[Any, Any]]
    if value is None:
        return {}
    if isinstance(value, Mapping):
        pairs = value.items()
    elif isinstance(value, list | tuple):
        pairs = [_pair(item) for item in value]
    else:
        raise ValueError("labels must be a map or a list of {key, value}")
    return {_text(key, "key"): _text(item, f"value of label {key!r}") for key, item in pairs}


def _pair(item: Any) -> tuple[Any, Any]:
    if not isinstance(item, Mapping) or "key" not in item or "value" not in item:
        raise ValueError("a label in a list must have `key` and `value`")
    return item["key"], item["value"]


def _text(value: Any, what: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError(f"the {what} must be a text, a number or a boolean")


def merge_labels(*layers: Mapping[str, str]) -> dict[str, str]:
    """All labels together; later layers win."""
    merged: dict[str, str] = {}
    for layer in layers:
        merged.update(layer)
    return merged


_TEXT = {"type": ["string", "number", "boolean"]}
_PAIR = {"type": "object", "properties": {"key": {"type": "string"}, "value": _TEXT}}
Labels = Annotated[
    dict[str, str],
    BeforeValidator(read_labels),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "object", "additionalProperties": _TEXT},
                {"type": "array", "items": {**_PAIR, "required": ["key", "value"]}},
            ]
        }
    ),
]
