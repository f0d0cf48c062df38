"""Parallel: children side by side."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from app.engine.flowable.base import FlowableTask, Opening
from app.model.task import AnyTask, Task


class Parallel(FlowableTask):
    """Run every child task side by side, at most `concurrent` at a time (0: no limit)."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.flow.Parallel"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.flows.Parallel",)

    tasks: tuple[AnyTask, ...] = Field(min_length=1)
    """Run side by side."""
    concurrent: int = Field(0, ge=0)
    """How many may run at once; 0: any number."""

    def open(self, answer: Any) -> Opening:
        """One sequence for each child that is enabled."""
        return Opening(total=len(self._enabled()))

    def limit(self) -> int:
        """`concurrent`."""
        return self.concurrent

    def main_steps(self, idx: int, outputs: Mapping[str, Any]) -> tuple[Task, ...]:
        """The one child of the sequence."""
        return (self._enabled()[idx],)

    def branches(self) -> tuple[Task, ...]:
        """Its tasks."""
        return self.tasks

    def _enabled(self) -> tuple[Task, ...]:
        return tuple(task for task in self.tasks if not task.disabled)
