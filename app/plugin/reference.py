"""Reference pages in Markdown, one for each type, made from the same definitions as the schema."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from app.model.names import properties, spellings
from app.model.task import AbstractTrigger, Condition, Task, TaskRunner, Typed
from app.plugin.registry import Registry
from app.plugin.schema import definitions, type_schema
from app.plugin.task import RunnableTask

_KINDS: tuple[tuple[type[Typed], str, str], ...] = (
    (Task, "Tasks", "task"),
    (AbstractTrigger, "Triggers", "trigger"),
    (Condition, "Conditions", "condition"),
    (TaskRunner, "Task runners", "runner"),
)
_NOTE = "<!-- Written by `trunkline docs reference`; change the docstrings of the type instead. -->"


def pages(registry: Registry) -> dict[str, str]:
    """Every page by its file name: an index, what types have in common, one for each type."""
    classes = registry.list_types()
    found = {f"{cls.type_name}.md": page_of(cls, registry) for cls in classes}
    found["common.md"] = _common(registry)
    found["README.md"] = _index(classes)
    return found


def page_of(cls: type[Typed], registry: Registry) -> str:
    """The page of one type."""
    schema = type_schema(cls, registry)
    text = [_NOTE, f"# {cls.type_name.rpartition('.')[2]}", f"`{cls.type_name}`"]
    if cls.is_deprecated:
        text.append("**Deprecated**: accepted for older flows.")
    text.append(schema["properties"].get("description", "").strip())
    text.append(_kind_line(cls))
    own = _own_properties(cls)
    rows = {k: v for k, v in schema["properties"].get("properties", {}).items() if k in own}
    required = _required(schema["properties"])
    text.append("## Properties")
    text.append(_table(rows, required, schema["definitions"]) or "None of its own.")
    nested = list(_nested(rows, schema["definitions"]))
    for name, inner in nested:
        text += [f"### {name}", inner.get("description", "").strip()]
        text.append(_table(inner["properties"], _required(inner), schema["definitions"]))
    outputs = schema.get("outputs")
    if outputs is not None:
        text += [
            "## Outputs",
            _table(outputs.get("properties", {}), (), schema["definitions"]) or "None.",
        ]
    if cls.aliases:
        names = "\n".join(f"- `{name}`" for name in sorted(set(cls.aliases)))
        text += ["## Other names", names]
    return "\n\n".join(part for part in text if part) + "\n"


def _kind_line(cls: type[Typed]) -> str:
    kind = next((name for base, _, name in _KINDS if issubclass(cls, base)), "type")
    line = f"A {kind}"
    if issubclass(cls, RunnableTask):
        line += f" of the queue `{cls.queue}`"
    if kind in ("task", "trigger"):
        line += f", with [what every {kind} has](common.md)"
    return line + "."


def _own_properties(cls: type[Typed]) -> set[str]:
    """Names of the properties that not every type of the kind has."""
    base: type[BaseModel] = next((kind for kind, _, _ in _KINDS if issubclass(cls, kind)), Typed)
    shared = set(base.model_fields)
    return {
        wire
        for name, field in cls.model_fields.items()
        if name not in shared or cls.__annotations__.get(name) is not None
        for wire in spellings(name, field)
        if wire != "type"
    }


def _required(schema: Mapping[str, Any]) -> tuple[str, ...]:
    found = list(schema.get("required", ()))
    for rule in schema.get("allOf", ()):
        found += [rule["anyOf"][0]["required"][0]]
    return tuple(found)


def _nested(
    rows: Mapping[str, Any], known: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Objects that properties hold, each once; types of their own have their own page."""
    waiting, seen = list(_names(rows)), set()
    while waiting:
        name = waiting.pop(0)
        inner = known.get(name, {})
        if name in seen or "." in name or "properties" not in inner:
            continue
        seen.add(name)
        waiting += _names(inner["properties"])
        yield name, inner


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"].rpartition("/")[2]
        for item in value.values():
            yield from _names(item)
    elif isinstance(value, list):
        for item in value:
            yield from _names(item)


def _table(rows: Mapping[str, Any], required: Sequence[str], known: Mapping[str, Any]) -> str:
    if not rows:
        return ""
    lines = ["| name | type | default | |", "|---|---|---|---|"]
    for name, prop in rows.items():
        shown = "**required**" if name in required else _default(prop)
        notes = [" ".join(str(prop.get("description", "")).split())]
        if prop.get("$deprecated"):
            notes.append("*(deprecated)*")
        text = " ".join(filter(None, notes)).replace("|", "\\|")
        lines.append(f"| `{name}` | {_type(prop, known)} | {shown} | {text} |")
    return "\n".join(lines)


def _default(prop: Mapping[str, Any]) -> str:
    value = prop.get("default")
    return "" if value in (None, [], {}, "") else f"`{json.dumps(value, ensure_ascii=False)}`"


def _type(prop: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    text = _shape(prop, known).replace("|", "\\|")
    return f"{text}, dynamic" if prop.get("$dynamic") else text


def _shape(prop: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    if "$ref" in prop:
        name = str(prop["$ref"]).rpartition("/")[2]
        if "enum" in known.get(name, {}):
            return _shape(known[name], known)
        return name.rpartition(".")[2].removeprefix("Abstract").lower() if "." in name else name
    if "const" in prop or "enum" in prop:
        values = prop.get("enum") or [prop.get("const")]
        return " / ".join(f"`{value}`" for value in values)
    options = prop.get("anyOf") or prop.get("oneOf")
    if options:
        shapes = list(dict.fromkeys(_shape(option, known) for option in options))
        if prop.get("$dynamic"):
            shapes = [shape for shape in shapes if shape != "text"] or shapes
        return " or ".join(shapes)
    kind: Any = prop.get("type", "any")
    if isinstance(kind, list):
        return "text"
    if kind == "array":
        return f"list of {_shape(prop.get('items', {}), known)}"
    if prop.get("format") == "duration":
        return "duration"
    return str({"string": "text", "object": "map"}.get(kind, kind))


def _common(registry: Registry) -> str:
    text = [_NOTE, "# What every task and every trigger has"]
    known = definitions(registry)
    for kind, title, _ in _KINDS[:2]:
        example = next(cls for cls in registry.list_types() if issubclass(cls, kind))
        rows = known[example.type_name]["properties"]
        names = set(properties(kind))
        shared = {k: v for k, v in rows.items() if k in names and k != "type"}
        text += [f"## {title}", _table(shared, ("id",), known)]
        for name, inner in _nested(shared, known):
            text += [f"### {name}", _table(inner["properties"], _required(inner), known)]
    return "\n\n".join(text) + "\n"


def _index(classes: Sequence[type[Typed]]) -> str:
    text = [_NOTE, "# Reference", "What [every task and every trigger](common.md) has."]
    for kind, title, _ in _KINDS:
        groups: dict[str, list[type[Typed]]] = {}
        for cls in classes:
            if issubclass(cls, kind):
                groups.setdefault(cls.type_name.rpartition(".")[0], []).append(cls)
        text.append(f"## {title}")
        for group, members in sorted(groups.items()):
            text.append(f"### {group}")
            text.append("\n".join(_entry(cls) for cls in members))
    return "\n\n".join(text) + "\n"


def _entry(cls: type[Typed]) -> str:
    line = " ".join((cls.__doc__ or "").split("\n\n")[0].split())
    mark = " *(deprecated)*" if cls.is_deprecated else ""
    return f"- [{cls.type_name.rpartition('.')[2]}]({cls.type_name}.md){mark}: {line}"
