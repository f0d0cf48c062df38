"""Inputs that a flow declares (flow language 2): the declaration, not the conversion of values.

`app/language` checks declarations, `app/service/inputs.py` converts what a user submits.
"""

from enum import StrEnum
from typing import Any

from pydantic import AliasChoices, Field

from app.model.property import WireModel

INPUT_ID_PATTERN = r"^[a-zA-Z0-9][.a-zA-Z0-9_-]*$"


class InputType(StrEnum):
    """The types of values that a flow may ask for or give."""

    STRING = "STRING"
    SELECT = "SELECT"
    ENUM = "ENUM"
    MULTISELECT = "MULTISELECT"
    INT = "INT"
    FLOAT = "FLOAT"
    BOOL = "BOOL"
    BOOLEAN = "BOOLEAN"
    DATETIME = "DATETIME"
    DATE = "DATE"
    TIME = "TIME"
    DURATION = "DURATION"
    FILE = "FILE"
    JSON = "JSON"
    YAML = "YAML"
    URI = "URI"
    SECRET = "SECRET"
    ARRAY = "ARRAY"
    EMAIL = "EMAIL"
    ION = "ION"


class DependsOn(WireModel):
    """An input that counts only when other inputs have certain values."""

    inputs: tuple[str, ...] = ()
    condition: str | None = None


class Input(WireModel):
    """One input of a flow or of a Pause; fields that its type does not have stay None."""

    id: str = Field(
        pattern=INPUT_ID_PATTERN, max_length=256, validation_alias=AliasChoices("id", "name")
    )
    type: InputType
    description: str | None = None
    display_name: str | None = Field(None, max_length=64)
    required: bool = True
    defaults: Any = None
    prefill: Any = None
    depends_on: DependsOn | None = None
    validator: str | None = None
    min: Any = None
    max: Any = None
    after: str | None = None
    before: str | None = None
    values: tuple[Any, ...] | None = None
    options: tuple[Any, ...] | None = None
    expression: str | None = None
    allow_custom_value: bool = False
    is_radio: bool = False
    auto_select_first: bool = False
    item_type: InputType | None = None
    extension: str | None = None
    allowed_file_extensions: tuple[str, ...] | None = None
    schema_: dict[str, Any] | None = Field(None, alias="schema")


class Output(WireModel):
    """One declared output of a flow: rendered at the end, converted to its type."""

    id: str = Field(pattern=INPUT_ID_PATTERN, max_length=256)
    type: InputType
    value: Any
    description: str | None = None
    display_name: str | None = Field(None, max_length=64)
    required: bool = True
