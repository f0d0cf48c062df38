"""Tasks that judge or steer the execution they run in: Fail, Assert, Exit, Labels, Sleep."""

import json
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar

from app.expression.values import is_truthy, to_text
from app.model.duration import format_duration
from app.model.label import SYSTEM_PREFIX, read_labels
from app.model.property import Duration, Dynamic
from app.model.state import State
from app.plugin.context import Effect, RunContext
from app.plugin.task import Output, Queue, RunnableTask, Suspended, TaskFailed

_NEW = "io.kestra.plugin.core.execution."
_OLD = "io.kestra.core.tasks.executions."


class Fail(RunnableTask):
    """Fail the execution, always or when a condition is truthy."""

    type_name: ClassVar[str] = _NEW + "Fail"
    aliases: ClassVar[tuple[str, ...]] = (_OLD + "Fail",)
    queue: ClassVar[Queue] = Queue.ENGINE
    is_pure: ClassVar[bool] = True

    condition: Dynamic[str] | bool | None = None
    """The task fails only if this holds; always if none."""
    error_message: Dynamic[str] = "Task failure"
    """What the log says."""

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

    type_name: ClassVar[str] = _NEW + "Assert"
    queue: ClassVar[Queue] = Queue.ENGINE
    is_pure: ClassVar[bool] = True
    output: ClassVar[type[Output] | None] = AssertOutput

    conditions: Dynamic[list[Any]]
    """Expressions that must hold."""
    error_message: Dynamic[str] | None = None
    """What the log says of one that does not."""

    def run(self, ctx: RunContext) -> AssertOutput:
        """Counts; raises TaskFailed with the counts when one failed."""
        written = self.conditions if isinstance(self.conditions, list | tuple) else None
        conditions = [ctx.render(one) for one in written] if written is not None else []
        if written is None:
            written = conditions = ctx.read(self.conditions, list) or []
        held = [is_truthy(condition) for condition in conditions]
        output = AssertOutput(failed=held.count(False), success=held.count(True))
        if not output.failed:
            return output
        for text, is_held in zip(written, held, strict=True):
            if not is_held:
                ctx.log.error("Assertion `%s` failed!", text)
        message = ctx.render(self.error_message) if self.error_message else None
        if message:
            raise TaskFailed(str(message), output.to_wire())
        raise TaskFailed(f"{output.failed} assertion(s) failed", output.to_wire())


class ExitState(StrEnum):
    """How an execution that is left ends."""

    SUCCESS = "SUCCESS"
    WARNING = "WARNING"
    KILLED = "KILLED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"
    CANCELLED = "CANCELLED"


class Exit(RunnableTask):
    """End the execution here; work in other branches is only stopped by KILLED."""

    type_name: ClassVar[str] = _NEW + "Exit"
    queue: ClassVar[Queue] = Queue.ENGINE

    ends_execution: ClassVar[bool] = True

    state: Dynamic[ExitState] = ExitState.SUCCESS
    """The state in which the execution ends."""

    def run(self, ctx: RunContext) -> None:
        """The execution ends in the transaction that records this task. Raises TaskFailed."""
        text = str(ctx.render(self.state)).strip()
        if text not in ExitState.__members__:
            raise TaskFailed(f"`state` {text[:40]!r} is none of {', '.join(ExitState)}")
        state = State.CANCELLED if text.startswith("CANCEL") else State(text)
        ctx.effect(Effect(kind="exit", data={"state": state}))


class Sleep(RunnableTask):
    """Wait for a duration, without holding a worker."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.flow.Sleep"
    queue: ClassVar[Queue] = Queue.ENGINE

    duration: Dynamic[Duration]
    """How long."""

    def run(self, ctx: RunContext) -> Suspended:
        """Suspends the run."""
        span = ctx.read(self.duration, timedelta) or timedelta(0)
        ctx.log.info("Waiting for %s", format_duration(span))
        return Suspended(ctx.services.now() + span)


class Labels(RunnableTask):
    """Add labels to the execution."""

    type_name: ClassVar[str] = _NEW + "Labels"
    aliases: ClassVar[tuple[str, ...]] = (_OLD + "Labels",)
    queue: ClassVar[Queue] = Queue.ENGINE

    labels: Any
    """A map, a list of `{key, value}`, or the JSON text of either."""

    def run(self, ctx: RunContext) -> None:
        """Merged with the end of this task. Raises TaskFailed for `system.` labels."""
        rendered = ctx.render(self.labels)
        if isinstance(rendered, str):
            try:
                rendered = json.loads(rendered)
            except ValueError:
                raise TaskFailed("`labels` is neither a map, a list nor JSON") from None
        try:
            labels = read_labels(rendered)
        except ValueError as error:
            raise TaskFailed(to_text(str(error))) from None
        for key, value in labels.items():
            if key.startswith(SYSTEM_PREFIX):
                raise TaskFailed(f"System labels can only be set by Kestra itself: {key}")
            if not key or not value:
                raise TaskFailed(f"a label must have a key and a value: {key!r}")
        ctx.effect(Effect(kind="labels", data={"labels": labels}))
