"""Namespace files for running tasks."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import BinaryIO

from app.database import namespaces
from app.errors import Invalid
from app.service import namespace_files
from app.service.namespace_reach import Reach
from app.service.runtime import Runtime
from app.storage.paths import matches_glob


class TaskFiles:
    """See NamespaceFiles."""

    def __init__(self, rt: Runtime, reach: Reach) -> None:
        self._rt, self._reach = rt, reach

    def list(self, namespace: str, snapshot: str | None = None) -> Mapping[str, str]:
        """Path to URI of every file of a namespace, as of a snapshot."""
        self._reach.check_use([namespace])
        at = int(snapshot) if snapshot not in (None, "", "None") else None
        with self._rt.database.reading() as tx:
            rows = namespaces.list_files(tx, namespace, at)
        return {row.path: row.uri for row in rows if row.uri is not None}

    def write(self, namespace: str, path: str, stream: BinaryIO, conflict: str) -> bool:
        """Stores a file. Raises Invalid for one that is there when `conflict` is ERROR."""
        self._reach.check_change([namespace])
        if conflict != "OVERWRITE":
            with self._rt.database.reading() as tx:
                name = namespace_files.checked(path)
                is_there = namespaces.find_file(tx, namespace, name) is not None
            if is_there and conflict == "ERROR":
                raise Invalid(f"file {path!r} exists in namespace {namespace!r} already")
            if is_there:
                return False
        namespace_files.write(self._rt, namespace, path, stream)
        return True

    def delete(self, namespace: str, paths: Sequence[str], *, folders: bool) -> None:
        """Removes files, and with `folders` the folders that are empty then."""
        self._reach.check_change([namespace])
        namespace_files.delete_many(self._rt, namespace, paths, folders=folders)

    def purge(
        self, names: Sequence[str], glob: str, before: datetime | None, keep: int | None
    ) -> int:
        """Removes versions: old ones, or all but the newest `keep`; the last one only by `keep`.

        A version that a running execution's snapshot holds loses its row as well: what was purged
        cannot be read any more.
        """
        self._reach.check_change(names)
        gone: list[int] = []
        with self._rt.database.transaction() as tx:
            for name in names:
                by_path: dict[str, list[tuple[int, datetime, bool]]] = {}
                for row in namespaces.list_all_versions(tx, name):
                    if row.uri is not None and matches_glob(row.path, glob):
                        entry = (row.n, row.created_at, row.until is None)
                        by_path.setdefault(row.path, []).append(entry)
                for found in by_path.values():
                    gone += _purged(found, before, keep)
            namespaces.drop_versions(tx, gone)
        return len(gone)


def _purged(
    versions: Sequence[tuple[int, datetime, bool]], before: datetime | None, keep: int | None
) -> list[int]:
    """Rows of one file to remove; `versions` are its rows, the oldest first."""
    found = list(reversed(versions))
    if before is not None:
        found = [row for row in found if row[1] <= before and not row[2]]
    return [row[0] for row in (found[keep:] if keep is not None else found)]
