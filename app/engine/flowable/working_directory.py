"""WorkingDirectory: children one after the other on one worker, in one directory."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field, model_validator

from app.engine.flowable.base import FlowableTask
from app.model.property import Duration, Dynamic, WireModel
from app.model.task import AnyTask, Task
from app.plugin.task import Queue, RunnableTask

#: from the least capable queue to the most capable one
_CAPABILITY = [Queue.ENGINE, Queue.DEFAULT, Queue.GIT, Queue.SCRIPT, Queue.DOCKER]


class Cache(WireModel):
    """Files of a WorkingDirectory that are kept for its next run."""

    patterns: tuple[str, ...] = Field(min_length=1)
    """Globs of the files, relative to the directory."""
    ttl: Dynamic[Duration] | None = None
    """How long they are good for; for ever if none."""


class WorkingDirectory(FlowableTask):
    """Run the child tasks one after the other on one worker; they share its directory.

    It is one job. Its queue is the most capable one that its children need.
    """

    type_name: ClassVar[str] = "io.kestra.plugin.core.flow.WorkingDirectory"
    aliases: ClassVar[tuple[str, ...]] = (
        "io.kestra.core.tasks.flows.WorkingDirectory",
        "io.kestra.core.tasks.flows.Worker",
    )

    tasks: tuple[AnyTask, ...] = ()
    """Runnable tasks, one after the other."""
    namespace_files: dict[str, Any] | None = None
    """Namespace files for the directory: `enabled`, `include`, `exclude`, `namespaces`, `ifExists`.
    """
    input_files: Dynamic[dict[str, Any]] | str | None = None
    """Files for the directory: contents or URIs by relative path."""
    output_files: Dynamic[list[str]] | None = None
    """Patterns of files that are stored at the end."""
    cache: Cache | None = None
    """Files that the next run finds again."""

    @model_validator(mode="after")
    def _only_runnable(self) -> "WorkingDirectory":
        if not self.tasks:
            raise ValueError("The 'tasks' property cannot be empty")
        if not all(isinstance(t, RunnableTask) and not t.ends_execution for t in self.tasks):
            raise ValueError(
                "Only runnable tasks are allowed as children of a WorkingDirectory task"
            )
        if any(task.worker_group or task.worker_selector for task in self.tasks):
            raise ValueError("Cannot set a Worker Group in any WorkingDirectory sub-tasks")
        return self

    def queue_of(self) -> Queue:
        """The most capable queue among those of its children."""
        queues = [task.queue_of() for task in self.tasks if isinstance(task, RunnableTask)]
        return max([Queue.DEFAULT, *queues], key=_CAPABILITY.index)

    def main_steps(self, idx: int, outputs: Mapping[str, Any]) -> tuple[Task, ...]:
        """Its children, run by its own job."""
        return self.tasks

    def branches(self) -> tuple[Task, ...]:
        """Its tasks."""
        return self.tasks
