"""Inputs that a flow declares (flow language 2): the declaration, not the conversion of values.

`app/language` checks declarations, `app/service/inputs.py` converts what a user submits.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from pydantic import AliasChoices, Field

from app.model.property import DEPRECATED, WireModel

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
    FORM = "FORM"  #: a group of inputs, named `form.input`


#: types of earlier dialects, with the one that replaced each
OLDER_TYPES = {InputType.BOOLEAN: InputType.BOOL, InputType.ENUM: InputType.SELECT}


class DependsOn(WireModel):
    """An input that counts only when other inputs have certain values."""

    inputs: tuple[str, ...] = ()
    """Ids of inputs that are resolved first."""
    condition: str | None = None
    """An expression over them; unless it is true, the input is left out."""


class Input(WireModel):
    """One input of a flow or of a Pause; fields that its type does not have stay None."""

    id: str = Field(
        pattern=INPUT_ID_PATTERN, max_length=256, validation_alias=AliasChoices("id", "name")
    )
    """Its name; dots make nested objects (`a.b` is `inputs.a.b`)."""
    type: InputType
    """What values it takes."""
    description: str | None = None
    """Markdown, shown in the form."""
    display_name: str | None = Field(None, max_length=64)
    """What the form shows instead of the id."""
    required: bool = True
    """Whether an execution may start without a value."""
    defaults: Any = None
    """The value when none is given; may hold expressions."""
    prefill: Any = None
    """What the form shows at first; never applied by the server."""
    depends_on: DependsOn | None = None
    """Other inputs that it needs, and when it counts."""
    validator: str | None = None
    """A regular expression that the whole value must fit."""
    min: Any = None
    """The smallest value."""
    max: Any = None
    """The largest value."""
    after: str | None = None
    """The earliest moment."""
    before: str | None = None
    """The latest moment."""
    values: tuple[Any, ...] | None = None
    """The choices: texts, or maps with `value` and `label`."""
    options: tuple[Any, ...] | None = Field(None, json_schema_extra=DEPRECATED)
    """Older name of `values` of a MULTISELECT."""
    expression: str | None = None
    """Gives the choices instead of `values`."""
    allow_custom_value: bool = False
    """Whether other values than the choices are taken."""
    is_radio: bool = False
    """Whether the form shows radio buttons."""
    auto_select_first: bool = False
    """Whether the first choice stands in for a missing value."""
    item_type: InputType | None = None
    """The type of the items of a list."""
    extension: str | None = Field(None, json_schema_extra=DEPRECATED)
    """The extension of the stored file."""
    allowed_file_extensions: tuple[str, ...] | None = None
    """Endings that an uploaded file may have, such as `.csv`."""
    accept: tuple[str, ...] | str | None = None
    """Endings and media types of an upload, as in an HTML form: `.csv,image/*`."""
    schema_: dict[str, Any] | None = Field(None, alias="schema")
    """A JSON Schema that the value must fit."""
    inputs: tuple["Input", ...] | None = None
    """The inputs of a FORM; each is known as `form.input`."""


def flat(inputs: Sequence[Input]) -> list[Input]:
    """Inputs with those of each FORM behind it, under their full ids, enabled only with it.

    `dependsOn.inputs` of an input in a FORM names its neighbours by their short ids.
    """
    found: list[Input] = []
    for item in inputs:
        found.append(item)
        if item.type is not InputType.FORM:
            continue
        near = {inner.id for inner in item.inputs or ()}
        for inner in flat(item.inputs or ()):
            needs = inner.depends_on or DependsOn()
            names = [f"{item.id}.{name}" if name in near else name for name in needs.inputs]
            needs = needs.model_copy(update={"inputs": (item.id, *names)})
            changes = {"id": f"{item.id}.{inner.id}", "depends_on": needs}
            found.append(inner.model_copy(update=changes))
    return found


class Output(WireModel):
    """One declared output of a flow: rendered at the end, converted to its type."""

    id: str = Field(pattern=INPUT_ID_PATTERN, max_length=256)
    """Its name."""
    type: InputType
    """What the value is converted to."""
    value: Any
    """Any shape, with expressions."""
    description: str | None = None
    """Markdown."""
    display_name: str | None = Field(None, max_length=64)
    """What is shown instead of the id."""
    required: bool = True
    """Whether a missing value fails the execution."""
