"""The `Services` of running tasks: what they may ask of the database.

Keys and namespaces are here, files in `task_files.py`, executions and logs in `task_records.py`.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from app.database import flows, namespaces
from app.database import kv as kv_rows
from app.errors import Forbidden
from app.plugin.exchange import Exchange
from app.plugin.services import Keys, NamespaceFiles, Records
from app.service import crypto, kv
from app.service.gitops.exchange import TaskExchange
from app.service.namespace_reach import Reach, may_use
from app.service.runtime import Runtime
from app.service.task_files import TaskFiles
from app.service.task_records import TaskRecords


class TaskKeys:
    """Keys and values, for flows of one namespace."""

    def __init__(self, rt: Runtime, namespace: str, on_secret: Callable[[str], None]) -> None:
        self._rt, self._namespace, self._on_secret = rt, namespace, on_secret

    def get(self, namespace: str, key: str) -> Any:
        """The stored value; KeyError when absent. Raises KeyExpired."""
        row = kv.find(self._rt, namespace, key, inherit=namespace == self._namespace)
        if row is None:
            raise KeyError(key)
        return kv.opened(self._rt, row, self._on_secret)

    def list(self, namespace: str, prefix: str) -> Sequence[str]:
        """Keys that start with `prefix`, sorted."""
        return [row.key for row in kv.list_keys(self._rt, namespace) if row.key.startswith(prefix)]

    def purge(self, namespaces: Sequence[str], glob: str, *, expired_only: bool) -> int:
        """Removes entries whose key fits a glob; how many there were."""
        Reach(self._rt, self._namespace).check_change(namespaces)
        with self._rt.database.transaction() as tx:
            found = kv_rows.list_all(tx, namespaces, expired_at=self._rt.clock())
            gone = [
                row
                for row in found
                if fnmatchcase(row.key, glob) and (row.is_expired or not expired_only)
            ]
            return sum(kv_rows.drop(tx, row.namespace, row.key) for row in gone)


class TaskServices:
    """Answers for flows of one namespace."""

    def __init__(
        self, rt: Runtime, namespace: str, flow_id: str, on_secret: Callable[[str], None]
    ) -> None:
        """`on_secret` hears of each hidden value that a key holds."""
        self._rt = rt
        self._ring = crypto.Keyring.of(rt.settings).at(namespace, flow_id)
        self._reach = Reach(rt, namespace)
        self.records: Records = TaskRecords(rt, self._reach)
        self.files: NamespaceFiles = TaskFiles(rt, self._reach)
        self.keys: Keys = TaskKeys(rt, namespace, on_secret)
        self.exchange: Exchange = TaskExchange(rt, self._reach)

    def now(self) -> datetime:
        """The current moment."""
        return self._rt.clock()

    def seal(self, text: str) -> dict[str, str]:
        """A text as an encrypted output. Raises NoEncryptionKey."""
        return self._ring.seal(text)

    def check_namespace(self, caller: str, namespace: str) -> None:
        """Raises Forbidden for a namespace that nobody's flows live in, unless it is related."""
        if not may_use(self._rt, caller, namespace):
            raise Forbidden(f"namespace {namespace!r} may not be used from {caller!r}")

    def check_change(self, namespace: str) -> None:
        """Raises Forbidden for a namespace that this flow may not change."""
        self._reach.check_change([namespace])

    def namespaces(
        self, named: Sequence[str], glob: str | None, *, children: bool
    ) -> Sequence[str]:
        """Namespaces that hold anything: those named (with children), or that fit a glob."""
        with self._rt.database.reading() as tx:
            known = {*flows.list_namespaces(tx), *kv_rows.list_namespaces(tx)}
            known |= {*namespaces.list_namespaces_with_versions(tx)}
        if glob is not None:
            return sorted(name for name in known if fnmatchcase(name, glob))
        if not named:
            return sorted(known)
        below = tuple(name + "." for name in named)
        wanted = {n for n in known if n in named or (children and n.startswith(below))}
        return sorted(wanted)
