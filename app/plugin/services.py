"""What tasks may ask of the database, implemented by `service`, handed in by the worker.

Methods that write take effect at once, not with the task's end. Those that act on another
namespace raise Forbidden when the flow may not use it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, Protocol

from app.plugin.exchange import Exchange


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which executions or lines; empty parts do not narrow."""

    namespace: str | None = None
    flow_id: str | None = None
    execution_id: str | None = None
    states: Sequence[str] = ()
    levels: Sequence[str] = ()
    start: datetime | None = None
    end: datetime | None = None


class Records(Protocol):
    """Executions, their logs, triggers."""

    def fetch_logs(
        self, execution_id: str, task_ids: Sequence[str], level: str
    ) -> Iterator[Mapping[str, Any]]:
        """The lines of an execution at a level or above, in order, as clients see them."""
        ...

    def purge_logs(self, selection: Selection) -> int:
        """Removes lines; how many there were."""
        ...

    def purge_executions(
        self, selection: Selection, parts: frozenset[str], batch: int
    ) -> Mapping[str, int]:
        """Removes `parts` (executions, logs, metrics, storages) of ended executions; counts."""
        ...

    def count_executions(
        self, flows: Sequence[tuple[str, str]], namespaces: Sequence[str], selection: Selection
    ) -> Sequence[tuple[str, str, int]]:
        """(namespace, flow, count) of each flow asked for, or of each one of the namespaces."""
        ...

    def resume(self, execution_id: str, inputs: Mapping[str, Any]) -> None:
        """Resumes a PAUSED execution."""
        ...

    def kill(self, execution_id: str, *, cascade: bool) -> None:
        """Asks an execution to stop."""
        ...

    def toggle(self, namespace: str, flow_id: str, trigger_id: str, *, enabled: bool) -> None:
        """Switches a trigger on or off."""
        ...


class NamespaceFiles(Protocol):
    """Files of namespaces."""

    def list(self, namespace: str, snapshot: str | None = None) -> Mapping[str, str]:
        """Path (no leading slash) to `kestra://` URI of every file."""
        ...

    def write(self, namespace: str, path: str, stream: BinaryIO, conflict: str) -> bool:
        """Stores a file; False when it was there and `conflict` is SKIP. Invalid for ERROR."""
        ...

    def delete(self, namespace: str, paths: Sequence[str], *, folders: bool) -> None:
        """Removes files, and with `folders` the folders that are empty then."""
        ...

    def purge(
        self, namespaces: Sequence[str], glob: str, before: datetime | None, keep: int | None
    ) -> int:
        """Removes versions: the old ones, or all but the newest `keep`; how many."""
        ...


class Keys(Protocol):
    """Keys and values of namespaces."""

    def get(self, namespace: str, key: str) -> Any:
        """The stored value; KeyError when absent. Raises KeyExpired."""
        ...

    def list(self, namespace: str, prefix: str) -> Sequence[str]:
        """Keys that are not expired and start with `prefix`, sorted."""
        ...

    def purge(self, namespaces: Sequence[str], glob: str, *, expired_only: bool) -> int:
        """Removes entries whose key fits a glob; how many there were."""
        ...


class Services(Protocol):
    """Everything that a task may ask for."""

    records: Records
    files: NamespaceFiles
    keys: Keys
    exchange: Exchange

    def now(self) -> datetime:
        """The current moment, aware, UTC."""
        ...

    def seal(self, text: str) -> dict[str, str]:
        """A text as an encrypted output; expressions see it decrypted."""
        ...

    def check_namespace(self, caller: str, namespace: str) -> None:
        """Raises Forbidden when a flow of `caller` may not use `namespace`."""
        ...

    def check_change(self, namespace: str) -> None:
        """Raises Forbidden when this flow may not change what `namespace` holds."""
        ...

    def namespaces(
        self, named: Sequence[str], glob: str | None, *, children: bool
    ) -> Sequence[str]:
        """Namespaces with flows, files or keys: those named (with children), or that fit a glob."""
        ...
