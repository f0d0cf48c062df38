"""Tasks that steer or judge the execution they run in: Fail, Assert, Sleep, Labels, variables."""

import json
from datetime import timedelta
from typing import Any, ClassVar

from pydantic import Field

from app.expression.values import is_truthy
from app.model.duration import format_duration
from app.model.label import SYSTEM_PREFIX, read_labels
from app.model.property import Duration, Dynamic
from app.plugin.context import Effect, RunContext
from app.plugin.task import Output, Queue, Result, RunnableTask, Suspended, TaskFailed


class Fail(RunnableTask):
    """Fail the execution, always or when a condition is truthy."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.execution.Fail"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.executions.Fail",)
    queue: ClassVar[Queue] = Queue.ENGINE

    condition: Dynamic[str] | bool | None = None
    error_message: Dynamic[str] = "Task failure"

    def run(self, ctx: RunContext) -> None:
        """Raises TaskFailed unless the condition is falsy."""
        if self.condition is None or is_truthy(ctx.render(self.condition)):
            raise TaskFailed(str(ctx.render(self.error_message)))


class AssertOutput(Output):
    """How many conditions held."""

    failed: int
    success: int


class Assert(RunnableTask):
    """Fail when one of the conditions is falsy."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.execution.Assert"
    queue: ClassVar[Queue] = Queue.ENGINE
    output: ClassVar[type[Output] | None] = AssertOutput

    conditions: Dynamic[list[Any]]
    error_message: Dynamic[str] | None = None

    def run(self, ctx: RunContext) -> AssertOutput:
        """Counts; raises TaskFailed with the counts when one failed."""
        conditions = ctx.render(self.conditions)
        held = [is_truthy(condition) for condition in conditions]
        output = AssertOutput(failed=held.count(False), success=held.count(True))
        if output.failed:
            text = ctx.render(self.error_message) if self.error_message else "assertion failed"
            raise TaskFailed(str(text), output.to_wire())
        return output


class Sleep(RunnableTask):
    """Wait for a duration, without holding a worker."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.flow.Sleep"
    queue: ClassVar[Queue] = Queue.ENGINE

    duration: Dynamic[Duration]

    def run(self, ctx: RunContext) -> Suspended:
        """Suspends the run."""
        span = ctx.read(self.duration, timedelta) or timedelta(0)
        ctx.log.info("Waiting for %s", format_duration(span))
        return Suspended(ctx.services.now() + span)


class Labels(RunnableTask):
    """Add labels to the execution."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.execution.Labels"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.executions.Labels",)
    queue: ClassVar[Queue] = Queue.ENGINE

    labels: Any

    def run(self, ctx: RunContext) -> None:
        """Merged with the end of this task. Raises TaskFailed for `system.` labels."""
        rendered = ctx.render(self.labels)
        if isinstance(rendered, str):
            try:
                rendered = json.loads(rendered)
            except ValueError:
                raise TaskFailed("`labels` is neither a map, a list nor JSON") from None
        labels = read_labels(rendered)
        for key in labels:
            if key.startswith(SYSTEM_PREFIX):
                raise TaskFailed(f"System labels can only be set by Kestra itself: {key}")
        ctx.effect(Effect(kind="labels", data={"labels": labels}))


class SetVariables(RunnableTask):
    """Set variables of the execution."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.execution.SetVariables"
    queue: ClassVar[Queue] = Queue.ENGINE

    variables: Any
    overwrite: Dynamic[bool] = True

    def run(self, ctx: RunContext) -> None:
        """Written with the end of this task."""
        ctx.effect(Effect(kind="variables", data={"variables": ctx.render_typed(self.variables)}))


class OutputValues(RunnableTask):
    """Give several rendered values as output."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.output.OutputValues"
    queue: ClassVar[Queue] = Queue.ENGINE

    values: dict[str, Any] = Field(default_factory=dict)

    def run(self, ctx: RunContext) -> Result:
        """Each value, rendered."""
        return Result(outputs={"values": ctx.render(self.values)})
