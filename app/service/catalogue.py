"""The catalogue of types: groups, documentation, icons and JSON schemas, made from the classes."""

import base64
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from app.engine.flowable.base import FlowableTask
from app.errors import NotFound
from app.model.dashboard import Dashboard
from app.model.input import Input, InputType
from app.model.suite import Suite
from app.model.task import AbstractTrigger, Condition, Task, TaskRunner, Typed
from app.plugin.reference import page_of
from app.plugin.registry import Registry
from app.plugin.schema import DRAFT, language_schema, type_schema

Schema = dict[str, Any]
_KINDS: Mapping[str, type[Typed]] = {
    "tasks": Task,
    "triggers": AbstractTrigger,
    "conditions": Condition,
    "taskRunners": TaskRunner,
}
_OTHERS: Mapping[str, type[BaseModel]] = {"dashboard": Dashboard, "testsuites": Suite}
_UNKNOWN = ("template", "apps")  #: documents of the reference product that we have not


class TypeNotFound(NotFound):
    """No type has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no type {name!r}")


def get(registry: Registry, name: str) -> type[Typed]:
    """The class of a type. Raises TypeNotFound."""
    found = registry.find(name)
    if found is None:
        raise TypeNotFound(name)
    return found


def shown(registry: Registry) -> list[type[Typed]]:
    """The types that authors write; those that only the engine makes are left out."""
    return [cls for cls in registry.list_types() if "$" not in cls.type_name]


def subgroup_of(type_name: str) -> str:
    """`io.kestra.plugin.core.flow.If` as `io.kestra.plugin.core.flow`."""
    return type_name.rpartition(".")[0]


def group_of(type_name: str) -> str:
    """`io.kestra.plugin.core.flow.If` as `io.kestra.plugin.core`."""
    parts = type_name.split(".")
    return ".".join(parts[:4] if parts[:3] == ["io", "kestra", "plugin"] else parts[:1])


def plugins(registry: Registry, *, split: bool = False) -> list[dict[str, Any]]:
    """The groups with their types by kind; `split` divides them by subgroup."""
    found: dict[str, dict[str, Any]] = {}
    for cls in shown(registry):
        group, below = group_of(cls.type_name), subgroup_of(cls.type_name)
        entry = found.setdefault(below if split else group, _group(group, below, split=split))
        for kind, base in _KINDS.items():
            if issubclass(cls, base):
                entry[kind].append(_element(cls))
    return [found[name] for name in sorted(found)]


def _group(group: str, below: str, *, split: bool) -> dict[str, Any]:
    name = (below if split else group).rpartition(".")[2]
    entry: dict[str, Any] = {
        "name": "core" if group.endswith(".core") else group.rpartition(".")[2],
        "title": name,
        "group": group,
        "license": "Apache-2.0",
        "categories": [],
        "aliases": [],
        "guides": [],
    }
    if split:
        entry["subGroup"] = below
    return {**entry, **{kind: [] for kind in _KINDS}}


def _element(cls: type[Typed]) -> dict[str, Any]:
    return {
        "cls": cls.type_name,
        "title": title_of(cls),
        "description": description_of(cls),
        "deprecated": cls.is_deprecated,
    }


def title_of(cls: type[Any]) -> str:
    """The first line of what a class says of itself."""
    return (cls.__doc__ or "").strip().partition("\n")[0]


def description_of(cls: type[Any]) -> str:
    """The rest of what a class says of itself, as Markdown."""
    _, _, rest = (cls.__doc__ or "").strip().partition("\n")
    return "\n".join(line.strip() for line in rest.splitlines()).strip()


def kind_of(cls: type[Typed]) -> str:
    """What a type is for, as the list of groups names it: `tasks`, `triggers`…"""
    return next((kind for kind, base in _KINDS.items() if issubclass(cls, base)), "others")


def documentation(registry: Registry, cls: type[Typed]) -> dict[str, Any]:
    """The reference page of a type in Markdown, and its schema."""
    lines = page_of(cls, registry).splitlines()
    text = "\n".join(line for line in lines if not line.startswith("<!--")).strip() + "\n"
    return {
        "markdown": text,
        "schema": {"outputs": {"properties": {}}, **type_schema(cls, registry)},
    }


def schema(registry: Registry, kind: str, *, array: bool = False) -> Schema:
    """A JSON schema of a whole document or of a part. Raises NotFound for another kind."""
    lower = kind.lower()
    if lower in _OTHERS:
        return _of_model(_OTHERS[lower], array=array)
    if lower in _UNKNOWN:
        return {"$schema": DRAFT, "type": "array" if array else "object"}
    return language_schema(lower, registry, array=array)


def properties(registry: Registry, kind: str) -> Schema:
    """The properties of a document's schema. Raises NotFound."""
    made = schema(registry, kind)
    name = made.get("$ref", "").rpartition("/")[2]
    found: Schema = made.get("definitions", {}).get(name, made).get("properties", {})
    return found


def _of_model(model: type[BaseModel], *, array: bool = False) -> Schema:
    made = model.model_json_schema(by_alias=True, ref_template="#/definitions/{model}")
    definitions = made.pop("$defs", {})
    body = {"type": "array", "items": made} if array else made
    return {"$schema": DRAFT, "definitions": definitions, **body}


def input_types() -> list[dict[str, str]]:
    """The types of inputs."""
    return [
        {"type": kind.value, "cls": f"io.kestra.core.models.flows.input.{_camel(kind)}Input"}
        for kind in InputType
    ]


def _camel(kind: InputType) -> str:
    return kind.value.capitalize()


def input_documentation(name: str) -> dict[str, Any]:
    """Documentation of an input type. Raises TypeNotFound."""
    if name.upper() not in InputType.__members__:
        raise TypeNotFound(name)
    made = _of_model(Input)
    schema = {
        "properties": {k: v for k, v in made.items() if k not in ("$schema", "definitions")},
        "definitions": made["definitions"],
    }
    text = f"# {name.upper()}\n\n{title_of(Input)}\n\n{description_of(Input)}\n"
    return {"markdown": text, "schema": schema}


# -- icons


_COLOURS = ("#3b5bdb", "#0b7285", "#2b8a3e", "#e67700", "#c2255c", "#6741d9", "#495057")


def icon(name: str) -> str:
    """A square with a letter, as SVG: one colour for each group."""
    group = group_of(name)
    colour = _COLOURS[zlib.crc32(group.encode()) % len(_COLOURS)]
    letter = "".join(c for c in name.rpartition(".")[2] if c.isalnum())[:1].upper() or "T"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="24" height="24">'
        f'<rect width="24" height="24" rx="5" fill="{colour}"/>'
        '<text x="12" y="17" font-family="sans-serif" font-size="14" font-weight="600" '
        f'text-anchor="middle" fill="#fff">{letter}</text></svg>'
    )


def icon_entry(name: str, *, flowable: bool = False) -> dict[str, Any]:
    """An icon as clients read it."""
    data = base64.b64encode(icon(name).encode()).decode()
    return {"name": name.rpartition(".")[2], "icon": data, "flowable": flowable}


def icons(registry: Registry) -> dict[str, Any]:
    """The icon of each type."""
    return {
        cls.type_name: icon_entry(cls.type_name, flowable=issubclass(cls, FlowableTask))
        for cls in shown(registry)
    }


def group_icons(registry: Registry) -> dict[str, Any]:
    """The icon of each group and subgroup."""
    names: Sequence[str] = sorted(
        {name(cls.type_name) for cls in shown(registry) for name in (group_of, subgroup_of)}
    )
    return {name: icon_entry(name) for name in names}
