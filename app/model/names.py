"""The names that a document may give the properties of a model, those of earlier dialects too."""

from collections.abc import Mapping
from functools import cache

from pydantic import AliasChoices, BaseModel
from pydantic.fields import FieldInfo

from app.model.property import NEWER_NAMES


@cache
def properties(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a model by each name that a document may give them."""
    found: dict[str, FieldInfo] = {}
    for name, field in model.model_fields.items():
        for wire in spellings(name, field):
            found[wire] = field
    return found


def spellings(name: str, field: FieldInfo) -> list[str]:
    """The names of a field in documents, the present one first."""
    names = [field.alias or name]
    if isinstance(field.validation_alias, AliasChoices):
        names = [str(choice) for choice in field.validation_alias.choices]
    elif isinstance(field.validation_alias, str):
        names = [field.validation_alias]
    return [wire for wire in names if wire != name or "_" not in wire]


@cache
def older_names(model: type[BaseModel]) -> dict[str, str]:
    """Names of earlier dialects, with the one that replaced each."""
    found: dict[str, str] = {}
    for name, field in model.model_fields.items():
        present, *others = spellings(name, field) or [name]
        found.update({other: present for other in others if other not in NEWER_NAMES})
    return found


def is_deprecated(field: FieldInfo) -> bool:
    """Whether a property is accepted for older flows only."""
    extra = field.json_schema_extra
    return isinstance(extra, Mapping) and bool(extra.get("$deprecated"))
