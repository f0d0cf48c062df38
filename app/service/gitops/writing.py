"""Namespace files written as part of a larger transaction: one snapshot for all of them."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from app.database import namespaces
from app.database.session import Session
from app.model.namespace import check_namespace
from app.service.runtime import Runtime


@dataclass(frozen=True)
class StoredBytes:
    """Bytes in the storage under their own hash: rows only point to them."""

    uri: str
    sha256: str
    size: int


def store(rt: Runtime, stream: BinaryIO) -> StoredBytes:
    """Stores a stream that can be read twice."""
    digest, size = hashlib.sha256(), 0
    while part := stream.read(1 << 20):
        digest.update(part)
        size += len(part)
    stream.seek(0)
    name = digest.hexdigest()
    return StoredBytes(rt.storage.put(f"/_content/{name[:2]}/{name}", stream), name, size)


#: a file's key, its bytes, where it comes from
Written = tuple[str, StoredBytes, Mapping[str, Any] | None]


class FileWriter:
    """The file writes of one transaction: executions see all changes of a namespace or none."""

    def __init__(self, rt: Runtime, tx: Session) -> None:
        self._rt, self._tx = rt, tx
        self._snapshots: dict[str, int] = {}

    def put(self, key: str, stored: StoredBytes, git: Mapping[str, Any] | None = None) -> None:
        """A new version of the file `namespace:path`."""
        self.put_many([(key, stored, git)])

    def put_many(self, written: Iterable[Written]) -> None:
        """New versions of many files: a few statements for each namespace. Raises Invalid."""
        places: dict[str, list[tuple[str, StoredBytes, Mapping[str, Any] | None]]] = {}
        for key, stored, git in written:
            namespace, _, path = key.partition(":")
            places.setdefault(namespace, []).append((path, stored, git))
        now = self._rt.clock()
        for namespace, files in places.items():
            check_namespace(namespace)
            at, paths = self._snapshot(namespace), [path for path, _, _ in files]
            known = namespaces.last_versions(self._tx, namespace, paths)
            namespaces.end_files(self._tx, namespace, paths, at)
            rows = [
                {
                    "namespace": namespace,
                    "path": path,
                    "version": known.get(path, 0) + 1,
                    "since": at,
                    "uri": stored.uri,
                    "sha256": stored.sha256,
                    "size": stored.size,
                    "git": dict(git) if git is not None else None,
                    "created_at": now,
                }
                for path, stored, git in files
            ]
            namespaces.add_files(self._tx, rows)

    def end(self, key: str) -> None:
        """The file (or with a slash at its end, the folder) `namespace:path` is gone."""
        namespace, _, path = key.partition(":")
        namespaces.end_file(self._tx, namespace, path, self._snapshot(namespace))

    def _snapshot(self, namespace: str) -> int:
        if namespace not in self._snapshots:
            now = self._rt.clock()
            self._snapshots[namespace] = namespaces.next_snapshot(self._tx, namespace, now)
        return self._snapshots[namespace]
