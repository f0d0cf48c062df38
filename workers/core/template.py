"""Template: tasks that other flows share, in a store of their own that Kestra gave up in 1.0."""

from typing import Any, ClassVar

from pydantic import Field

from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.task import Queue, RunnableTask, TaskFailed


class Template(RunnableTask):
    """Fail: templates are not kept here; a `Subflow` of a flow with the same tasks takes over."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.flow.Template"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.flows.Template",)
    is_deprecated: ClassVar[bool] = True
    notice: ClassVar[str] = "templates are not kept: this task fails; use a Subflow instead"
    queue: ClassVar[Queue] = Queue.ENGINE

    namespace: Dynamic[str] = Field(min_length=1)
    """The namespace of the template."""
    template_id: Dynamic[str] = Field(min_length=1)
    """Its id."""
    args: dict[str, Any] | None = None
    """What its tasks would be given."""

    def run(self, ctx: RunContext) -> None:
        """Raises TaskFailed, always, in the words for a template that is not there."""
        name = f"{ctx.render(self.namespace)}.{ctx.render(self.template_id)}"
        raise TaskFailed(f"Can't find flow template '{name}'", is_final=True)
