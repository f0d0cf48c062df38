"""What is seen inside of a Loop's iterations: the item, and the outputs of the own iteration."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from app.database import iterations, steps
from app.engine.flowable.loop import Loop
from app.engine.index import FlowIndex
from app.service.runtime import Runtime
from app.service.work import Step

Opened = Callable[[Any], Any]  #: opens what is encrypted in a stored value


@dataclass(frozen=True)
class View:
    """Whose eyes look at outputs: a place in the flow, by its path."""

    index: FlowIndex
    path: Sequence[str] = ()
    task_id: str | None = None  #: None: the execution as a whole, which is in no iteration

    def place_of(self, task_id: str, path: Sequence[str]) -> tuple[str, ...] | None:
        """A task run's path as seen from here; None: it is in an iteration that hides it."""
        if not self.index.has_loops or task_id not in self.index.tasks:
            return tuple(path)
        theirs = self.index.loops_around(task_id)
        if not theirs:
            return tuple(path)
        ours = self.index.loops_around(self.task_id) if self.task_id is not None else ()
        for at, loop in theirs:
            if (at, loop) not in ours or list(path[: at + 1]) != list(self.path[: at + 1]):
                return None
        hidden = {at for at, _ in theirs}
        return tuple(value for at, value in enumerate(path) if at not in hidden)

    def may_see(self, task_id: str) -> bool:
        """Whether any run of a task can be seen from here."""
        if not self.index.has_loops or task_id not in self.index.tasks:
            return True
        ours = self.index.loops_around(self.task_id) if self.task_id is not None else ()
        return set(self.index.loops_around(task_id)) <= set(ours)


def item_of(rt: Runtime, step: Step, opened: Opened) -> dict[str, Any] | None:
    """`item` as a step sees it, with `parent` and `parents`; None outside of Loops."""
    found = list(_items(rt, step, opened))
    if not found:
        return None
    own, *around = found
    return {**own, "parents": around, **({"parent": around[0]} if around else {})}


def parents_of(rt: Runtime, step: Step, opened: Opened) -> list[dict[str, Any]]:
    """The enclosing flowables, nearest first; those without value and outputs are left out."""
    found: list[dict[str, Any]] = []
    with rt.database.reading() as tx:
        row = steps.placed(tx, step.place.scope)
        while row is not None:
            entry: dict[str, Any] = {}
            if row.value is not None and not is_number(step.index, row.scope_task, row.block):
                entry["taskrun"] = {"value": opened(row.value)}
            if row.outputs:
                entry["outputs"] = opened(row.outputs)
            if entry:
                found.append(entry)
            row = steps.placed(tx, row.scope_id)
    return found


def _items(rt: Runtime, step: Step, opened: Opened) -> Iterator[dict[str, Any]]:
    """The items of the enclosing iterations, nearest first."""
    place: tuple[str, str, str, int] | None
    place = (step.place.scope, step.place.scope_task, step.place.block, step.place.idx)
    with rt.database.reading() as tx:
        while place is not None:
            scope, task_id, block, idx = place
            if block == "main" and isinstance(step.index.tasks.get(task_id), Loop):
                item = iterations.items_of(tx, scope, idx, 1).get(idx)
                if item is not None:
                    yield read_item(item, idx, opened)
            row = steps.placed(tx, scope)
            place = (row.scope_id, row.scope_task, row.block, row.idx) if row is not None else None


def read_item(stored: str, idx: int, opened: Opened = lambda value: value) -> dict[str, Any]:
    """An item's row as `item`."""
    value, *key = opened(json.loads(stored))
    return {"value": value, "index": idx, **({"key": key[0]} if key else {})}


def is_number(index: FlowIndex, step_scope: str, block: str) -> bool:
    """Whether the value of an iteration is only its number."""
    return block == "main" and isinstance(index.tasks.get(step_scope), Loop)
