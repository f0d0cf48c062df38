"""Dag: children side by side, each after those it depends on."""

from collections.abc import Mapping
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any, ClassVar

from pydantic import Field, model_validator

from app.engine.flowable.base import FlowableTask, Opening
from app.model.property import WireModel
from app.model.task import AnyTask, Task


class DagTask(WireModel):
    """A task and the ids of those that must have ended before it."""

    task: AnyTask
    """The task itself."""
    depends_on: tuple[str, ...] = ()
    """Ids of the tasks of this Dag that have to end before it."""


class Dag(FlowableTask):
    """Run tasks side by side, each once all that it depends on have ended.

    At most `concurrent` of them run at once (0: no limit).
    """

    type_name: ClassVar[str] = "io.kestra.plugin.core.flow.Dag"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.flows.Dag",)

    tasks: tuple[DagTask, ...] = Field(min_length=1)
    """The tasks, each with what it depends on."""
    concurrent: int = Field(0, ge=0)
    """How many may run at once; 0: any number."""

    @model_validator(mode="after")
    def _is_acyclic(self) -> "Dag":
        known = {node.task.id for node in self.tasks}
        missing = sorted({name for node in self.tasks for name in node.depends_on} - known)
        if missing:
            raise ValueError(f"Not existing task id in dependency: {', '.join(missing)}")
        try:
            TopologicalSorter(self._graph()).prepare()
        except CycleError as error:
            names = ", ".join(dict.fromkeys(error.args[1]))
            raise ValueError(f"Cyclic dependency detected: {names}") from None
        return self

    def _graph(self) -> dict[str, set[str]]:
        return {node.task.id: set(node.depends_on) for node in self.tasks}

    @cached_property
    def _ordered(self) -> tuple[DagTask, ...]:
        """The enabled tasks, level by level; within a level as they are written."""
        sorter = TopologicalSorter(self._graph())
        sorter.prepare()
        by_id = {node.task.id: node for node in self.tasks}
        written = list(by_id)
        found: list[DagTask] = []
        while sorter.is_active():
            level = sorted(sorter.get_ready(), key=written.index)
            found += [by_id[name] for name in level if not by_id[name].task.disabled]
            sorter.done(*level)
        return tuple(found)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {node.task.id: n for n, node in enumerate(self._ordered)}

    @cached_property
    def _dependents(self) -> dict[int, tuple[int, ...]]:
        found: dict[int, list[int]] = {}
        for idx in range(len(self._ordered)):
            for need in self.needs(idx):
                found.setdefault(need, []).append(idx)
        return {need: tuple(numbers) for need, numbers in found.items()}

    def needs(self, idx: int) -> set[int]:
        """The child sequences that must have ended before child sequence `idx` begins."""
        names = self._ordered[idx].depends_on
        return {self._numbers[name] for name in names if name in self._numbers}

    def dependents(self, idx: int) -> tuple[int, ...]:
        """The child sequences that wait, among others, for the end of child sequence `idx`."""
        return self._dependents.get(idx, ())

    def successors(self, idx: int) -> set[int]:
        """All child sequences that directly or indirectly wait for child sequence `idx`."""
        found: set[int] = set()
        waiting = [idx]
        while waiting:
            fresh = set(self.dependents(waiting.pop())) - found
            found |= fresh
            waiting.extend(fresh)
        return found

    def open(self, answer: Any) -> Opening:
        """One sequence for each child that is enabled."""
        return Opening(total=len(self._ordered))

    def limit(self) -> int:
        """`concurrent`."""
        return self.concurrent

    def main_steps(self, idx: int, outputs: Mapping[str, Any]) -> tuple[Task, ...]:
        """The one child of the sequence."""
        return (self._ordered[idx].task,)

    def branches(self) -> tuple[Task, ...]:
        """Its tasks."""
        return tuple(node.task for node in self.tasks)
