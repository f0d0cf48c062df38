"""Pause: the execution waits for a person or for a duration."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import AliasChoices, Field

from app.engine.flowable.base import FlowableTask, Opening
from app.model.input import Input
from app.model.property import DEPRECATED, Duration, Dynamic
from app.model.task import AnyTask, Task


class PauseBehavior(StrEnum):
    """How a Pause ends when its duration is over; a person's resume is always a success."""

    RESUME = "RESUME"
    WARN = "WARN"
    FAIL = "FAIL"
    CANCEL = "CANCEL"


class Pause(FlowableTask):
    """Pause the execution until somebody resumes it, or until `pauseDuration` is over.

    `timeout` fails the task when nobody resumed it in time.
    """

    type_name: ClassVar[str] = "io.kestra.plugin.core.flow.Pause"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.flows.Pause",)

    pause_duration: Dynamic[Duration] | None = Field(
        None, validation_alias=AliasChoices("pauseDuration", "delay", "pause_duration")
    )
    """It goes on by itself after this time."""
    behavior: Dynamic[PauseBehavior] = PauseBehavior.RESUME
    """How it ends when the time is over: RESUME, WARN, FAIL or CANCEL."""
    on_resume: tuple[Input, ...] = ()
    """Inputs asked of the person who resumes."""
    on_pause: AnyTask | None = None
    """A task that runs before the pause begins; when it fails, so does the Pause."""
    tasks: tuple[AnyTask, ...] = Field((), json_schema_extra=DEPRECATED)
    """Older form: run after the resume."""

    def question(self) -> Any:
        """The durations and the behaviour, which may be expressions."""
        return {
            "pauseDuration": self.pause_duration,
            "timeout": self.timeout,
            "behavior": self.behavior,
        }

    def open(self, answer: Any) -> Opening:
        """After the resume: one sequence if it has tasks."""
        return Opening(total=1 if any(not task.disabled for task in self.tasks) else 0)

    def steps(self, block: str, idx: int, outputs: Mapping[str, Any]) -> tuple[Task, ...]:
        """Also those of the block `pausing`: what runs before it waits."""
        if block != "pausing":
            return super().steps(block, idx, outputs)
        return tuple(task for task in (self.on_pause,) if task is not None and not task.disabled)

    def main_steps(self, idx: int, outputs: Mapping[str, Any]) -> tuple[Task, ...]:
        """The tasks that follow the resume."""
        return self.tasks

    def branches(self) -> tuple[Task, ...]:
        """Its tasks, and the one that runs at the pause."""
        return (*self.tasks, *((self.on_pause,) if self.on_pause else ()))
