"""Finds task types, triggers, conditions and runners: every class in the packages that plug in.

A package plugs in by an entry point of the group `trunkline.plugins`: each class below it with a
`type_name` of its own is registered under that name and its aliases. `types.txt` says in which
module our own types are, so that a process loads those that its flows name; a name that is not
listed there is looked for in all modules of all packages.
"""

import importlib
import pkgutil
import re
import threading
from collections.abc import Iterator
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from app.model.task import Typed

GROUP = "trunkline.plugins"
INDEX = Path(__file__).with_name("types.txt")
_OWN = ("app.", "workers.")
_JVM = re.compile(r"io\.kestra\.plugin\.scripts\.\w+\.(Eval|FileTransform)")


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
            hint = " (it runs within a JVM: not supported)" if _JVM.fullmatch(type_name) else ""
            raise ValueError(f"Invalid type: {type_name}{hint}")
        return cls

    def replacement(self, name: str) -> str | None:
        """The current name when `name` is an alias of an older dialect, else None."""
        cls = self.find(name)
        return cls.type_name if cls is not None and name.lower() in self._aliases else None

    def list_types(self) -> list[type[Typed]]:
        """All registered classes, by name."""
        return [self._types[name] for name in sorted(self._types)]


class Installed(Registry):
    """The types of all packages that plug in, loaded when they are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.RLock()
        self._is_whole = False
        self._modules = read_index()

    def find(self, name: str) -> type[Typed] | None:
        """As in any registry; loads the module that holds the name, else all modules."""
        found = super().find(name)
        if found is None and (module := self._modules.get(name.lower())) is not None:
            with self._lock:
                importlib.import_module(module)
                self._register_loaded()
            found = super().find(name)
        if found is None and not self._is_whole:
            self._load_all()
            found = super().find(name)
        return found

    def list_types(self) -> list[type[Typed]]:
        """All classes of all packages, by name."""
        self._load_all()
        return super().list_types()

    def _load_all(self) -> None:
        with self._lock:
            if self._is_whole:
                return
            for point in entry_points(group=GROUP):
                for _ in _modules(point.load()):
                    pass
            self._register_loaded()
            self._is_whole = True

    def _register_loaded(self) -> None:
        for cls in _subclasses(Typed):
            if "type_name" in vars(cls) and cls.type_name:
                self.register(cls)


def read_index() -> dict[str, str]:
    """The modules of our own types by lower-case name or alias."""
    lines = INDEX.read_text(encoding="utf-8").splitlines()
    found = (line.split() for line in lines)
    return {name.lower(): module for module, *names in found for name in names}


def write_index(registry: Registry) -> str:
    """The text of `types.txt`: a line for each type with its module, its name, its aliases."""
    ours = [cls for cls in registry.list_types() if cls.__module__.startswith(_OWN)]
    lines = (" ".join((cls.__module__, cls.type_name, *sorted(cls.aliases))) for cls in ours)
    return "".join(line + "\n" for line in lines)


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
    """The registry of all installed plug-ins, one for each process."""
    return Installed()
