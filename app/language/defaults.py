"""Plugin defaults (flow language 10.5): values for every object of a type, at any depth."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.plugin.registry import Registry

_BLOCKS = ("tasks", "errors", "finally", "afterExecution", "triggers", "listeners")
_Entries = Sequence[Mapping[str, Any]]


def with_defaults(
    data: Mapping[str, Any], registry: Registry, outer: tuple[Mapping[str, Any], ...] = ()
) -> dict[str, Any]:
    """The document with the flow's own defaults and the outer ones (nearest first) applied."""
    own = data.get("pluginDefaults") or data.get("taskDefaults") or []
    own = own if isinstance(own, list) else []
    entries = [entry for entry in own if _is_whole(entry)]
    outer = tuple(entry for entry in outer if _is_whole(entry))
    plain = [entry for entry in (*entries, *outer) if not entry.get("forced")]
    # applied in this order, so the widest wins: the flow's, its namespace's … the installation's
    forced = [entry for entry in reversed(entries) if entry.get("forced")]
    forced += [entry for entry in outer if entry.get("forced")]
    if not plain and not forced:
        return dict(data)
    return {
        key: _walk(value, registry, plain, forced) if key in _BLOCKS else value
        for key, value in data.items()
    }


def _walk(value: Any, registry: Registry, plain: _Entries, forced: _Entries) -> Any:
    if isinstance(value, list):
        return [_walk(item, registry, plain, forced) for item in value]
    if not isinstance(value, Mapping):
        return value
    found = dict(value)
    if isinstance(found.get("type"), str):
        name = _full_name(found["type"], registry)
        for entry in plain:
            if _matches(name, entry, registry):
                found = merge(entry["values"], found)
        for entry in forced:
            if _matches(name, entry, registry):
                found = merge(found, entry["values"])
    return {
        key: _walk(item, registry, _outside(plain, key), _outside(forced, key))
        for key, item in found.items()
    }


def _is_whole(entry: Any) -> bool:
    return isinstance(entry, Mapping) and isinstance(entry.get("values"), Mapping)


def _outside(entries: _Entries, key: str) -> _Entries:
    """The entries that hold for what stands at a key: none holds inside of its own values."""
    return [e for e in entries if not isinstance(e["values"].get(key), Mapping | list)]


def _full_name(name: str, registry: Registry) -> str:
    cls = registry.find(name)
    return cls.type_name if cls is not None else name


def _matches(name: str, entry: Mapping[str, Any], registry: Registry) -> bool:
    wanted = entry.get("type")
    if not isinstance(wanted, str) or not wanted:
        return False
    return name.startswith(_full_name(wanted, registry)) or name.startswith(wanted)


def merge(low: Mapping[str, Any], high: Mapping[str, Any]) -> dict[str, Any]:
    """Two maps as one; `high` wins, maps are merged in depth, lists are joined."""
    result = dict(low)
    for key, value in high.items():
        before = result.get(key)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            result[key] = merge(before, value)
        elif isinstance(before, list) and isinstance(value, list):
            result[key] = [*before, *value]
        else:
            result[key] = value
    return result
