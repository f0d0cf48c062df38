"""Which model stands behind each part of a document.

Works on plain data, so it answers for a wrong document too: that is how a message can say what was
meant, and how a name that is on its way out is found.
"""

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from app.language.document import Path
from app.model.flow import Flow
from app.model.names import properties
from app.model.task import Typed
from app.plugin.registry import Registry


@dataclass(frozen=True)
class Part:
    """An object of a document with the model that reads it."""

    path: Path
    model: type[BaseModel]
    data: Mapping[str, Any]
    is_known: bool = True  #: False: there is no such type, `model` is what it should be


def parts(data: Mapping[str, Any], registry: Registry) -> Iterator[Part]:
    """Every object of a flow document that a model reads, outermost first."""
    return (part for part in all_parts(data, registry) if part.is_known)


def all_parts(data: Mapping[str, Any], registry: Registry) -> Iterator[Part]:
    """As `parts`, and with them the objects whose type is unknown; what those hold is left out."""
    yield from _walk(Flow, data, (), registry)


def _walk(
    model: type[BaseModel], data: Mapping[str, Any], path: Path, registry: Registry
) -> Iterator[Part]:
    if issubclass(model, Typed):
        name = data.get("type")
        found = registry.find(name) if isinstance(name, str) else None
        if found is None or not issubclass(found, model):
            yield Part(path, model, data, is_known=False)
            return
        model = found
    yield Part(path, model, data)
    fields = properties(model)
    for key, value in data.items():
        if key in fields and isinstance(value, Mapping | list):
            yield from _inside(fields[key].annotation, value, (*path, key), registry)


def _inside(annotation: Any, value: Any, path: Path, registry: Registry) -> Iterator[Part]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from _inside(arguments[0], value, path, registry)
    elif origin in (Union, types.UnionType):
        yield from _one_of(arguments, value, path, registry)
    elif isinstance(value, Mapping):
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from _walk(annotation, value, path, registry)
        elif origin in (dict, Mapping):
            for key, item in value.items():
                yield from _inside(arguments[1], item, (*path, key), registry)
    elif isinstance(value, list) and origin in (tuple, list) and arguments:
        for i, item in enumerate(value):
            yield from _inside(arguments[0], item, (*path, i), registry)


def _one_of(choices: Any, value: Any, path: Path, registry: Registry) -> Iterator[Part]:
    """The parts under the first member of a union that has any; one of a known type, if can be."""
    unknown: list[Part] = []
    for choice in choices:
        if isinstance(value, Mapping) and not _may_be(choice, value):
            continue
        found = list(_inside(choice, value, path, registry))
        if any(part.is_known for part in found):
            yield from found
            return
        unknown = unknown or found
    yield from unknown


def _may_be(choice: Any, value: Mapping[str, Any]) -> bool:
    """Whether a model's `type`, where it is a constant, is the one that is written."""
    if not (isinstance(choice, type) and issubclass(choice, BaseModel)):
        return True
    field = choice.model_fields.get("type")
    if field is None or get_origin(field.annotation) is not Literal:
        return True
    return value.get("type") in get_args(field.annotation)
