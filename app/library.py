"""Libraries that few processes need, imported by the first use."""

from importlib import import_module
from typing import Any


class Library:
    """Stands for a module until an attribute of it is asked for.

    `git = Library("git")` instead of `import git`: a process that never uses it starts sooner.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(import_module(self._name), attribute)
        setattr(self, attribute, found)
        return found
