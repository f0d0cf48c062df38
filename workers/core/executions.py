"""Tasks on other executions: Count, PurgeExecutions, Resume, Kill; and Toggle of a trigger."""

from typing import Any, ClassVar

from pydantic import Field

from app.errors import TrunklineError
from app.model.property import Dynamic, WireModel
from app.model.state import State
from app.plugin.context import RunContext
from app.plugin.services import Selection
from app.plugin.task import Output, Queue, RunnableTask, TaskFailed
from workers.core.dates import moment, texts

_NEW = "io.kestra.plugin.core.execution."
_OLD = "io.kestra.core.tasks.executions."


def _states(ctx: RunContext, value: Any) -> list[str]:
    found = texts(ctx, value)
    wrong = [name for name in found if name not in State.__members__]
    if wrong:
        raise TaskFailed(f"`states`: {', '.join(wrong)} is no state")
    return found


class FlowPlace(WireModel):
    """A flow by its place."""

    namespace: Dynamic[str]
    """Its namespace."""
    flow_id: Dynamic[str]
    """Its id."""


class CountOutput(Output):
    """The flows whose count meets the expression."""

    results: list[dict[str, Any]]
    total: int


class Count(RunnableTask):
    """Count executions of flows or namespaces in a time."""

    type_name: ClassVar[str] = _NEW + "Count"
    aliases: ClassVar[tuple[str, ...]] = (_OLD + "Counts", _NEW + "Counts")
    queue: ClassVar[Queue] = Queue.DEFAULT
    output: ClassVar[type[Output] | None] = CountOutput

    flows: tuple[FlowPlace, ...] | None = None
    """Flows whose executions are counted."""
    namespaces: Dynamic[list[str]] | None = None
    """Namespaces whose executions are counted, instead of flows."""
    states: Dynamic[list[str]] | None = None
    """States that count; all if none."""
    start_date: Dynamic[str]
    """Executions that started after this."""
    end_date: Dynamic[str] | None = None
    """Executions that started before this."""
    expression: str
    """Which counts are kept; it sees `count`."""

    def run(self, ctx: RunContext) -> CountOutput:
        """Raises TaskFailed when neither flows nor namespaces are given."""
        names = texts(ctx, self.namespaces)
        flows = [(str(ctx.render(f.namespace)), str(ctx.render(f.flow_id)))
                 for f in self.flows or ()]  # fmt: skip
        if self.flows is None and self.namespaces is None:
            raise TaskFailed("You must provide a list of flows or namespaces")
        for namespace in {*names, *(flow[0] for flow in flows)}:
            ctx.services.check_namespace(ctx.ids.namespace, namespace)
        selection = Selection(
            states=_states(ctx, self.states),
            start=moment(ctx, self.start_date, "startDate"),
            end=moment(ctx, self.end_date, "endDate"),
        )
        counted = ctx.services.records.count_executions(flows, names, selection)
        results = [
            {"namespace": namespace, "flowId": flow_id, "count": count}
            for namespace, flow_id, count in counted
            if str(ctx.render(self.expression, {"count": count})).strip() == "true"
        ]
        return CountOutput(results=results, total=sum(row["count"] for row in results))


class PurgeOutput(Output):
    """What was removed."""

    executions_count: int
    logs_count: int
    metrics_count: int
    storages_count: int


class PurgeExecutions(RunnableTask):
    """Remove executions that have ended, with their logs, metrics and files."""

    type_name: ClassVar[str] = _NEW + "PurgeExecutions"
    aliases: ClassVar[tuple[str, ...]] = (
        "io.kestra.core.tasks.storages.Purge",
        "io.kestra.plugin.core.storage.Purge",
    )
    queue: ClassVar[Queue] = Queue.DEFAULT
    output: ClassVar[type[Output] | None] = PurgeOutput

    namespace: Dynamic[str] | None = None
    """With its children, unless a flow is named; all when absent."""
    flow_id: Dynamic[str] | None = None
    """Of this flow only."""
    start_date: Dynamic[str] | None = None
    """Executions that started after this and have ended."""
    end_date: Dynamic[str]
    """Executions that started before this and have ended."""
    states: Dynamic[list[str]] | None = None
    """Only in these states; all final ones if none."""
    purge_execution: Dynamic[bool] = True
    """Whether the executions go."""
    purge_log: Dynamic[bool] = True
    """Whether their logs go."""
    purge_metric: Dynamic[bool] = True
    """Whether their metrics go."""
    purge_storage: Dynamic[bool] = True
    """Whether their files go."""
    batch_size: Dynamic[int] = 100
    """How many go in one transaction."""

    def run(self, ctx: RunContext) -> PurgeOutput:
        """A batch at a time, for good."""
        namespace = ctx.render(self.namespace) or None
        if namespace is not None:
            ctx.services.check_namespace(ctx.ids.namespace, str(namespace))
        selection = Selection(
            namespace=namespace,
            flow_id=ctx.render(self.flow_id) or None,
            states=_states(ctx, self.states),
            start=moment(ctx, self.start_date, "startDate"),
            end=moment(ctx, self.end_date, "endDate"),
        )
        wanted = {
            "executions": self.purge_execution,
            "logs": self.purge_log,
            "metrics": self.purge_metric,
            "storages": self.purge_storage,
        }
        parts = frozenset(name for name, value in wanted.items() if ctx.read(value, bool))
        batch = max(ctx.read(self.batch_size, int) or 100, 1)
        counts = ctx.services.records.purge_executions(selection, parts, batch)
        return PurgeOutput(
            executions_count=counts["executions"],
            logs_count=counts["logs"],
            metrics_count=counts["metrics"],
            storages_count=counts["storages"],
        )


class Resume(RunnableTask):
    """Resume an execution that is PAUSED."""

    type_name: ClassVar[str] = _NEW + "Resume"
    queue: ClassVar[Queue] = Queue.DEFAULT

    execution_id: Dynamic[str] | None = None
    """The one that triggered this execution when absent."""
    namespace: Dynamic[str] | None = None
    """The namespace of the execution's flow."""
    flow_id: Dynamic[str] | None = None
    """The id of its flow."""
    inputs: Dynamic[dict[str, Any]] | None = None
    """The inputs that its Pause asks for."""

    def run(self, ctx: RunContext) -> None:
        """Raises TaskFailed for one that is not PAUSED, or wrong inputs."""
        namespace = ctx.render(self.namespace) or ctx.ids.namespace
        ctx.services.check_namespace(ctx.ids.namespace, str(namespace))
        execution_id = ctx.render(self.execution_id) or _upstream(ctx)
        inputs = ctx.render_typed(self.inputs) if isinstance(self.inputs, dict) else None
        if inputs is None:
            inputs = ctx.read(self.inputs, dict) or {}
        try:
            ctx.services.records.resume(str(execution_id), inputs)
        except TrunklineError as error:
            raise TaskFailed(str(error)) from None


def _upstream(ctx: RunContext) -> str:
    found = ctx.render("{{ trigger.executionId ?? '' }}")
    if not found:
        raise TaskFailed("`executionId` must be given: no execution triggered this one")
    return str(found)


class Kill(RunnableTask):
    """Kill an execution."""

    type_name: ClassVar[str] = _NEW + "Kill"
    queue: ClassVar[Queue] = Queue.DEFAULT

    execution_id: Dynamic[str]
    """The execution that is killed."""
    propagate_kill: Dynamic[bool] = True
    """Whether the executions of its Subflow tasks are killed too."""

    def run(self, ctx: RunContext) -> None:
        """Asks; raises TaskFailed for one that has ended."""
        cascade = bool(ctx.read(self.propagate_kill, bool))
        try:
            ctx.services.records.kill(str(ctx.render(self.execution_id)), cascade=cascade)
        except TrunklineError as error:
            raise TaskFailed(str(error)) from None


class Toggle(RunnableTask):
    """Switch a trigger on or off."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.trigger.Toggle"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.trigger.Toggle",)
    queue: ClassVar[Queue] = Queue.DEFAULT

    trigger: Dynamic[str] = Field(min_length=1)
    """The id of the trigger."""
    namespace: Dynamic[str] | None = None
    """The namespace of its flow; this flow's if none."""
    flow_id: Dynamic[str] | None = None
    """The id of its flow; this one if none."""
    enabled: Dynamic[bool] = False
    """Whether the trigger fires from now on."""

    def run(self, ctx: RunContext) -> None:
        """Of this flow unless another is named. Raises TaskFailed for one that does not exist."""
        namespace = str(ctx.render(self.namespace) or ctx.ids.namespace)
        flow_id = str(ctx.render(self.flow_id) or ctx.ids.flow_id)
        ctx.services.check_namespace(ctx.ids.namespace, namespace)
        enabled = bool(ctx.read(self.enabled, bool))
        trigger = str(ctx.render(self.trigger))
        try:
            ctx.services.records.toggle(namespace, flow_id, trigger, enabled=enabled)
        except TrunklineError as error:
            raise TaskFailed(str(error)) from None
