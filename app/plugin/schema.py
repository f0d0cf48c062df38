"""JSON Schema (draft 7) of the flow language, made from the models of flows and of all types.

One document holds a definition for each type under its full name; places that take any task (or
trigger, condition, runner) offer all of them. `$dynamic` marks what may hold an expression,
`$required` what must be given, `$deprecated` what is accepted for older flows only.
"""

import weakref
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.errors import NotFound
from app.model.flow import Flow, PluginDefault
from app.model.names import older_names, spellings
from app.model.task import AbstractTrigger, Condition, Task, TaskRunner, Typed
from app.plugin.registry import Registry
from app.plugin.task import RunnableTask

DRAFT = "http://json-schema.org/draft-07/schema#"
_AT = "#/definitions/"
_FLOW = "io.kestra.core.models.flows.Flow"
_DEFAULT = "io.kestra.core.models.flows.PluginDefault"
#: the name under which each kind is found, as in the reference product
_KINDS: dict[str, tuple[type[Typed], str]] = {
    "Task": (Task, "io.kestra.core.models.tasks.Task"),
    "AbstractTrigger": (AbstractTrigger, "io.kestra.core.models.triggers.AbstractTrigger"),
    "Condition": (Condition, "io.kestra.core.models.conditions.Condition"),
    "TaskRunner": (TaskRunner, "io.kestra.core.models.tasks.runners.TaskRunner"),
}
_ROOTS = {
    "flow": _FLOW,
    "task": _KINDS["Task"][1],
    "trigger": _KINDS["AbstractTrigger"][1],
    "plugindefault": _DEFAULT,
}
_built: "weakref.WeakKeyDictionary[Registry, dict[str, Any]]" = weakref.WeakKeyDictionary()


class SchemaNotFound(NotFound):
    """There is no schema of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no schema {name!r}; there are {', '.join(_ROOTS)}")


def language_schema(kind: str, registry: Registry, *, array: bool = False) -> dict[str, Any]:
    """The schema of a `flow`, `task`, `trigger` or `plugindefault`, or of a list of them.

    Raises SchemaNotFound for another kind.
    """
    root = _ROOTS.get(kind.lower())
    if root is None:
        raise SchemaNotFound(kind)
    ref = {"$ref": _AT + root}
    known = definitions(registry)
    body = {"type": "array", "items": ref} if array else ref
    return {"$schema": DRAFT, "definitions": _reachable(ref, known), **body}


def type_schema(cls: type[Typed], registry: Registry) -> dict[str, Any]:
    """One type alone: its `properties`, its `outputs`, the `definitions` that both need."""
    known = definitions(registry)
    properties = {k: v for k, v in known[cls.type_name].items() if k != "additionalProperties"}
    found: dict[str, Any] = {"properties": properties}
    output = getattr(cls, "output", None) if issubclass(cls, RunnableTask) else None
    if output is not None:
        found["outputs"] = _finished(output, output.model_json_schema(ref_template=_AT + "{model}"))
        known = {**known, **found["outputs"].pop("$defs", {})}
    found["definitions"] = _reachable(found, known)
    return found


def definitions(registry: Registry) -> dict[str, Any]:
    """Every definition, by name; made once for a registry."""
    if registry not in _built:
        _built[registry] = _build(registry)
    return _built[registry]


def _build(registry: Registry) -> dict[str, Any]:
    classes = registry.list_types()
    models: list[type[BaseModel]] = [Flow, PluginDefault, *classes]
    refs, whole = models_json_schema(
        [(model, "validation") for model in models], ref_template=_AT + "{model}"
    )
    raw: dict[str, Any] = whole.get("$defs", {})
    names = {refs[model, "validation"]["$ref"].removeprefix(_AT): model for model in models}
    known = {_name(names[key]) if key in names else key: value for key, value in raw.items()}
    renamed = {key: _name(model) for key, model in names.items()}
    by_name = {_name(model): model for model in models} | _inner_models(models)
    found = {
        name: _finished(by_name.get(name), _at_home(value, renamed, classes))
        for name, value in known.items()
    }
    for kind, name in _KINDS.values():
        of_kind = [{"$ref": _AT + cls.type_name} for cls in classes if issubclass(cls, kind)]
        found[name] = {"anyOf": of_kind}
    return found


def _name(model: type[BaseModel]) -> str:
    if issubclass(model, Typed):
        return model.type_name
    return _FLOW if model is Flow else _DEFAULT


def _inner_models(models: list[type[BaseModel]]) -> dict[str, type[BaseModel]]:
    """Models that stand in no document by themselves, by their class name where it is theirs."""
    found: dict[str, type[BaseModel]] = {}
    waiting: list[Any] = list(models)
    seen: set[int] = set()
    while waiting:
        item = waiting.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, type) and issubclass(item, BaseModel):
            found.setdefault(item.__name__, item)
            waiting.extend(field.annotation for field in item.model_fields.values())
        waiting.extend(getattr(item, "__args__", ()))
    return found


def _at_home(value: Any, renamed: Mapping[str, str], classes: list[type[Typed]]) -> Any:
    """The schema with references to our names, and each `$typed` place filled."""
    if isinstance(value, list):
        return [_at_home(item, renamed, classes) for item in value]
    if not isinstance(value, Mapping):
        return value
    if "$typed" in value:
        rest = {key: item for key, item in value.items() if key != "$typed"}
        return {"$ref": _AT + _KINDS[value["$typed"]][1], **rest}
    found = {key: _at_home(item, renamed, classes) for key, item in value.items()}
    if isinstance(found.get("$ref"), str):
        key = found["$ref"].removeprefix(_AT)
        found["$ref"] = _AT + renamed.get(key, key)
    options = found.get("anyOf")
    if isinstance(options, list) and {"type": "null"} in options:
        others = [option for option in options if option != {"type": "null"}]
        del found["anyOf"]
        found = {**found, **(others[0] if len(others) == 1 else {"anyOf": others})}
        if found.get("default", 0) is None:
            del found["default"]
    return found


def _finished(model: type[BaseModel] | None, schema: dict[str, Any]) -> dict[str, Any]:
    """A definition as readers know it: titles that say something, older names, the type."""
    found = {key: value for key, value in schema.items() if key != "title"}
    if isinstance(found.get("description"), str):
        _describe(found, found["description"])
    for name, prop in found.get("properties", {}).items():
        prop.pop("title", None)
        _describe(prop, prop.get("description", ""))
        if name in found.get("required", ()):
            prop["$required"] = True
    if model is not None:
        _add_spellings(model, found)
        if issubclass(model, Typed) and model.type_name:
            found["properties"]["type"] = _type_property(model)
            if model.is_deprecated:
                found["$deprecated"] = True
    return found


def _describe(schema: dict[str, Any], text: str) -> None:
    if text:
        clean = " ".join(text.split("\n\n")[0].split())
        schema["title"] = clean
        schema["description"] = schema["markdownDescription"] = text


def _type_property(model: type[Typed]) -> dict[str, Any]:
    const: dict[str, Any] = {"const": model.type_name}
    if not model.aliases:
        return const
    older = {"enum": sorted(set(model.aliases)), "$deprecated": True}
    return {"anyOf": [const, older], "$required": True}


def _add_spellings(model: type[BaseModel], schema: dict[str, Any]) -> None:
    """The other names of properties; one that is required may be given under any of them."""
    older = older_names(model)
    properties = schema.get("properties", {})
    for field_name, field in model.model_fields.items():
        present, *others = spellings(field_name, field) or [field_name]
        if not others or present not in properties:
            continue
        for other in others:
            text = f"Another name of `{present}`."
            properties[other] = {**properties[present], "description": text}
            if other in older:
                properties[other]["$deprecated"] = True
        required = schema.get("required", [])
        if present in required:
            schema["required"] = [name for name in required if name != present]
            choice = {"anyOf": [{"required": [name]} for name in (present, *others)]}
            schema.setdefault("allOf", []).append(choice)


def _refs(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"].removeprefix(_AT)
        for item in value.values():
            yield from _refs(item)
    elif isinstance(value, list):
        for item in value:
            yield from _refs(item)


def _reachable(root: Any, known: Mapping[str, Any]) -> dict[str, Any]:
    """The definitions that a schema needs, and those that they need."""
    found: dict[str, Any] = {}
    waiting = list(_refs(root))
    while waiting:
        name = waiting.pop()
        if name not in found and name in known:
            found[name] = known[name]
            waiting.extend(_refs(known[name]))
    return dict(sorted(found.items()))
