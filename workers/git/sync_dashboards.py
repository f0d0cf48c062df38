"""SyncDashboards: a folder of a repository becomes the dashboards of the server."""

from typing import Any, ClassVar

from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.exchange import Done, Exchange, IncomingDashboard, Order
from app.plugin.task import Output, TaskFailed
from workers.git.documents import is_flow_file
from workers.git.pushing import folder_of, put_rows
from workers.git.syncing import Checkout, FolderSyncTask, SyncOutput, bring, checkout, counts


class SyncDashboardsOutput(SyncOutput):
    """What changed."""

    dashboards: str
    """A file of rows `{gitPath, syncState, dashboardId, updated}`."""


class SyncDashboards(FolderSyncTask):
    """Bring dashboards of a Git folder to the server, in one transaction."""

    type_name: ClassVar[str] = "io.kestra.plugin.git.SyncDashboards"
    output: ClassVar[type[Output] | None] = SyncDashboardsOutput

    git_directory: Dynamic[str] | None = "_dashboards"
    """The folder of the dashboards."""

    def run(self, ctx: RunContext) -> SyncDashboardsOutput:
        """One wrong dashboard, and nothing changes. Raises TaskFailed."""
        folder = folder_of(ctx, self.git_directory)
        with self.exchange(ctx) as exchange, checkout(self, ctx) as found:
            files = found.find(folder)
            if files is None:
                if ctx.read(self.fail_on_missing_directory, bool):
                    raise TaskFailed(f"The directory '{folder}' was not found", is_final=True)
                ctx.log.warning("the directory '%s' was not found: nothing is changed", folder)
                return SyncDashboardsOutput(dashboards=put_rows(ctx, []), commit_id=found.head.sha)
            texts = found.texts({name: file for name, file in files.items() if is_flow_file(name)})
            order = Order(
                dashboards=[
                    IncomingDashboard(path=f"{folder}/{name}".lstrip("/"), text=text)
                    for name, text in texts.items()
                ],
                all_dashboards=True,
                missing="DELETE" if ctx.read(self.delete, bool) else "KEEP",
                allow_empty=bool(ctx.read(self.allow_empty, bool)),
                dry_run=self.is_dry(ctx),
                kept=_ignored(exchange, found, folder),
                origin=found.origin(),
            )
            done = bring(ctx, exchange, order)
            rows = _rows(exchange, done)
        return SyncDashboardsOutput(
            dashboards=put_rows(ctx, rows), commit_id=found.head.sha, counts=counts(done)
        )


def _ignored(exchange: Exchange, found: Checkout, folder: str) -> frozenset[str]:
    """Dashboards whose file, if there were one, would be ignored."""
    paths = {
        f"{board.id}{ending}": board.id
        for board in exchange.dashboards()
        for ending in (".yml", ".yaml")
    }
    return frozenset(paths[name] for name in found.ignored(folder, list(paths)))


def _rows(exchange: Exchange, done: Done) -> list[dict[str, Any]]:
    """The rows of the output file, by path; what was deleted first."""
    times = {board.id: board.updated.isoformat() for board in exchange.dashboards()}
    rows = [
        {
            "gitPath": change.path,
            "syncState": change.state,
            "dashboardId": change.name,
            "updated": times.get(change.name),
        }
        for change in done.changes
        if change.kind == "DASHBOARD"
    ]
    return sorted(rows, key=lambda row: str(row["gitPath"] or ""))
