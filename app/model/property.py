"""Properties of tasks and triggers: wire names, dynamic values, durations.

A *dynamic* property accepts a value of its type or a text with an expression that is rendered when
the task runs (flow language 3.2). Models are frozen, refuse unknown properties and speak camelCase.
"""

from datetime import timedelta
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import (
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, core_schema

from app.errors import Invalid
from app.model.docstrings import Described
from app.model.duration import format_duration, parse_duration

T = TypeVar("T")

#: spellings of the 2.x dialect, which stand beside an older name without replacing it
NEWER_NAMES = frozenset({"when"})
#: for `Field(json_schema_extra=…)`: a property that is accepted for older flows only
DEPRECATED: dict[str, Any] = {"$deprecated": True}


class WireModel(Described):
    """Base of everything that a flow document may hold: frozen, strict about names, camelCase."""

    model_config = ConfigDict(
        frozen=True,
        defer_build=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        arbitrary_types_allowed=True,
        coerce_numbers_to_str=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, data: Any) -> Any:
        """A property that is written as null counts as not written (YAML's `key:`)."""
        if isinstance(data, dict) and None in data.values():
            return {key: value for key, value in data.items() if value is not None}
        return data


def has_expression(value: object) -> bool:
    """Whether a value is a text that has to be rendered."""
    return isinstance(value, str) and ("{{" in value or "{%" in value)


class DynamicMarker:
    """Makes a property accept, besides its own type, any text that holds an expression."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Expression texts pass as they are; everything else must fit the property's type.

        Limits of a text may stand at the property; those of other types stand at the type.
        """
        wanted = get_args(source)[0] if get_origin(source) is Union else source
        is_text = wanted is str
        inner = handler(source) if is_text else handler.generate_schema(wanted)

        def validate(value: Any, follow: core_schema.ValidatorFunctionWrapHandler) -> Any:
            if has_expression(value):
                return value
            if is_text and isinstance(value, bool):
                return "true" if value else "false"
            return follow(value)

        return core_schema.no_info_wrap_validator_function(validate, inner)

    def __get_pydantic_json_schema__(
        self, source: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Its own type, or a text; marked `$dynamic`."""
        inner = handler(source)
        if inner == {"type": "string"}:
            return {"type": ["string", "number", "boolean"], "$dynamic": True}
        return {"anyOf": [inner, {"type": "string"}], "$dynamic": True}


#: `Dynamic[int]`: an int, or a text with an expression that renders to one. Read it with
#: `ctx.read(self.depth, int)` or, for texts, `ctx.render(self.url)`.
Dynamic = Annotated[Union[T, str], DynamicMarker()]  # noqa: UP007 - needs a TypeVar slot


def _read_duration(value: object) -> object:
    if isinstance(value, str):
        try:
            return parse_duration(value)
        except Invalid as error:
            raise ValueError(error.summary) from None
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return timedelta(seconds=value)
        except (OverflowError, ValueError):
            raise ValueError(f"{str(value)[:40]} seconds are longer than 1,000 years") from None
    return value


#: A duration written in ISO-8601 (a bare number is seconds).
Duration = Annotated[
    timedelta,
    BeforeValidator(_read_duration),
    PlainSerializer(format_duration, return_type=str),
]
