"""PushDashboards: dashboards of the server to a folder of a repository."""

from typing import Any, ClassVar

from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.task import Output
from app.service.gitops.texts import without_updated
from workers.git.pushing import CommitOutput, Content, PushTask, folder_of, patterns
from workers.globs import matches_any


class PushDashboardsOutput(CommitOutput):
    """The commit, and what it changed."""

    flows: str
    """A file of rows `{file, additions, deletions, changes}`."""


class PushDashboards(PushTask):
    """Commit dashboards and push them to Git."""

    type_name: ClassVar[str] = "io.kestra.plugin.git.PushDashboards"
    output: ClassVar[type[Output] | None] = PushDashboardsOutput

    git_directory: Dynamic[str] = "_dashboards"
    """The folder of the dashboards."""
    dashboards: Dynamic[Any] | None = None
    """A glob of ids, or a list of them; every dashboard when absent."""

    def run(self, ctx: RunContext) -> PushDashboardsOutput:
        """Raises TaskFailed."""
        folder = folder_of(ctx, self.git_directory)
        globs = patterns(ctx, self.dashboards)
        with self.exchange(ctx) as exchange:
            wanted: dict[str, Content] = {
                f"{board.id}.yml": without_updated(board.source).encode()
                for board in exchange.dashboards()
                if not globs or matches_any(board.id, globs)
            }
        message = self.message(ctx, f"Add dashboards from flow: {ctx.ids.flow_id}")
        sent, rows = self.put(ctx, folder, wanted, globs, message)
        return PushDashboardsOutput(commit_id=sent.sha, commit_url=sent.url, flows=rows)
