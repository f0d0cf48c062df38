"""The catalogue of types: groups, documentation, icons and JSON schemas, made from the classes."""

import base64
import copy
import zlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from app.engine.flowable.base import FlowableTask
from app.errors import NotFound
from app.model.flow import Flow
from app.model.input import Input, InputType
from app.model.task import AbstractTrigger, Condition, Task, TaskRunner, Typed
from app.plugin.registry import Registry
from app.plugin.task import RunnableTask

Schema = dict[str, Any]
_KINDS: Mapping[str, type[Typed]] = {
    "tasks": Task,
    "triggers": AbstractTrigger,
    "conditions": Condition,
    "taskRunners": TaskRunner,
}
_DRAFT = "http://json-schema.org/draft-07/schema#"
KINDS = ("flow", "task", "trigger", "plugindefault", "dashboard", "template", "apps", "testsuites")


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


@cache
def _schema_of(cls: type[Any]) -> Schema:
    made = cls.model_json_schema(by_alias=True, ref_template="#/definitions/{model}")
    if issubclass(cls, Typed) and "type" in made.get("properties", {}):
        made["properties"]["type"] = {"const": cls.type_name}
    return dict(made)


def schema_of(cls: type[Any]) -> Schema:
    """The JSON schema of one class, with its definitions."""
    return copy.deepcopy(_schema_of(cls))  # type: ignore[arg-type] # a class is hashable


def documentation(cls: type[Any]) -> dict[str, Any]:
    """Markdown, properties and outputs of a type."""
    made = schema_of(cls)
    definitions = made.pop("$defs", {})
    outputs: Schema = {"properties": {}}
    output = cls.output if issubclass(cls, RunnableTask) else None
    if output is not None:
        outputs = output.model_json_schema(by_alias=True, ref_template="#/definitions/{model}")
        definitions |= outputs.pop("$defs", {})
    name = getattr(cls, "type_name", cls.__name__)
    lines = [f"# {name.rpartition('.')[2]}", "", title_of(cls), "", description_of(cls)]
    lines += ["", "```yaml", f"type: {name}", "```", "", "## Properties", ""]
    required = set(made.get("required", ()))
    for key, item in made.get("properties", {}).items():
        mark = " (required)" if key in required else ""
        lines.append(f"- `{key}`{mark}: {item.get('description', '')}".rstrip(": "))
    schema = {"properties": made, "outputs": outputs, "definitions": definitions}
    return {"markdown": "\n".join(lines).replace("\n\n\n", "\n\n"), "schema": schema}


def schema(registry: Registry, kind: str) -> Schema:
    """A JSON schema of a whole document or of a part. Raises NotFound for another kind."""
    lower = kind.lower()
    if lower not in KINDS:
        raise NotFound(f"no schema {kind[:40]!r}; known are {', '.join(KINDS)}")
    return copy.deepcopy(_whole(registry, lower))


@cache
def _whole(registry: Registry, kind: str) -> Schema:
    definitions: Schema = {}
    for cls in shown(registry):
        made = schema_of(cls)
        definitions |= made.pop("$defs", {})
        definitions[cls.type_name] = {"title": title_of(cls), **made}
    for base in _KINDS.values():
        fitting = [cls for cls in shown(registry) if issubclass(cls, base)]
        definitions[base.__name__] = _any_of(fitting)
    flow = schema_of(Flow)
    definitions |= {k: v for k, v in flow.pop("$defs", {}).items() if k not in definitions}
    definitions["Flow"] = flow
    targets = {"task": "Task", "trigger": "AbstractTrigger", "plugindefault": "PluginDefault"}
    top = targets.get(kind, "Flow" if kind == "flow" else "")
    if not top:
        return {"$schema": _DRAFT, "type": "object"}
    return {"$schema": _DRAFT, "$ref": f"#/definitions/{top}", "definitions": definitions}


def _any_of(classes: Iterable[type[Typed]]) -> Schema:
    return {"anyOf": [{"$ref": f"#/definitions/{cls.type_name}"} for cls in classes]}


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
    return documentation(Input)


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
