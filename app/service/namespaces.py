"""Namespaces: the ones that something names, their records, variables that children inherit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from app.database import flows as flow_rows
from app.database import namespaces as rows
from app.database import places
from app.errors import Conflict, Invalid, NotFound, Violation
from app.model.namespace import check_namespace, lineage
from app.model.task import WorkerGroup
from app.service import flow_cache
from app.service.namespace_reach import allowed_of
from app.service.runtime import Runtime

_OWN = ("id", "description", "variables", "pluginDefaults", "deleted", "tenantId", "disabled")


@dataclass(frozen=True, kw_only=True)
class Namespace:
    """A namespace as it is shown."""

    id: str
    has_flows: bool = False
    is_named: bool = True  #: by itself, not only as the parent of another
    is_declared: bool = False
    description: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    plugin_defaults: Sequence[Any] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    updated_at: datetime | None = None


class NamespaceNotFound(NotFound):
    """Nothing names this namespace."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no namespace {name!r}")


def list_all(rt: Runtime) -> list[Namespace]:
    """Every namespace that something names, and the parents of those, by name."""
    with rt.database.reading() as tx:
        named = places.list_named(tx)
        with_flows = set(flow_rows.list_namespaces(tx))
        records = {row.id: row for row in rows.list_declared(tx)}
    names = {parent for name in named for parent in lineage(name)}
    found = []
    for name in sorted(names):
        row = records.get(name)
        values = _record(row) if row is not None else {}
        found.append(
            Namespace(id=name, has_flows=name in with_flows, is_named=name in named, **values)
        )
    return found


def _record(row: Any) -> dict[str, Any]:
    return {
        "is_declared": row.is_declared,
        "description": row.description,
        "variables": row.variables,
        "plugin_defaults": row.plugin_defaults,
        "settings": row.settings,
        "updated_at": row.updated_at,
    }


def get(rt: Runtime, name: str) -> Namespace:
    """One namespace. Raises NamespaceNotFound."""
    found = next((item for item in list_all(rt) if item.id == name), None)
    if found is None:
        raise NamespaceNotFound(name)
    return found


def create(rt: Runtime, data: Mapping[str, Any]) -> Namespace:
    """A record for a namespace that has none. Raises Invalid, Conflict."""
    name = check_namespace(data.get("id"), "id")
    values = _values(data)
    with rt.database.transaction() as tx:
        row = rows.find(tx, name)
        if row is not None and row.is_declared:
            raise Conflict(f"the namespace {name!r} exists already")
        rows.write(tx, name, rt.clock(), **values)
    flow_cache.forget()
    return get(rt, name)


def replace(rt: Runtime, name: str, data: Mapping[str, Any]) -> Namespace:
    """Replaces the record of a namespace. Raises NamespaceNotFound, Invalid."""
    if data.get("id", name) != name:
        where = Violation(path="id", message=f"must be {name}")
        raise Invalid("Invalid namespace", (where,))
    values = _values(data)
    get(rt, name)
    with rt.database.transaction() as tx:
        rows.write(tx, name, rt.clock(), **values)
    flow_cache.forget()
    return get(rt, name)


def _values(data: Mapping[str, Any]) -> dict[str, Any]:
    wrong = []
    description = data.get("description")
    if description is not None and not isinstance(description, str):
        wrong.append(Violation(path="description", message="must be a text"))
    variables = data.get("variables") or {}
    if not isinstance(variables, dict):
        wrong.append(Violation(path="variables", message="must be a map"))
    defaults = data.get("pluginDefaults") or []
    if not isinstance(defaults, list) or not all(_is_default(item) for item in defaults):
        message = "must be a list of {type, values}"
        wrong.append(Violation(path="pluginDefaults", message=message))
    wrong += _wrong_group(data.get("workerGroup"))
    try:
        allowed_of(data)
    except Invalid as error:
        wrong.append(Violation(path="allowedNamespaces", message=str(error)))
    if wrong:
        raise Invalid("Invalid namespace", tuple(wrong))
    return {
        "description": description,
        "variables": variables,
        "plugin_defaults": defaults,
        "settings": {k: v for k, v in data.items() if k not in _OWN and v is not None},
        "is_declared": True,
    }


def _wrong_group(group: Any) -> list[Violation]:
    try:
        if group is not None:
            WorkerGroup.model_validate(group)
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(("workerGroup", *map(str, first["loc"])))
        return [Violation(path=path, message=first["msg"])]
    return []


def _is_default(item: Any) -> bool:
    return (
        isinstance(item, dict)
        and isinstance(item.get("type"), str)
        and isinstance(item.get("values", {}), dict)
    )


def delete(rt: Runtime, name: str) -> bool:
    """Forgets the record; flows, files and keys stay. False when there was none."""
    with rt.database.transaction() as tx:
        row = rows.find(tx, name)
        if row is None or not row.is_declared:
            return False
        empty: dict[str, Any] = {"variables": {}, "plugin_defaults": [], "settings": {}}
        rows.write(tx, name, rt.clock(), description=None, is_declared=False, **empty)
    flow_cache.forget()
    return True


def counts(rt: Runtime) -> list[tuple[str, dict[str, int]]]:
    """How many flows, files, keys and secrets each namespace holds itself, by name."""
    with rt.database.reading() as tx:
        return sorted(places.count_named(tx).items())


@dataclass(frozen=True)
class HandedDown:
    """A value that a namespace has, and the namespace that gives it: itself or a parent."""

    namespace: str
    value: Any
    name: str = ""  #: of a variable


def handed_down(rt: Runtime, name: str) -> tuple[list[HandedDown], list[HandedDown]]:
    """The variables that count, by name, and the plugin defaults, the nearest first."""
    found: dict[str, HandedDown] = {}
    defaults: list[HandedDown] = []
    with rt.database.reading() as tx:
        for parent in lineage(name):
            row = rows.find(tx, parent)
            if row is not None:
                found |= {key: HandedDown(parent, v, key) for key, v in row.variables.items()}
                defaults = [*(HandedDown(parent, v) for v in row.plugin_defaults), *defaults]
    return [found[key] for key in sorted(found)], defaults


def variables(rt: Runtime, name: str) -> dict[str, Any]:
    """The variables of a namespace and its parents; the nearest one of a name counts."""
    found: dict[str, Any] = {}
    with rt.database.reading() as tx:
        for parent in lineage(name):
            row = rows.find(tx, parent)
            found |= row.variables if row is not None else {}
    return found


def inherited_defaults(rt: Runtime, name: str) -> list[Any]:
    """The plugin defaults of a namespace and its parents, the nearest first."""
    found: list[Any] = []
    with rt.database.reading() as tx:
        for parent in reversed(lineage(name)):
            row = rows.find(tx, parent)
            found += list(row.plugin_defaults) if row is not None else []
    return found
