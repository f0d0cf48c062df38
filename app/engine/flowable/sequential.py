"""Sequential: children one after the other."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from app.engine.flowable.base import FlowableTask
from app.model.task import AnyTask, Task


class Sequential(FlowableTask):
    """Run the child tasks one after the other."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.flow.Sequential"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.flows.Sequential",)

    tasks: tuple[AnyTask, ...] = Field(min_length=1)
    """Run one after the other."""

    def main_steps(self, idx: int, outputs: Mapping[str, Any]) -> tuple[Task, ...]:
        """All of them, in one sequence."""
        return self.tasks

    def branches(self) -> tuple[Task, ...]:
        """Its tasks."""
        return self.tasks


class AllowFailure(Sequential):
    """Run the child tasks one after the other; a failure among them ends in WARNING."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.flow.AllowFailure"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.flows.AllowFailure",)

    allow_failure: bool = True
    """Always holds."""
