"""Sync: a repository's flows and files to the flow's own namespace (deprecated)."""

from typing import ClassVar

from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.exchange import Done, IncomingFile, IncomingFlow, Order
from app.plugin.task import TaskFailed
from workers.git.documents import is_flow_file
from workers.git.pushing import folder_of
from workers.git.syncing import Checkout, SyncingTask, bring, checkout

_SIGNS = {"ADDED": "+", "UPDATED": "~", "DELETED": "-"}
_FLOWS = "_flows/"


class Sync(SyncingTask):
    """Bring flows (below `_flows`) and files of a repository to this flow's namespace.

    What the repository does not have is deleted, but for the flow that runs this.
    """

    type_name: ClassVar[str] = "io.kestra.plugin.git.Sync"
    is_deprecated: ClassVar[bool] = True

    branch: Dynamic[str] | None = None
    """The branch; the repository's own if none."""
    namespace_files_directory: Dynamic[str] | None = None
    """The folder of the namespace that files go to."""

    def run(self, ctx: RunContext) -> None:
        """Raises TaskFailed."""
        folder = folder_of(ctx, self.git_directory)
        below = folder_of(ctx, self.namespace_files_directory, "namespaceFilesDirectory")
        with self.exchange(ctx) as exchange, checkout(self, ctx) as found:
            order = self._order(ctx, found, folder, below)
            done = bring(ctx, exchange, order)
        self._tell(ctx, done, below)

    def _order(self, ctx: RunContext, found: Checkout, folder: str, below: str) -> Order:
        files = found.find(folder)
        if files is None:
            raise TaskFailed(f"The directory '{folder}' was not found", is_final=True)
        flows = {
            name: file
            for name, file in files.items()
            if name.startswith(_FLOWS) and name.count("/") == 1 and is_flow_file(name)
        }
        others = {name: f for name, f in files.items() if not name.startswith(_FLOWS)}
        namespace = ctx.ids.namespace
        return Order(
            flows=[
                IncomingFlow(
                    path=f"{folder}/{name}".lstrip("/"), text=text.rstrip(), namespace=namespace
                )
                for name, text in found.texts(flows).items()
            ],
            files=[
                IncomingFile(
                    path=f"{folder}/{name}".lstrip("/"),
                    namespace=namespace,
                    name=f"{below}/{name}".lstrip("/"),
                    content=content,
                )
                for name, content in found.contents(others).items()
            ],
            flow_namespaces=[namespace],
            file_folders=[(namespace, below)],
            missing="DELETE",
            allow_empty=bool(ctx.read(self.allow_empty, bool)),
            dry_run=self.is_dry(ctx),
            kept=self._kept(ctx, found, folder, below),
            running=f"{namespace}/{ctx.ids.flow_id}",
            origin=found.origin(),
            folder=folder,
        )

    def _kept(self, ctx: RunContext, found: Checkout, folder: str, below: str) -> frozenset[str]:
        namespace = ctx.ids.namespace
        prefix = below + "/" if below else ""
        names = {}
        for path in ctx.services.files.list(namespace):
            if path.startswith(prefix):
                names[path[len(prefix) :]] = f"{namespace}:{path}"
        for flow in ctx.services.exchange.flows(namespace, children=False):
            for ending in (".yml", ".yaml"):
                names[f"{_FLOWS}{flow.id}{ending}"] = f"{namespace}/{flow.id}"
        return frozenset(names[name] for name in found.ignored(folder, list(names)))

    def _tell(self, ctx: RunContext, done: Done, below: str) -> None:
        lines = []
        for change in done.changes:
            is_flow = change.kind == "FLOW"
            name = f"{_FLOWS}{change.name}.yml" if is_flow else change.name
            if change.state in _SIGNS:
                lines.append(f"{_SIGNS[change.state]} {name}")
        if self.is_dry(ctx):
            lines.insert(0, "Dry run is enabled, not performing following actions (if any):")
        for line in lines:
            ctx.log.info("%s", line)
