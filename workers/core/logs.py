"""Logs of executions as data: Fetch, PurgeLogs."""

from typing import Any, ClassVar

from pydantic import Field

from app.library import Library
from app.model.property import Dynamic
from app.model.task import LogLevel
from app.plugin.context import RunContext
from app.plugin.services import Selection
from app.plugin.task import Output, Queue, RunnableTask
from workers.core.dates import moment, texts
from workers.storage.base import scratch

simpleion = Library("amazon.ion.simpleion")

_NEW = "io.kestra.plugin.core.log."


class FetchOutput(Output):
    """The lines, as rows of ION."""

    uri: str
    size: int


class Fetch(RunnableTask):
    """Store the log of an execution as a file."""

    type_name: ClassVar[str] = _NEW + "Fetch"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.log.Fetch",)
    queue: ClassVar[Queue] = Queue.DEFAULT
    output: ClassVar[type[Output] | None] = FetchOutput

    execution_id: Dynamic[str] | None = None
    """This execution when absent."""
    namespace: Dynamic[str] | None = None
    """The namespace of the execution's flow."""
    flow_id: Dynamic[str] | None = None
    """The id of its flow."""
    tasks_id: Dynamic[list[str]] | None = Field(None, alias="tasksId")
    """Only lines of these tasks."""
    level: Dynamic[LogLevel] = LogLevel.INFO
    """This level and those above it."""

    def run(self, ctx: RunContext) -> FetchOutput:
        """Gives the file's URI and its number of lines."""
        namespace = str(ctx.render(self.namespace) or ctx.ids.namespace)
        ctx.services.check_namespace(ctx.ids.namespace, namespace)
        execution_id = str(ctx.render(self.execution_id) or ctx.ids.execution_id)
        level = str(ctx.render(self.level) or "INFO")
        lines = ctx.services.records.fetch_logs(execution_id, texts(ctx, self.tasks_id), level)
        rows = 0
        with scratch("logs.ion") as path:
            with path.open("w", encoding="utf-8") as file:
                for line in lines:
                    file.write(_ion(line) + "\n")
                    rows += 1
            return FetchOutput(uri=ctx.put_file(path), size=rows)


def _ion(value: Any) -> str:
    return str(simpleion.dumps(value, binary=False, omit_version_marker=True))


class PurgeLogsOutput(Output):
    """How many lines were removed."""

    count: int


class PurgeLogs(RunnableTask):
    """Remove lines of executions and triggers from the log."""

    type_name: ClassVar[str] = _NEW + "PurgeLogs"
    queue: ClassVar[Queue] = Queue.DEFAULT
    output: ClassVar[type[Output] | None] = PurgeLogsOutput

    namespace: Dynamic[str] | None = None
    """With its children, unless a flow is named; all when absent."""
    flow_id: Dynamic[str] | None = None
    """Of this flow only."""
    execution_id: Dynamic[str] | None = None
    """Of this execution only."""
    log_levels: Dynamic[list[LogLevel]] | None = None
    """Only of these levels."""
    start_date: Dynamic[str] | None = None
    """Lines after this."""
    end_date: Dynamic[str]
    """Lines before this."""

    def run(self, ctx: RunContext) -> PurgeLogsOutput:
        """At once, and for good."""
        namespace = ctx.render(self.namespace) or None
        if namespace is not None:
            ctx.services.check_namespace(ctx.ids.namespace, str(namespace))
        selection = Selection(
            namespace=namespace,
            flow_id=ctx.render(self.flow_id) or None,
            execution_id=ctx.render(self.execution_id) or None,
            levels=texts(ctx, self.log_levels),
            start=moment(ctx, self.start_date, "startDate"),
            end=moment(ctx, self.end_date, "endDate"),
        )
        return PurgeLogsOutput(count=ctx.services.records.purge_logs(selection))
