"""Where a resource lies in a binding's folder: one that is there, and one that is to come."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import Row

from app.errors import Conflict, Invalid
from app.gitops.config import CONFIG_FILE, MOST_CONFIG_BYTES, FolderConfig, read_config
from app.gitops.layout import Kind, Layout, is_within
from app.gitops.mirror import Mirror
from app.gitops.plan import Key, namespace_of
from app.language.document import DocumentError, read_document
from app.service.gitops.states import was_in_git
from app.service.gitops.texts import with_namespace
from app.storage.paths import safe_path

MOST_FLOW_BYTES = 1_000_000


@dataclass(frozen=True)
class Places:
    """The folder of a binding at a commit, with what it says about itself."""

    binding: Row[Any]
    known: Mapping[Key, Row[Any]]  #: what the binding owns and Git has
    mirror: Mirror
    sha: str
    config: FolderConfig
    environment: str

    @classmethod
    def read(
        cls, binding: Row[Any], owned: Iterable[Row[Any]], mirror: Mirror, environment: str
    ) -> "Places":
        """Those of the commit that a binding has applied. Raises Invalid, GitFailed."""
        known = {(Kind(row.kind), row.key): row for row in owned if was_in_git(row)}
        sha: str = binding.applied_sha
        path = "/".join(filter(None, (binding.path, CONFIG_FILE)))
        data = _bytes(mirror, sha, path, MOST_CONFIG_BYTES)
        config = FolderConfig() if data is None else read_config(data)
        return cls(binding, known, mirror, sha, config, environment)

    def path_of(self, key: Key) -> str:
        """The path from the repository's root. Raises Invalid for what has no place there."""
        if key in self.known:
            return str(self.known[key].path)
        return safe_path(self._new(key))

    def text_of(self, key: Key, text: str) -> str:
        """A resource's text as its file has it: with the namespace that is rewritten here."""
        if key[0] is not Kind.FLOW or not self.config.rewrite:
            return text
        namespace = namespace_of(key)
        there = self._declared(key) if key in self.known else self._original(key)
        is_rewritten = there != namespace and self._renamed(there) == namespace
        return with_namespace(text, there) if is_rewritten else text

    def check_free(self, keys: Iterable[Key]) -> None:
        """Raises Conflict where what is to come would take the place of something else.

        The file of another flow would go with it, or a whole folder.
        """
        wanted = {self.path_of(key): key for key in keys if key not in self.known}
        above = {p: {str(a) for a in PurePosixPath(p).parents} - {"."} for p in wanted}
        asked = sorted({*wanted, *(a for found in above.values() for a in found)})
        there = self.mirror.types(self.sha, asked) if asked else {}
        for path, key in wanted.items():
            # by its path alone a namespace file is this one: it is there and owned by nobody yet
            is_other = there.get(path) != "blob" or key[0] is not Kind.FILE
            taken = [path] * (path in there and is_other)
            taken += [a for a in sorted(above[path]) if there.get(a, "tree") != "tree"]
            if taken:
                what = "a folder" if there[taken[0]] == "tree" else "another file"
                raise Conflict(f"{path}: the repository has {what} there ({taken[0]})")

    def _renamed(self, namespace: str) -> str:
        return self.config.renamed(namespace, self.environment)

    def _original(self, key: Key) -> str:
        return self.config.original(namespace_of(key), self.environment)

    def _declared(self, key: Key) -> str:
        """The namespace that the file of a known flow declares; empty where none can be read."""
        text = _bytes(self.mirror, self.sha, self.path_of(key), MOST_FLOW_BYTES)
        try:
            data = read_document(text or b"").data
        except DocumentError:
            return ""
        return str(data.get("namespace") or "") if isinstance(data, dict) else ""

    def _new(self, key: Key) -> str:
        binding, layout = self.binding, self.config.layout or Layout(self.binding.layout)
        if key[0].is_global:
            name = "dashboards" if key[0] is Kind.DASHBOARD else "gitops"
            folder = f"_global/{name}" if layout is Layout.NAMESPACE_FIRST else f"_{name}"
            return "/".join(part for part in (binding.path, folder, f"{key[1]}.yaml") if part)
        namespace = namespace_of(key)
        if not is_within(namespace, binding.namespace):
            raise Invalid(f"{key[1]!r} lies outside of {binding.namespace}")
        is_flow = key[0] is Kind.FLOW
        name = key[1][len(namespace) + 1 :]
        below = namespace[len(binding.namespace) :].strip(".").replace(".", "/")
        if layout is Layout.NAMESPACE_FIRST:
            first = self._original(key)
            parts = [first, "flows", f"{name}.yaml"] if is_flow else [first, "files", name]
        elif is_flow:
            folder = below if layout is Layout.TREE else self._original(key).replace(".", "/")
            parts = [folder, f"{name}.yaml"]
        else:
            parts = [below, "_files", name]
        return "/".join(part for part in (binding.path, *parts) if part)


def _bytes(mirror: Mirror, sha: str, path: str, most: int) -> bytes | None:
    """A file of a commit; None where there is none, or one that is too large. Raises GitFailed."""
    for file in mirror.files(sha, path):
        if file.path == path and not file.problem and file.size <= most:
            ((_, data),) = mirror.read({file.blob: file.size})
            return data
    return None
