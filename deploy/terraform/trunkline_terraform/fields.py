"""The attributes of a resource: how Terraform sees each, and where it stands in the API's JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tf.schema import Attribute, Schema
from tf.types import Bool, List, Map, NormalizedJson, Number, String, TfType, Unknown


class Json(NormalizedJson):
    """JSON, written as Terraform's `jsonencode` does: what is imported shows no change."""

    def encode(self, value: Any) -> Any:
        """Sorted, without spaces, safe to stand in HTML."""
        if value is None or value is Unknown:
            return value
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        for char in "<>&\u2028\u2029":
            text = text.replace(char, f"\\u{ord(char):04x}")
        return text


TEXT, NUMBER, BOOL, JSON = String(), Number(), Bool(), Json()
TEXTS, TEXT_MAP = List(String()), Map(String())
_EMPTY: tuple[Any, ...] = (None, "", False, [], {})


@dataclass(frozen=True)
class Field:
    """One attribute."""

    name: str
    wire: str = ""
    """Where it stands in the API's JSON, folders parted by dots; empty: not part of it."""
    about: str = ""
    type: TfType = TEXT
    required: bool = False
    fixed: bool = False
    """Another value makes another thing: it is replaced."""
    made: bool = False
    """The server makes it; nobody sets it."""
    secret: bool = False

    def attribute(self) -> Attribute:
        """What is not set takes the server's value: such a field is optional and computed."""
        return Attribute(
            self.name,
            self.type,
            self.about,
            required=self.required,
            optional=not self.required and not self.made,
            computed=not self.required,
            sensitive=self.secret,
            requires_replace=self.fixed,
        )


ID = Field("id", made=True, about="The address in `terraform import`.")


def schema(about: str, fields: Sequence[Field]) -> Schema:
    """The schema of a resource."""
    return Schema(version=1, description=about, attributes=[one.attribute() for one in fields])


def body(fields: Sequence[Field], state: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON that asks for a state: what is set and has a place in it."""
    found: dict[str, Any] = {}
    for field in fields:
        value = state.get(field.name)
        if not field.wire or value is None or value is Unknown:
            continue
        *folders, last = field.wire.split(".")
        place = found
        for folder in folders:
            place = place.setdefault(folder, {})
        place[last] = value
    return found


def read(
    fields: Sequence[Field], data: Mapping[str, Any], known: Mapping[str, Any]
) -> dict[str, Any]:
    """The state that an answer shows; `known` says what the answer cannot or leaves out.

    The API leaves out what is empty, and Terraform tells an empty text from none: an empty value
    that is known stays what it was.
    """
    found: dict[str, Any] = {}
    for field in fields:
        old = known.get(field.name)
        value = _at(data, field.wire) if field.wire else old
        if field.secret or not field.wire:
            value = old
        is_same = value in _EMPTY and old in _EMPTY and old is not None
        found[field.name] = old if is_same else None if value is Unknown else value
    return found


def _at(data: Any, path: str) -> Any:
    for name in path.split("."):
        data = data.get(name) if isinstance(data, Mapping) else None
    return data
