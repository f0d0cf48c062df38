"""The `Services` of running tasks: what they may ask of the database."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.database import namespaces
from app.errors import Forbidden
from app.service import crypto, kv
from app.service.runtime import Runtime


class TaskServices:
    """Answers for flows of one namespace."""

    def __init__(self, rt: Runtime, namespace: str) -> None:
        self._rt = rt
        self._namespace = namespace

    def now(self) -> datetime:
        """The current moment."""
        return self._rt.clock()

    def kv_get(self, namespace: str, key: str) -> Any:
        """The stored value; KeyError when absent. Raises KeyExpired."""
        row = kv.find(self._rt, namespace, key, inherit=namespace == self._namespace)
        if row is None:
            raise KeyError(key)
        return row.value

    def kv_keys(self, namespace: str, prefix: str) -> list[str]:
        """Keys that start with `prefix`, sorted."""
        return [row.key for row in kv.list_keys(self._rt, namespace) if row.key.startswith(prefix)]

    def namespace_files(self, namespace: str, snapshot: str | None) -> Mapping[str, str]:
        """Path to URI of every file of a namespace, as of a snapshot."""
        at = int(snapshot) if snapshot not in (None, "") else None
        with self._rt.database.reading() as tx:
            rows = namespaces.list_files(tx, namespace, at)
        return {row.path: row.uri for row in rows if row.uri is not None}

    def seal(self, text: str) -> dict[str, str]:
        """A text as an encrypted output. Raises NoEncryptionKey."""
        return crypto.Keyring.of(self._rt.settings).seal(text)

    def check_namespace(self, caller: str, namespace: str) -> None:
        """Raises Forbidden for a namespace that nobody's flows live in, unless it is related."""
        related = caller == namespace or caller.startswith(namespace + ".")
        if related:
            return
        with self._rt.database.reading() as tx:
            if not namespaces.has_flows(tx, namespace):
                raise Forbidden(f"namespace {namespace!r} may not be used from {caller!r}")
