"""Where each task stands in its flow: by id, with its parent, its kind and its queue."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from app.engine.flowable.base import FlowableTask
from app.engine.flowable.for_each import ForEach
from app.engine.flowable.loop import Loop
from app.engine.flowable.pause import Pause
from app.engine.flowable.working_directory import WorkingDirectory
from app.engine.route import Route, route_of
from app.model.flow import Flow
from app.model.retry import Retry
from app.model.task import Task
from app.plugin.task import Queue, RunnableTask

ROOT = ""  #: the task id of the hidden run that holds the flow's own blocks


class Kind(StrEnum):
    """Who processes a task."""

    FLOWABLE = "FLOWABLE"  #: the engine: opens child sequences
    PAUSE = "PAUSE"  #: the engine: closes the execution's gate
    INLINE = "INLINE"  #: in process, fused with its neighbours
    ROUTED = "ROUTED"  #: a worker of its queue


def kind_of(task: Task) -> Kind:
    """The kind of a task, by its class."""
    if isinstance(task, Pause):
        return Kind.PAUSE
    if isinstance(task, WorkingDirectory):
        return Kind.ROUTED
    if isinstance(task, FlowableTask):
        return Kind.FLOWABLE
    if isinstance(task, RunnableTask) and _own_queue(task) is not Queue.ENGINE:
        return Kind.ROUTED
    return Kind.INLINE


def _own_queue(task: RunnableTask | WorkingDirectory) -> Queue:
    """The queue of its jobs; a task that names its workers itself is not done in process."""
    queue = task.queue_of()
    is_bound = task.worker_group is not None or task.worker_selector is not None
    return Queue.DEFAULT if queue is Queue.ENGINE and is_bound else queue


def asks(task: Task) -> bool:
    """Whether something of it has to be rendered before the engine can open or skip it."""
    return has_run_if(task) or (isinstance(task, FlowableTask) and task.question() is not None)


def has_run_if(task: Task) -> bool:
    """Whether it has a `runIf` that may say no."""
    return task.run_if not in ("true", True)


@dataclass(frozen=True)
class FlowIndex:
    """A flow with its tasks by id."""

    flow: Flow
    tasks: Mapping[str, Task] = field(default_factory=dict)
    parents: Mapping[str, str] = field(default_factory=dict)
    commit: str | None = None  #: of the Git repository that this revision comes from

    @classmethod
    def of(cls, flow: Flow, commit: str | None = None) -> "FlowIndex":
        """The index of a flow, in one walk."""
        tasks: dict[str, Task] = {}
        parents: dict[str, str] = {}
        own = [*flow.tasks, *flow.errors, *flow.finally_, *flow.after_execution]
        own += [task for listener in flow.listeners for task in listener.tasks]
        stack = [(ROOT, task) for task in own]
        while stack:
            parent, task = stack.pop()
            tasks[task.id] = task
            parents[task.id] = parent
            stack.extend((task.id, child) for child in task.children())
        return cls(flow, tasks, parents, commit)

    def steps(
        self, scope: str, block: str, idx: int, outputs: Mapping[str, Any]
    ) -> tuple[Task, ...]:
        """The enabled steps of a child sequence of a scope (`ROOT` or a flowable's task id)."""
        if scope != ROOT:
            task = self.tasks[scope]
            assert isinstance(task, FlowableTask)
            return task.steps(block, idx, outputs)
        if block == "after":
            return self.after_groups()[outputs["after"][idx]]
        blocks = {"main": self.flow.tasks, "errors": self.flow.errors}
        found = blocks.get(block, self.flow.finally_)
        return tuple(task for task in found if not task.disabled)

    def after_groups(self) -> tuple[tuple[Task, ...], ...]:
        """What runs after the end: `afterExecution`, then each listener; enabled tasks only."""
        groups = (self.flow.after_execution, *(each.tasks for each in self.flow.listeners))
        return tuple(tuple(task for task in group if not task.disabled) for group in groups)

    @property
    def has_assertions(self) -> bool:
        """Whether the flow makes promises that are asked whenever something has changed."""
        return any(promise.assert_ is not None for promise in self.flow.sla)

    def loops_around(self, task_id: str) -> tuple[tuple[int, str], ...]:
        """The Loops whose iterations a task belongs to, outermost first: place in its path, id."""
        iterated: list[Task] = []
        child = task_id
        while (parent := self.parents.get(child, ROOT)) != ROOT:
            task = self.tasks[parent]
            if isinstance(task, ForEach | Loop) and any(t.id == child for t in task.branches()):
                iterated.append(task)
            child = parent
        outermost = enumerate(reversed(iterated))
        return tuple((at, task.id) for at, task in outermost if isinstance(task, Loop))

    @cached_property
    def has_loops(self) -> bool:
        """Whether any Loop is in the flow."""
        return any(isinstance(task, Loop) for task in self.tasks.values())

    def limit(self, scope: str, block: str) -> int:
        """How many child sequences of a scope may be open at once; 0: all."""
        if block == "after":
            return 1
        task = self.tasks.get(scope)
        return task.limit() if isinstance(task, FlowableTask) and block == "main" else 0

    def retry_of(self, task_id: str) -> Retry | None:
        """The task's own retry, else that of the nearest ancestor that has one, else the flow's."""
        current: str = task_id
        while current:
            if (retry := self.tasks[current].retry) is not None:
                return retry
            current = self.parents[current]
        return self.flow.retry

    def queue_of(self, task: Task) -> str:
        """The name of the queue of its jobs; a worker group or a selector adds to it."""
        return self.queues_of(task)[0]

    def queues_of(self, task: Task) -> tuple[str, ...]:
        """The queues where its jobs may wait, the preferred one first."""
        if not isinstance(task, RunnableTask | WorkingDirectory):
            return (Queue.ENGINE,)
        queue, route = _own_queue(task), self.route_of(task)
        return (queue,) if route is None or queue is Queue.ENGINE else route.queues(queue)

    def route_of(self, task: Task) -> Route | None:
        """What the task, else its flow, says of the workers that may take it."""
        return route_of(task, self.flow)
