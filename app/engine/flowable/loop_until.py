"""LoopUntil: the child tasks again and again until a condition holds."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from pydantic import Field

from app.engine.flowable.base import FlowableTask, Opening
from app.model.property import Duration, Dynamic, WireModel
from app.model.task import AnyTask, Task


class CheckFrequency(WireModel):
    """How often, and for how long, a loop tries."""

    interval: Dynamic[Duration] = timedelta(minutes=1)
    """The pause between the end of a round and the next one."""
    max_iterations: Dynamic[int] | None = None
    """The most rounds; any number if none."""
    max_duration: Dynamic[Duration] | None = None
    """The longest time; any if none."""


class LoopUntil(FlowableTask):
    """Run the child tasks until the condition is truthy; it is asked after each round.

    A child that fails ends the loop. Each round replaces the task runs of the one before.
    """

    type_name: ClassVar[str] = "io.kestra.plugin.core.flow.LoopUntil"
    aliases: ClassVar[tuple[str, ...]] = (
        "io.kestra.plugin.core.flow.WaitFor",
        "io.kestra.core.tasks.flows.LoopUntil",
        "io.kestra.core.tasks.flows.WaitFor",
    )

    tasks: tuple[AnyTask, ...] = Field(min_length=1)
    """Run one after the other in each round."""
    condition: Dynamic[str] | bool
    """Rendered after each round; it sees the outputs of the child tasks."""
    check_frequency: CheckFrequency = CheckFrequency()
    """The pause between rounds, and the limits."""
    fail_on_max_reached: Dynamic[bool] = False
    """Whether the loop fails, rather than succeeds, when it has tried for long enough."""

    def open(self, answer: Any) -> Opening:
        """The first round."""
        has_work = any(not task.disabled for task in self.tasks)
        return Opening(total=int(has_work), outputs={"iterationCount": 1})

    def main_steps(self, idx: int, outputs: Mapping[str, Any]) -> tuple[Task, ...]:
        """All children, in one sequence for each round."""
        return self.tasks

    def branches(self) -> tuple[Task, ...]:
        """Its tasks."""
        return self.tasks
