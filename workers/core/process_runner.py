"""The task runner that starts commands as processes of the worker."""

from typing import ClassVar

from app.model.task import TaskRunner


class Process(TaskRunner):
    """Run commands as processes of the worker."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.runner.Process"
