"""Runnable tasks: the ones that do work on a worker.

One type is one short file in `workers/<queue>/`: typed properties, `run`, an output. The class says
by `queue` where it runs; `Queue.ENGINE` means *in process*: cheap steps that the engine fuses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import ConfigDict
from pydantic.alias_generators import to_camel

from app.errors import TrunklineError
from app.model.docstrings import Described
from app.model.state import State
from app.model.task import Task
from app.plugin.context import RunContext


class Queue(StrEnum):
    """Where jobs wait. A worker group adds its key: `script.gpu`."""

    ENGINE = "engine"
    DEFAULT = "default"
    GIT = "git"
    SCRIPT = "script"
    DOCKER = "docker"


class Output(Described):
    """Base of a task's declared outputs: camelCase on the wire; fields that are None are left out
    unless the type lists them in `keep_none`."""

    model_config = ConfigDict(
        frozen=True,
        defer_build=True,
        alias_generator=to_camel,
        populate_by_name=True,
        arbitrary_types_allowed=True,
    )
    keep_none: ClassVar[frozenset[str]] = frozenset()

    def to_wire(self) -> dict[str, Any]:
        """The outputs as plain JSON data under their wire names."""
        data = self.model_dump(mode="json", by_alias=True)
        return {k: v for k, v in data.items() if v is not None or k in self.keep_none}


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a run ended well: SUCCESS or WARNING, with its outputs."""

    outputs: Mapping[str, Any] = field(default_factory=dict)
    state: State = State.SUCCESS


@dataclass(frozen=True)
class Suspended:
    """The run goes on without a worker until `until`; `data` may say how it ends then."""

    until: datetime | None
    data: Mapping[str, Any] | None = None


class TaskFailed(TrunklineError):
    """The attempt failed for a reason its author should read; `outputs` are kept all the same.

    `is_final` says that another attempt cannot help (a wrong password, a refused option): no retry.
    """

    def __init__(
        self, message: str, outputs: Mapping[str, Any] | None = None, *, is_final: bool = False
    ) -> None:
        super().__init__(message)
        self.outputs = dict(outputs or {})
        self.is_final = is_final


class PolicyRefused(TaskFailed):
    """The server's policy does not allow what the task wants; the audit log tells it as well."""

    def __init__(self, message: str) -> None:
        super().__init__(message, is_final=True)


class RunnableTask(Task):
    """A task that a worker runs."""

    queue: ClassVar[Queue] = Queue.DEFAULT
    output: ClassVar[type[Output] | None] = None  #: documents the outputs in the reference
    shows_secrets: ClassVar[bool] = False  #: its author says what it gives: a secret stays one text
    #: touches nothing outside of the transaction that records it: it may run again without a trace,
    #: so that several such steps are recorded together
    is_pure: ClassVar[bool] = False
    ends_execution: ClassVar[bool] = False  #: its end is the execution's: not in a directory's job

    def queue_of(self) -> Queue:
        """The queue for this very task; scripts choose by their task runner."""
        return self.queue

    def run(self, ctx: RunContext) -> Output | Result | Suspended | Mapping[str, Any] | None:
        """Do the work of one attempt and give its outputs.

        Raises TaskFailed when it failed; any other exception counts as a failure too, its message
        is logged. May be called again for a further attempt, in another process.
        """
        raise NotImplementedError
