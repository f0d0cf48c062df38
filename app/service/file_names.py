"""Names that the files of a namespace take: none is a file and a folder at once.

A store of objects could keep both, but no working directory of an execution could.
"""

from collections.abc import Iterable
from pathlib import PurePosixPath


class TakenNames:
    """The files and folders of a namespace, by their paths; a folder's row ends with a slash."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._files: set[str] = set()
        self._folders: dict[str, str] = {}  #: with something that lies in each
        for path in paths:
            self.add(path)

    def add(self, path: str) -> None:
        """Takes one more."""
        plain = path.rstrip("/")
        if path == plain:
            self._files.add(path)
        else:
            self._folders.setdefault(plain, path)
        for folder in _above(path):
            self._folders.setdefault(folder, path)

    def in_the_way_of(self, path: str) -> str | None:
        """The path of what keeps a file (with a slash at its end: a folder) from being made."""
        names = [*_above(path)]
        if path.endswith("/"):
            names.insert(0, path.rstrip("/"))
        other = next((name for name in names if name in self._files), None)
        return other or (None if path.endswith("/") else self._folders.get(path))


def _above(path: str) -> Iterable[str]:
    """The folders that a path lies in, the nearest first."""
    return (str(one) for one in PurePosixPath(path).parents if one.name)
