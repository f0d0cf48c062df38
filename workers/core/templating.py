"""TemplatedTask: a task whose very document is an expression."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import ValidationError

from app.language.document import DocumentError, read_document
from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.registry import default_registry
from app.plugin.task import Output, Queue, Result, RunnableTask, Suspended, TaskFailed


class TemplatedTask(RunnableTask):
    """Render the YAML of a runnable task, then run that task."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.templating.TemplatedTask"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.templating.TemplatedTask",)
    queue: ClassVar[Queue] = Queue.DEFAULT

    spec: Dynamic[str]
    """The task's YAML; its `id` is that of this task."""

    def run(self, ctx: RunContext) -> Output | Result | Suspended | Mapping[str, Any] | None:
        """Raises TaskFailed for what is no runnable task."""
        return self._made(str(ctx.render(self.spec))).run(ctx)

    def _made(self, text: str) -> RunnableTask:
        try:
            data = read_document(text).data
        except DocumentError as error:
            raise TaskFailed(f"`spec` is no YAML: {error}") from None
        if not isinstance(data, dict):
            raise TaskFailed("`spec` must be a map")
        registry = default_registry()
        cls = registry.find(str(data.get("type")))
        if cls is None or not issubclass(cls, RunnableTask):
            raise TaskFailed("The templated task must be a runnable task")
        if issubclass(cls, TemplatedTask):
            raise TaskFailed("The templated task cannot be of type TemplatedTask")
        try:
            return cls.model_validate({**data, "id": self.id}, context=registry)
        except (ValidationError, ValueError) as error:
            raise TaskFailed(f"`spec` is no valid task: {error}") from None
