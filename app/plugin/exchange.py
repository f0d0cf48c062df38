"""What a task brings to the server in one go, or takes from it: flows and namespace files.

The order of a task is planned as a whole and applied in one transaction, or not at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True, kw_only=True)
class StoredFlow:
    """A flow as the server holds it."""

    namespace: str
    id: str
    revision: int
    source: str
    is_draft: bool = False


@dataclass(frozen=True, kw_only=True)
class IncomingFlow:
    """A flow's text, the place it comes from, and the namespace it goes to.

    Without a namespace it goes to the one that it declares.
    """

    path: str
    text: str
    namespace: str | None = None


@dataclass(frozen=True, kw_only=True)
class IncomingFile:
    """A file for a namespace, with the place it comes from."""

    path: str
    namespace: str
    name: str
    content: Path


@dataclass(frozen=True, kw_only=True)
class StoredDashboard:
    """A dashboard as the server holds it."""

    id: str
    source: str
    updated: datetime


@dataclass(frozen=True, kw_only=True)
class IncomingDashboard:
    """A dashboard's text and the place it comes from."""

    path: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Order:
    """What the server shall hold.

    Of `flow_namespaces`, and of the folders `file_folders` (namespace and folder, empty for all of
    it), what is not brought goes as `missing` says: DELETE, KEEP, FAIL.
    """

    flows: Sequence[IncomingFlow] = ()
    files: Sequence[IncomingFile] = ()
    dashboards: Sequence[IncomingDashboard] = ()
    all_dashboards: bool = False  #: dashboards that are not brought go as `missing` says
    flow_namespaces: Sequence[str] = ()
    file_folders: Sequence[tuple[str, str]] = ()
    missing: str = "KEEP"
    allow_empty: bool = False  #: also when nothing at all is brought, or most would go
    skip_invalid: bool = False  #: apply the valid rest when a flow is wrong
    dry_run: bool = False
    protected: Sequence[str] = ()  #: namespaces (and all below) in which nothing is deleted
    kept: frozenset[str] = frozenset()  #: `namespace/id` and `namespace:path` that are left alone
    running: str = ""  #: `namespace/id` of the flow that asks: it may change, and never goes
    make_namespaces: Sequence[str] = ()
    origin: Mapping[str, Any] = field(default_factory=dict)  #: where it comes from
    folder: str = ""  #: paths are told relative to it
    invalid_text: str = "Invalid flow imported from Git ({path}): {reason}"

    def invalid(self, path: str, reason: str) -> str:
        """What is told of a flow that cannot be applied."""
        shown = path.removeprefix(self.folder + "/")
        return self.invalid_text.format(path=shown, reason=reason)


@dataclass(frozen=True, kw_only=True)
class Change:
    """One resource of an order and what happens to it: ADDED UPDATED UNCHANGED DELETED."""

    kind: str  #: FLOW, FILE or DASHBOARD
    namespace: str
    name: str  #: the flow's or dashboard's id, the file's path
    path: str | None  #: where it comes from; None for what goes
    state: str
    revision: int | None = None  #: of a flow, after the change


@dataclass(frozen=True)
class Done:
    """What an order did (or would do), and what was left out as invalid."""

    changes: tuple[Change, ...]
    skipped: tuple[str, ...] = ()


class Exchange(Protocol):
    """Flows and files of namespaces, taken and brought as a whole."""

    def flows(self, namespace: str, *, children: bool) -> Sequence[StoredFlow]:
        """Every flow of a namespace (and of those below it)."""
        ...

    def dashboards(self) -> Sequence[StoredDashboard]:
        """Every dashboard, by id; the built-in one only once it was replaced."""
        ...

    def namespaces(self) -> Sequence[str]:
        """Every namespace that holds a flow or a file."""
        ...

    def is_known(self, namespace: str) -> bool:
        """Whether the namespace holds or held anything."""
        ...

    def folders(self, namespace: str) -> Sequence[str]:
        """Paths of the folders of a namespace's files."""
        ...

    def bring(self, order: Order) -> Done:
        """Plans and applies an order in one transaction; on a dry run only plans it.

        Raises Conflict or Invalid naming every hindrance, with nothing changed.
        """
        ...
