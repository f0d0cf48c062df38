"""Orders of tasks: flows and files brought to the server as a whole, planned like a binding's.

What a Git binding owns is left to it: an order that would change it is refused.
"""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from app.database import dashboards, namespaces
from app.database import flows as flow_rows
from app.database.session import Session
from app.errors import Conflict
from app.gitops.layout import Kind, is_within
from app.gitops.plan import Action, Item, Key, Plan, Policy, States, Sync, make_plan, namespace_of
from app.plugin.exchange import Change, Done, Order, StoredDashboard, StoredFlow
from app.service import flows, ownership
from app.service.gitops import boards
from app.service.gitops.apply import Moved, check_unmoved
from app.service.gitops.incoming import ME, Reading, read
from app.service.gitops.writing import FileWriter, StoredBytes, store
from app.service.namespace_reach import Reach
from app.service.runtime import Runtime

_STATES = {Action.CREATE: "ADDED", Action.UPDATE: "UPDATED", Action.DELETE: "DELETED"}
_WRITES = (Action.CREATE, Action.UPDATE)
_TRIES = 3
_FEW, _MOST_PERCENT = 5, 50


class TaskExchange:
    """See Exchange."""

    def __init__(self, rt: Runtime, reach: Reach) -> None:
        self._rt, self._reach = rt, reach

    def flows(self, namespace: str, *, children: bool) -> Sequence[StoredFlow]:
        """Every flow of a namespace (and of those below it)."""
        self._reach.check_use([namespace])
        exact, prefix = (None, namespace) if children else (namespace, None)
        with self._rt.database.reading() as tx:
            rows = flow_rows.list_latest(tx, namespace=exact, prefix=prefix)
        return [
            StoredFlow(
                namespace=row.namespace,
                id=row.id,
                revision=row.revision,
                source=row.source,
                is_draft=row.document.get("draft") is True,
            )
            for row in rows
        ]

    def dashboards(self) -> Sequence[StoredDashboard]:
        """Every dashboard, by id; the built-in one only once it was replaced."""
        with self._rt.database.reading() as tx:
            rows = dashboards.list_all(tx)
        return [StoredDashboard(id=r.id, source=r.source, updated=r.updated_at) for r in rows]

    def namespaces(self) -> Sequence[str]:
        """Every namespace that holds a flow or a file."""
        with self._rt.database.reading() as tx:
            found = {*flow_rows.list_namespaces(tx), *namespaces.list_namespaces_with_files(tx)}
        return sorted(found)

    def is_known(self, namespace: str) -> bool:
        """Whether the namespace holds or held anything."""
        with self._rt.database.reading() as tx:
            return (
                namespaces.find(tx, namespace) is not None
                or namespaces.has_flows(tx, namespace, deleted_too=True)
                or namespace in namespaces.list_namespaces_with_versions(tx)
            )

    def folders(self, namespace: str) -> Sequence[str]:
        """Paths of the folders of a namespace's files."""
        with self._rt.database.reading() as tx:
            rows = namespaces.list_files(tx, namespace)
        found = {row.path.rstrip("/") for row in rows if row.uri is None}
        for row in rows:
            found |= {str(p) for p in PurePosixPath(row.path).parents if str(p) != "."}
        return sorted(found)

    def bring(self, order: Order) -> Done:
        """Plans and applies an order. Raises Conflict or Invalid, with nothing changed."""
        for left in reversed(range(_TRIES)):
            planned = _Planned(self._rt, order)
            self._reach.check_change(planned.namespaces())
            planned.check()
            if order.dry_run:
                return planned.done({})
            try:
                revisions = _apply(self._rt, order, planned)
            except Moved:
                if not left:
                    raise
                continue
            self._rt.publisher.announce("due", {})
            return planned.done(revisions)
        raise AssertionError("unreachable")


class _Planned:
    """An order compared with what runs."""

    def __init__(self, rt: Runtime, order: Order) -> None:
        self.order = order
        self.reading: Reading = read(rt, order)
        self.plan: Plan = self._plan()

    def _plan(self) -> Plan:
        order, reading = self.order, self.reading
        running = frozenset({(Kind.FLOW, order.running)})
        policy = Policy(
            prune=order.missing == "DELETE",
            allow_empty=order.allow_empty,
            max_delete_percent=100 if order.allow_empty else _MOST_PERCENT,
            few_deletes=_FEW,
            quarantine=order.skip_invalid,
            protected=tuple(order.protected),
            kept=running,
        )
        return make_plan(ME, States(reading.desired, reading.owned, reading.live), policy)

    def namespaces(self) -> set[str]:
        """What is compared and may change; dashboards are everybody's ("")."""
        order = self.order
        named = {*order.flow_namespaces, *order.make_namespaces, *dict(order.file_folders)}
        found = {namespace_of((item.kind, item.key)) for item in self.plan.items}
        return named | found | {namespace_of(key) for key in self.reading.displaced}

    def check(self) -> None:
        """Raises Conflict naming all that hinders."""
        problems = list(self.plan.blocked and self.plan.problems)
        if self.order.missing == "FAIL":
            problems += [
                f"Sync failed: {item.kind} missing in Git but present in KESTRA "
                f"for key {item.key.replace('/', ':', 1)}"
                for item in self.plan.items
                if item.state is Sync.ORPHAN and not self._is_kept((item.kind, item.key))
            ]
        if problems:
            raise Conflict("; ".join(problems[:50]))

    def _is_kept(self, key: Key) -> bool:
        is_safe = any(is_within(namespace_of(key), n) for n in self.order.protected)
        return is_safe or key == (Kind.FLOW, self.order.running)

    def done(self, revisions: dict[Key, int]) -> Done:
        """What came of it; `revisions` are those that were made."""
        changes = [self._change(item, revisions) for item in self.plan.items]
        gone = {(item.kind, item.key) for item in self.plan.changes}
        displaced = [key for key in self.reading.displaced if key not in gone]
        changes += [_named(kind, key, None, "DELETED", None) for kind, key in displaced]
        skipped = [p for item in self.plan.items if item.state is Sync.INVALID
                   for p in item.problems]  # fmt: skip
        return Done(tuple(c for c in changes if c is not None), tuple(skipped))

    def _change(self, item: Item, revisions: dict[Key, int]) -> Change | None:
        key = (item.kind, item.key)
        if item.action is Action.NONE and item.state is not Sync.SYNCED:
            return None  # an orphan that stays, an invalid file
        if item.action is Action.FORGET:
            return None
        state = _STATES.get(item.action, "UNCHANGED")
        number = self.reading.revisions.get(key)
        if item.kind is Kind.FLOW and item.action in _WRITES:
            number = revisions.get(key, (number or 0) + 1)
        path = None if item.action is Action.DELETE else item.path
        return _named(item.kind, item.key, path, state, number)


def _named(kind: Kind, key: str, path: str | None, state: str, number: int | None) -> Change:
    namespace, name = "", key
    if kind is not Kind.DASHBOARD:
        namespace, _, name = key.partition("/" if kind is Kind.FLOW else ":")
    return Change(
        kind=kind.value, namespace=namespace, name=name, path=path, state=state, revision=number
    )


def _apply(rt: Runtime, order: Order, planned: _Planned) -> dict[Key, int]:
    """Writes everything in one transaction; the revisions that were made. Raises Moved."""
    stored: dict[str, StoredBytes] = {}
    for item in planned.plan.changes:
        if item.kind is Kind.FILE and item.action in _WRITES:
            with planned.reading.files[item.kind, item.key].open("rb") as stream:
                stored[item.key] = store(rt, stream)
    with rt.database.transaction() as tx:
        check_unmoved(tx, planned.plan)
        work = _Work(rt, tx, order, planned.reading, stored)
        for item in sorted(planned.plan.changes, key=lambda i: i.action is not Action.DELETE):
            if item.key not in stored or item.kind is not Kind.FILE:
                work.do(item)
        work.write_files([i for i in planned.plan.changes if i.kind is Kind.FILE])
        work.make_room(planned)
        for namespace in order.make_namespaces:
            if namespaces.find(tx, namespace) is None:
                namespaces.write(tx, namespace, rt.clock())
    return work.revisions


class _Work:
    """The writes of one transaction."""

    def __init__(
        self,
        rt: Runtime,
        tx: Session,
        order: Order,
        reading: Reading,
        stored: dict[str, StoredBytes],
    ) -> None:
        self.rt, self.tx, self.order, self.reading, self.stored = rt, tx, order, reading, stored
        self.files = FileWriter(rt, tx)
        self.revisions: dict[Key, int] = {}

    def do(self, item: Item) -> None:
        """Makes one change."""
        key = (item.kind, item.key)
        origin: dict[str, Any] = {**self.order.origin, "path": item.path}
        if item.kind is Kind.FILE:
            if item.action is Action.DELETE:
                self.files.end(item.key)
        elif item.kind is Kind.DASHBOARD:
            self._board(item)
        elif item.action is Action.DELETE:
            namespace, _, flow_id = item.key.partition("/")
            flows.delete_in(self.tx, self.rt, namespace, flow_id)
        else:
            text, parsed = self.reading.flows[key]
            author = str(origin.get("author") or "") or None
            saved = flows.save_in(self.tx, self.rt, parsed, text, author=author, git=origin)
            self.revisions[key] = saved.revision

    def write_files(self, items: Sequence[Item]) -> None:
        """Writes those whose bytes are stored, a few statements for all."""
        origin = self.order.origin
        self.files.put_many(
            (item.key, self.stored[item.key], {**origin, "path": item.path})
            for item in items
            if item.key in self.stored
        )

    def _board(self, item: Item) -> None:
        if item.action is Action.DELETE:
            boards.end(self.tx, self.rt, item.key)
            return
        text = self.reading.dashboards[item.kind, item.key]
        author = str(self.order.origin.get("author") or "") or None
        boards.put(self.tx, self.rt, item.key, text, author=author)

    def make_room(self, planned: _Planned) -> None:
        """Ends files and folders where a folder or a file has come, and folders left empty."""
        gone = {(item.kind, item.key) for item in planned.plan.changes}
        for kind, key in planned.reading.displaced:
            if (kind, key) not in gone:
                ownership.check(self.tx, self.rt.clock(), kind.value, key)
                self.files.end(key)
        prunes = self.order.missing == "DELETE"
        for namespace, folder in self.order.file_folders:
            paths = [row.path for row in namespaces.list_files(self.tx, namespace)]
            for path in [p for p in paths if p.endswith("/")]:
                is_replaced = path[:-1] in paths
                is_empty = not any(p.startswith(path) and not p.endswith("/") for p in paths)
                is_ours = not folder or path.startswith(folder + "/")
                is_kept = f"{namespace}:{path}" in self.order.kept
                if is_replaced or (prunes and is_empty and is_ours and not is_kept):
                    self.files.end(f"{namespace}:{path}")
