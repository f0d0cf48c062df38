"""Polling triggers: asked again and again on a worker whether there is something to start for."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from pydantic import Field

from app.model.property import Duration
from app.model.task import AbstractTrigger
from app.plugin.context import RunContext
from app.plugin.task import Output, Queue


class PollingTrigger(AbstractTrigger):
    """A trigger that a worker evaluates at an interval.

    One type is one short file in `workers/`, as a task type: typed properties and `poll`.
    """

    queue: ClassVar[Queue] = Queue.DEFAULT
    output: ClassVar[type[Output] | None] = None  #: documents the variables in the reference

    interval: Duration = Field(timedelta(minutes=1))
    """The pause between the end of an evaluation and the next one."""

    def poll(self, ctx: RunContext) -> Output | Mapping[str, Any] | None:
        """The variables of the execution to start (`trigger.*`); None: nothing to start for.

        What it sets `ctx.memory` to is there the next time, on whatever worker; kept as JSON.
        Raises TaskFailed, or any other exception, when it cannot be told: a warning is logged.
        """
        raise NotImplementedError
