"""What the engine works on: a place in the tree, one claimed attempt, what a commit made due."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from app.database.batch import Overtaken as Overtaken
from app.dispatch.job import Job
from app.engine.index import FlowIndex
from app.model.task import Task


class Unrecorded(BaseException):
    """A step that is evaluated ahead asks for what only recorded steps can tell.

    No task and no expression may catch it as a failure of theirs: the steps before it are recorded,
    then it runs anew.
    """


@dataclass(frozen=True)
class Place:
    """Where a step stands: the parts of its sequence and scope that never change."""

    sequence: str
    scope: str
    scope_task: str
    block: str
    idx: int
    path: tuple[str, ...]  #: values of the enclosing iterations, outermost first, its own last
    value: str | None
    steps: tuple[Task, ...]
    parent_run: str | None  #: the enclosing flowable's task run on the wire; None below the root


@dataclass(frozen=True)
class Adopted:
    """What an earlier process of the same attempt has left running."""

    container: str  #: its id
    directory: Path  #: the working directory, which has the same path in it


@dataclass(frozen=True)
class Step:
    """One claimed attempt: all that a process needs to run it."""

    execution_id: str
    task_run_id: str
    attempt: int
    owner: str | None  #: None: no process holds it
    pos: int
    task: Task
    place: Place
    index: FlowIndex
    queue: str
    tries: int
    iteration: int | None
    started_at: datetime
    execution: Row[Any]
    slot: str = ""  #: the queue that its process works for at the moment
    adopted: Adopted | None = None  #: this process goes on with what another one has begun


@dataclass(frozen=True)
class Ahead:
    """What a step gave that is evaluated and not yet recorded, as its row is going to have it."""

    id: str
    path: tuple[str, ...]
    outputs: Mapping[str, Any] | None
    outputs_uri: str | None


@dataclass
class Progress:
    """What a committed transaction made due."""

    jobs: list[Job] = field(default_factory=list)
    fused: Step | None = None
    steps: int = 1  #: how many were recorded
    finish: list[str] = field(default_factory=list)  #: executions to finish
    notes: list[str] = field(default_factory=list)  #: ids of timers to work off now
    killed: list[str] = field(default_factory=list)  #: executions whose work is to be stopped
    born: int = 0  #: executions that were created
    outcomes: list[str] = field(default_factory=list)  #: the final states of those that ended
    ended: list[str] = field(default_factory=list)  #: executions that have a final state now

    def take_on(self, other: "Progress") -> None:
        """What is due for another execution, which the same commit has written, is due too."""
        self.jobs += other.jobs
        self.finish += other.finish
        self.notes += other.notes
        self.born += other.born
