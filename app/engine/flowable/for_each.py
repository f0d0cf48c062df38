"""ForEach and its two older spellings: the child tasks once for each value."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from app.engine.flowable.base import FlowableTask, Opening, iteration_values
from app.model.task import AnyTask, Task


class ForEach(FlowableTask):
    """Run the child tasks once for each value, `concurrencyLimit` values at a time (0: all)."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.flow.ForEach"

    values: list[Any] | str | dict[str, Any]
    """A list, its JSON text, or an expression that gives one; equal values count once."""
    concurrency_limit: int = Field(1, ge=0)
    """How many values are worked on at once; 0: all."""
    tasks: tuple[AnyTask, ...] = Field(min_length=1)
    """Run one after the other for each value."""

    def question(self) -> Any:
        """The values."""
        return self.values

    def open(self, answer: Any) -> Opening:
        """One sequence for each value."""
        values = iteration_values(answer)
        return Opening(total=len(values) if self._has_work() else 0, values=values)

    def limit(self) -> int:
        """`concurrencyLimit`."""
        return self.concurrency_limit

    def main_steps(self, idx: int, outputs: Mapping[str, Any]) -> tuple[Task, ...]:
        """All children, in one sequence for each value."""
        return self.tasks

    def branches(self) -> tuple[Task, ...]:
        """Its tasks."""
        return self.tasks

    def _has_work(self) -> bool:
        return any(not task.disabled for task in self.tasks)


class EachSequential(ForEach):
    """Older spelling of ForEach with a limit of 1."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.flow.EachSequential"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.flows.EachSequential",)
    is_deprecated: ClassVar[bool] = True

    values: list[Any] | str | dict[str, Any] = Field(alias="value")
    """A list, or an expression that gives one."""


class EachParallel(EachSequential):
    """Older loop: all children of all values side by side, `concurrent` at a time (0: all)."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.flow.EachParallel"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.flows.EachParallel",)
    is_deprecated: ClassVar[bool] = True

    concurrent: int = Field(0, ge=0)
    """How many values are worked on at once; 0: all."""

    def limit(self) -> int:
        """`concurrent`."""
        return self.concurrent

    def open(self, answer: Any) -> Opening:
        """One sequence for each child of each value."""
        tasks = self._enabled()
        values = iteration_values(answer)
        repeated = tuple(value for value in values for _ in tasks)
        return Opening(total=len(repeated), values=repeated)

    def main_steps(self, idx: int, outputs: Mapping[str, Any]) -> tuple[Task, ...]:
        """The one child of the sequence."""
        tasks = self._enabled()
        return (tasks[idx % len(tasks)],)

    def iteration(self, idx: int) -> int:
        """Which value, from 0, sequence `idx` stands for."""
        return idx // len(self._enabled())

    def _enabled(self) -> tuple[Task, ...]:
        return tuple(task for task in self.tasks if not task.disabled)
