"""What NamespaceSync and TenantSync have in common: whole namespaces, in either direction.

A namespace is a folder of its literal name with `flows/` and `files/` in it.
"""

import io
import json
import shutil
from abc import abstractmethod
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from app.gitops.diff import counted
from app.gitops.layout import is_within
from app.gitops.tree import Tree
from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.exchange import Exchange, IncomingDashboard, IncomingFile, IncomingFlow, Order
from app.plugin.task import Output, TaskFailed
from app.service.gitops.texts import without_updated
from workers.git.copy import Copy
from workers.git.documents import is_flow_file
from workers.git.pushing import Changes, CommitOutput, Content, PushingTask, changes, folder_of
from workers.git.syncing import Checkout, SyncingTask, bring, checkout
from workers.git.whole_tree import (
    BOARDS,
    Gone,
    board_paths,
    flow_paths,
    gone_boards,
    gone_of,
    namespaces_of,
)

_IN_GIT = {"ADDED": "ADDED", "UPDATED": "UPDATED_KES", "DELETED": "DELETED_KES"}


class Truth(StrEnum):
    """Which side wins."""

    GIT = "GIT"
    KESTRA = "KESTRA"


class Missing(StrEnum):
    """What happens to what the winning side does not have."""

    DELETE = "DELETE"
    KEEP = "KEEP"
    FAIL = "FAIL"


class OnInvalid(StrEnum):
    """What happens to flows of Git that are wrong."""

    SKIP = "SKIP"
    WARN = "WARN"
    FAIL = "FAIL"


class WholeSyncOutput(CommitOutput):
    """The commit that was pushed, if any, and what changed."""

    diff: str
    """A file: a list of `{file, key, kind, action}`, or for a push rows of `{file, additions,
    deletions, changes}`."""


class WholeSyncTask(PushingTask, SyncingTask):
    """Base of both tasks. With GIT as the truth the repository is never written."""

    output: ClassVar[type[Output] | None] = WholeSyncOutput
    takes_dashboards: ClassVar[bool] = False  #: they belong to no namespace, but to all

    branch: Dynamic[str]
    """The branch."""
    source_of_truth: Dynamic[Truth] = Truth.KESTRA
    """Which side wins."""
    when_missing_in_source: Dynamic[Missing] = Missing.DELETE
    """What happens to what the winning side does not have."""
    protected_namespaces: Dynamic[list[str]] = ["system"]
    """Nothing is deleted in these, and all below them."""
    on_invalid_syntax: Dynamic[OnInvalid] = OnInvalid.FAIL
    """What happens when a flow of Git is wrong."""

    @abstractmethod
    def places(self, ctx: RunContext, exchange: Exchange, in_git: Sequence[str]) -> list[str]:
        """The namespaces that are synced."""

    @abstractmethod
    def default_message(self) -> str:
        """The commit's message when none is given."""

    def run(self, ctx: RunContext) -> WholeSyncOutput:
        """Raises TaskFailed, with neither side changed."""
        truth = str(ctx.render(self.source_of_truth)).upper()
        if truth not in list(Truth):
            raise TaskFailed("`sourceOfTruth` is GIT or KESTRA", is_final=True)
        with self.exchange(ctx) as exchange:
            if exchange is not ctx.services.exchange:
                raise TaskFailed(
                    "`kestraUrl`: files cannot be exchanged with another server", is_final=True
                )
            work = _FromGit if truth == Truth.GIT else _ToGit
            return work(self, ctx, exchange).run()


class _Direction:
    """One run of a task in one direction."""

    def __init__(self, task: WholeSyncTask, ctx: RunContext, exchange: Exchange) -> None:
        self.task, self.ctx, self.exchange = task, ctx, exchange
        self.folder = folder_of(ctx, task.git_directory)
        self.missing = str(ctx.render(task.when_missing_in_source)).upper()
        if self.missing not in list(Missing):
            raise TaskFailed("`whenMissingInSource` is DELETE, KEEP or FAIL", is_final=True)
        given = ctx.read(task.protected_namespaces, list)
        self.protected = [str(name) for name in given or []]

    def path(self, *parts: str) -> str:
        """A path of the repository."""
        return "/".join(filter(None, [self.folder, *parts]))

    def put(self, text: str) -> str:
        """Stores the diff."""
        return self.ctx.put_stream(io.BytesIO(text.encode()), "diff.ion")


class _FromGit(_Direction):
    """Git is the truth: one order for everything."""

    def run(self) -> WholeSyncOutput:
        with checkout(self.task, self.ctx) as found:
            if self.folder and not found.tree.has_folder(self.folder):
                raise TaskFailed(f"The directory '{self.folder}' was not found", is_final=True)
            names = self.task.places(
                self.ctx, self.exchange, namespaces_of(found.tree, self.folder)
            )
            done = bring(self.ctx, self.exchange, self._order(found, names))
        rows = [
            {
                "file": change.path or self._would_be(change.kind, change.namespace, change.name),
                "key": f"{change.namespace}:{change.name}".lstrip(":"),
                "kind": change.kind,
                "action": _IN_GIT[change.state],
            }
            for change in done.changes
            if change.state in _IN_GIT
        ]
        rows.sort(key=lambda row: row["file"])
        return WholeSyncOutput(diff=self.put(json.dumps(rows)))

    def _would_be(self, kind: str, namespace: str, name: str) -> str:
        if kind == "DASHBOARD":
            return self.path(BOARDS, f"{name}.yaml")
        if kind == "FLOW":
            return self.path(namespace, "flows", f"{name}.yaml")
        return self.path(namespace, "files", name)

    def _order(self, found: Checkout, names: list[str]) -> Order:
        task, ctx = self.task, self.ctx
        on_invalid = str(ctx.render(task.on_invalid_syntax)).upper()
        if on_invalid not in list(OnInvalid):
            raise TaskFailed("`onInvalidSyntax` is SKIP, WARN or FAIL", is_final=True)
        flows, files = list[IncomingFlow](), list[IncomingFile]()
        kept: set[str] = set()
        for name in names:
            flows += self._flows(found, name)
            files += self._files(found, name)
            kept |= self._ignored(found, name)
        boards = self._boards(found)
        if boards is not None:
            kept |= self._ignored_boards(found)
        return Order(
            flows=flows,
            files=files,
            dashboards=boards or (),
            all_dashboards=boards is not None,
            flow_namespaces=names,
            file_folders=[(name, "") for name in names],
            missing=self.missing,
            allow_empty=bool(ctx.read(task.allow_empty, bool)),
            skip_invalid=on_invalid != OnInvalid.FAIL,
            dry_run=task.is_dry(ctx),
            protected=self.protected,
            kept=frozenset(kept),
            running=f"{ctx.ids.namespace}/{ctx.ids.flow_id}",
            make_namespaces=[name for name in names if name in {f.namespace for f in flows}],
            origin=found.origin(),
            invalid_text="Invalid syntax for FLOW {path}: {reason}",
        )

    def _flows(self, found: Checkout, namespace: str) -> list[IncomingFlow]:
        place = self.path(namespace, "flows")
        files = found.find(place) or {}
        ignored = found.ignored(self.folder, [f"{namespace}/flows/{name}" for name in files])
        wanted = {
            name: file
            for name, file in files.items()
            if is_flow_file(name) and f"{namespace}/flows/{name}" not in ignored
        }
        return [
            IncomingFlow(path=f"{place}/{name}", text=text.rstrip(), namespace=namespace)
            for name, text in found.texts(wanted).items()
        ]

    def _files(self, found: Checkout, namespace: str) -> list[IncomingFile]:
        place = self.path(namespace, "files")
        files = found.find(place) or {}
        ignored = found.ignored(self.folder, [f"{namespace}/files/{name}" for name in files])
        wanted = {n: f for n, f in files.items() if f"{namespace}/files/{n}" not in ignored}
        return [
            IncomingFile(path=f"{place}/{name}", namespace=namespace, name=name, content=content)
            for name, content in found.contents(wanted).items()
        ]

    def _boards(self, found: Checkout) -> list[IncomingDashboard] | None:
        """The dashboards of the repository; None where it says nothing of them."""
        place = self.path(BOARDS)
        files = found.find(place) if self.task.takes_dashboards else None
        if files is None:
            return None
        ignored = found.ignored(self.folder, [f"{BOARDS}/{name}" for name in files])
        wanted = {
            name: file
            for name, file in files.items()
            if is_flow_file(name) and "/" not in name and f"{BOARDS}/{name}" not in ignored
        }
        texts = found.texts(wanted).items()
        return [IncomingDashboard(path=f"{place}/{name}", text=text) for name, text in texts]

    def _ignored_boards(self, found: Checkout) -> set[str]:
        paths = {
            f"{BOARDS}/{board.id}{ending}": board.id
            for board in self.exchange.dashboards()
            for ending in (".yml", ".yaml")
        }
        return {paths[name] for name in found.ignored(self.folder, list(paths))}

    def _ignored(self, found: Checkout, namespace: str) -> set[str]:
        paths = {}
        for flow in self.exchange.flows(namespace, children=False):
            for ending in ("yaml", "yml"):
                paths[f"{namespace}/flows/{flow.id}.{ending}"] = f"{namespace}/{flow.id}"
        for name in self.ctx.services.files.list(namespace):
            paths[f"{namespace}/files/{name}"] = f"{namespace}:{name}"
        return {paths[name] for name in found.ignored(self.folder, list(paths))}


class _ToGit(_Direction):
    """The server is the truth: one commit for everything."""

    def run(self) -> WholeSyncOutput:
        self.rows: list[dict[str, str]] = []
        message = self.task.message(self.ctx, self.task.default_message())
        with TemporaryDirectory(prefix="trunkline-files-") as place:
            self.place = Path(place)
            sent = self.task.send(self.ctx, self._changes, message)
        if sent.sha is None:
            text = json.dumps(self.rows if self.task.is_dry(self.ctx) else [])
            return WholeSyncOutput(diff=self.put(text))
        lines = []
        for file, regions in sorted(sent.regions.items()):
            added, deleted, changed = counted(regions)
            row = {"file": file, "additions": added, "deletions": deleted, "changes": changed}
            lines.append(json.dumps(row) + "\n")
        return WholeSyncOutput(
            commit_id=sent.sha, commit_url=sent.url, diff=self.put("".join(lines))
        )

    def _changes(self, copy: Copy, tree: Tree) -> Changes:
        in_git = namespaces_of(tree, self.folder)
        names = self.task.places(self.ctx, self.exchange, in_git)
        wanted: dict[str, Content] = {}
        keys: dict[str, tuple[str, str]] = {}
        for name in names:
            self._add_flows(copy, tree, name, wanted, keys)
            self._add_files(name, wanted, keys)
        gone = [g for name in names for g in gone_of(copy, tree, self.folder, name, set(wanted))]
        if self.task.takes_dashboards:
            self._add_boards(copy, tree, wanted, keys)
            gone += gone_boards(copy, tree, self.folder, set(wanted))
        ignored = copy.ignored(tree, self.folder, [*wanted, *(g.path for g in gone)])
        wanted = {path: data for path, data in wanted.items() if path not in ignored}
        gone = [g for g in gone if g.path not in ignored]
        removed = self._removed(gone)
        found = changes(tree, self.folder, wanted, [g.path for g in removed])
        self._note(found, tree, keys, removed)
        return found

    def _removed(self, gone: list[Gone]) -> list[Gone]:
        open_ones = [
            g for g in gone if not any(is_within(g.namespace, name) for name in self.protected)
        ]
        if self.missing == Missing.FAIL and open_ones:
            raise TaskFailed(
                "; ".join(
                    f"Sync failed: {g.kind} missing in KESTRA but present in Git for key {g.key}"
                    for g in open_ones[:50]
                ),
                is_final=True,
            )
        return open_ones if self.missing == Missing.DELETE else []

    def _add_flows(
        self,
        copy: Copy,
        tree: Tree,
        namespace: str,
        wanted: dict[str, Content],
        keys: dict[str, tuple[str, str]],
    ) -> None:
        known = flow_paths(copy, tree, self.path(namespace, "flows"))
        for flow in self.exchange.flows(namespace, children=False):
            if flow.is_draft:
                continue
            path = f"{namespace}/flows/{known.get(flow.id, flow.id + '.yaml')}"
            wanted[path] = flow.source.encode()
            keys[path] = ("FLOW", f"{namespace}:{flow.id}")

    def _add_files(
        self, namespace: str, wanted: dict[str, Content], keys: dict[str, tuple[str, str]]
    ) -> None:
        for name, uri in self.ctx.services.files.list(namespace).items():
            if ".git" in name.lower().split("/"):
                continue
            content = self.place / str(len(wanted))
            with self.ctx.storage.open(uri) as stream, content.open("wb") as file:
                shutil.copyfileobj(stream, file, 1 << 20)
            path = f"{namespace}/files/{name}"
            wanted[path] = content
            keys[path] = ("FILE", f"{namespace}:{name}")

    def _add_boards(
        self,
        copy: Copy,
        tree: Tree,
        wanted: dict[str, Content],
        keys: dict[str, tuple[str, str]],
    ) -> None:
        known = board_paths(copy, tree, self.path(BOARDS))
        for board in self.exchange.dashboards():
            path = f"{BOARDS}/{known.get(board.id, board.id + '.yaml')}"
            wanted[path] = without_updated(board.source).encode()
            keys[path] = ("DASHBOARD", board.id)

    def _note(
        self, found: Changes, tree: Tree, keys: dict[str, tuple[str, str]], removed: list[Gone]
    ) -> None:
        """The rows of a dry run."""
        names = {g.path: (g.kind, g.key) for g in removed} | keys
        self.rows = []
        for path, data in sorted(found.items()):
            inner = path[len(self.folder) :].lstrip("/")
            kind, key = names.get(inner, ("FILE", inner))
            written = "UPDATED_GIT" if path in tree.entries else "ADDED"
            action = "DELETED_GIT" if data is None else written
            self.rows.append({"file": path, "key": key, "kind": kind, "action": action})
