"""Finds task types, triggers, conditions and runners: every class in the packages that plug in.

A package plugs in by an entry point of the group `trunkline.plugins`; all modules below it are
imported and each class with a `type_name` of its own is registered under that name and its aliases.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib.metadata import entry_points
from types import ModuleType

from app.model.task import Typed

GROUP = "trunkline.plugins"


class Registry:
    """Types by name. Names match without regard to letter case, as in the reference product."""

    def __init__(self) -> None:
        self._types: dict[str, type[Typed]] = {}
        self._aliases: dict[str, str] = {}

    def register(self, cls: type[Typed]) -> None:
        """Adds a class under its `type_name` and its aliases; a second class of a name is refused.

        Raises ValueError when another class holds the name.
        """
        known = self._types.setdefault(cls.type_name.lower(), cls)
        if known is not cls:
            raise ValueError(
                f"{cls.type_name} is claimed by {known.__module__} and {cls.__module__}"
            )
        for alias in cls.aliases:
            self._aliases[alias.lower()] = cls.type_name

    def find(self, name: str) -> type[Typed] | None:
        """The class of a type name or alias; None when nobody registered it."""
        lower = name.lower()
        lower = self._aliases.get(lower, lower).lower()
        return self._types.get(lower)

    def find_class(self, kind: type[Typed], type_name: str) -> type[Typed]:
        """The class of a name, which must be a `kind`. Raises ValueError (`Invalid type: x`)."""
        cls = self.find(type_name)
        if cls is None or not issubclass(cls, kind):
            raise ValueError(f"Invalid type: {type_name}")
        return cls

    def replacement(self, name: str) -> str | None:
        """The current name when `name` is an alias of an older dialect, else None."""
        return self._aliases.get(name.lower())

    def list_types(self) -> list[type[Typed]]:
        """All registered classes, by name."""
        return [self._types[name] for name in sorted(self._types)]


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    yield package
    for found in pkgutil.walk_packages(getattr(package, "__path__", []), package.__name__ + "."):
        yield importlib.import_module(found.name)


def _subclasses(cls: type[Typed]) -> Iterator[type[Typed]]:
    for child in cls.__subclasses__():
        yield child
        yield from _subclasses(child)


@cache
def default_registry() -> Registry:
    """The registry of all installed plug-ins, built once per process."""
    for point in entry_points(group=GROUP):
        for _ in _modules(point.load()):
            pass
    registry = Registry()
    for cls in _subclasses(Typed):
        if "type_name" in vars(cls) and cls.type_name:
            registry.register(cls)
    return registry
