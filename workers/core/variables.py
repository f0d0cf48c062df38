"""Values that later tasks read: SetVariables, UnsetVariables, OutputValues."""

from typing import Any, ClassVar

from pydantic import Field

from app.model.property import Dynamic
from app.plugin.context import Effect, RunContext
from app.plugin.task import Output, Queue, Result, RunnableTask, TaskFailed


def _known(ctx: RunContext) -> dict[str, Any]:
    return dict(ctx.render_typed("{{ vars }}") or {})


class SetVariables(RunnableTask):
    """Set variables of the execution; maps are merged in depth."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.execution.SetVariables"
    queue: ClassVar[Queue] = Queue.ENGINE

    variables: Dynamic[dict[str, Any]]
    """Values by name."""
    overwrite: Dynamic[bool] = True
    """Whether variables that are there may change."""

    def run(self, ctx: RunContext) -> None:
        """Written with the end of this task. Raises TaskFailed for one that must not change."""
        values = ctx.render_typed(self.variables)
        if not isinstance(values, dict):
            values = ctx.read(self.variables, dict) or {}
        if not ctx.read(self.overwrite, bool):
            known = _known(ctx)
            twice = [name for name in values if name in known]
            if twice:
                raise TaskFailed(
                    "`overwrite` is set to false and these variables already exist: "
                    + ", ".join(twice)
                )
        ctx.effect(Effect(kind="variables", data={"variables": values}))


class UnsetVariables(RunnableTask):
    """Remove variables of the execution."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.execution.UnsetVariables"
    queue: ClassVar[Queue] = Queue.ENGINE

    variables: Dynamic[list[str]]
    """Names of variables."""
    ignore_missing: Dynamic[bool] = False
    """Whether a name that is not there is no failure."""

    def run(self, ctx: RunContext) -> None:
        """Written with the end of this task. Raises TaskFailed for one that is not there."""
        names = [str(name) for name in ctx.read(self.variables, list) or []]
        if not ctx.read(self.ignore_missing, bool):
            known = _known(ctx)
            missing = [name for name in names if name not in known]
            if missing:
                raise TaskFailed(f"these variables do not exist: {', '.join(missing)}")
        ctx.effect(Effect(kind="variables", data={"unset": names}))


class ValuesOutput(Output):
    """The values, by name."""

    values: dict[str, Any]


class OutputValues(RunnableTask):
    """Give several rendered values as output."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.output.OutputValues"
    queue: ClassVar[Queue] = Queue.ENGINE
    is_pure: ClassVar[bool] = True
    output: ClassVar[type[Output] | None] = ValuesOutput
    shows_secrets: ClassVar[bool] = True

    values: dict[str, Any] = Field(default_factory=dict)
    """Values by name, given as `values`."""

    def run(self, ctx: RunContext) -> Result:
        """Each value, rendered."""
        return Result(outputs={"values": ctx.render(self.values)})
