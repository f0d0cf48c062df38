"""A commit's folder as a walk over its files; links are followed within the repository only."""

from collections.abc import Iterator
from typing import Any

from app.gitops.mirror import MOST_FILES, Mirror, RefusedTree, TreeFile

_MOST_HOPS = 40
_MOST_LINK_BYTES = 4096

Node = TreeFile | dict[str, Any]


class FolderNotFound(RefusedTree):
    """The commit has no folder of this path."""


class Tree:
    """The whole tree of a commit, by folder."""

    def __init__(self, mirror: Mirror, sha: str | None, most: int = MOST_FILES) -> None:
        self._mirror, self._most = mirror, most
        self.root: dict[str, Any] = {}
        self.entries: dict[str, TreeFile] = {}
        for file in mirror.files(sha, most=most) if sha else []:
            self.entries[file.path] = file
            *folders, last = file.path.split("/")
            here = self.root
            for name in folders:
                here = here.setdefault(name, {})
            here[last] = file

    def below(self, folder: str) -> dict[str, TreeFile]:
        """Physical entries at or below a folder, by their path in the repository; links are
        entries."""
        prefix = folder + "/" if folder else ""
        return {path: f for path, f in self.entries.items() if path.startswith(prefix)}

    def blocking(self, folder: str) -> str | None:
        """The part of a folder's path that is a file or a link, which no file can lie below."""
        parts = folder.split("/") if folder else []
        paths = ("/".join(parts[: size + 1]) for size in range(len(parts)))
        return next((path for path in paths if path in self.entries), None)

    def has_folder(self, folder: str) -> bool:
        """Whether a folder of this path exists, by way of links too. Raises RefusedTree."""
        return isinstance(self._find(folder), dict)

    def walk(self, folder: str) -> Iterator[tuple[str, TreeFile]]:
        """Every file below a folder: its path within the folder, and the entry with its bytes.

        Raises FolderNotFound; RefusedTree for a link that leaves the repository, leads nowhere or
        in a circle, and for too many files.
        """
        node = self._find(folder)
        if not isinstance(node, dict):
            raise FolderNotFound(f"The directory '{folder}' was not found")
        for count, found in enumerate(self._walk(node, folder, "", ()), 1):
            if count > self._most:
                raise RefusedTree(f"more than {self._most} files below {folder or '/'}")
            yield found

    def find(self, path: str) -> TreeFile | None:
        """The file at a path, a link followed. Raises RefusedTree."""
        node = self._find(path)
        return node if isinstance(node, TreeFile) else None

    def _walk(
        self, node: dict[str, Any], place: str, shown: str, above: tuple[int, ...]
    ) -> Iterator[tuple[str, TreeFile]]:
        if id(node) in above:
            raise RefusedTree(f"{place}: a symbolic link leads into its own folder")
        for name in sorted(node):
            child: Node = node[name]
            path, relative = f"{place}/{name}".lstrip("/"), f"{shown}/{name}".lstrip("/")
            if isinstance(child, TreeFile) and child.is_link:
                child = self._follow(path.split("/"))
            if isinstance(child, TreeFile):
                yield relative, child
            else:
                yield from self._walk(child, path, relative, (*above, id(node)))

    def _find(self, path: str) -> Node | None:
        parts = [part for part in path.split("/") if part not in ("", ".")]
        try:
            return self._follow(parts)
        except _Nowhere:
            return None

    def _follow(self, parts: list[str]) -> Node:
        """The node of a path, every link on the way followed."""
        shown, left = "/".join(parts), list(parts)
        done: list[str] = []
        nodes: list[dict[str, Any]] = [self.root]
        hops = 0
        while left:
            name = left.pop(0)
            if name in ("", "."):
                continue
            if name == "..":
                if not done:
                    raise RefusedTree(f"{shown}: a symbolic link leaves the repository")
                done.pop()
                nodes.pop()
                continue
            child: Node | None = nodes[-1].get(name)
            if isinstance(child, TreeFile) and child.is_link:
                hops += 1
                if hops > _MOST_HOPS:
                    raise RefusedTree(f"{shown}: symbolic links lead in a circle")
                left = [*self._target(child, shown), *left]
            elif isinstance(child, dict):
                done.append(name)
                nodes.append(child)
            elif child is not None and not left:
                return child
            else:
                raise _Nowhere(f"{shown}: a path or a symbolic link leads nowhere")
        return nodes[-1]

    def _target(self, link: TreeFile, shown: str) -> list[str]:
        if link.size > _MOST_LINK_BYTES:
            raise RefusedTree(f"{shown}: the target of a symbolic link is too long")
        ((_, data),) = self._mirror.read({link.blob: link.size})
        target = data.decode("utf-8", "replace")
        if target.startswith("/"):
            raise RefusedTree(f"{shown}: a symbolic link leaves the repository")
        return target.split("/")


class _Nowhere(RefusedTree):
    """A path that has no entry."""
