"""Loop: the child tasks once for each item, each iteration closed to what is outside of it."""

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import Field

from app.engine.flowable.base import FlowableError, FlowableTask, Opening
from app.model.input import INPUT_ID_PATTERN, InputType
from app.model.property import WireModel
from app.model.task import AnyTask, Task


class LoopOutput(WireModel):
    """What each iteration gives to the outside: rendered at the end, converted to its type."""

    id: str = Field(pattern=INPUT_ID_PATTERN, max_length=256)
    """Its name."""
    type: InputType = InputType.STRING
    """What the value is converted to."""
    value: Any
    """Any shape, with expressions over the outputs of the iteration."""
    description: str | None = None
    """Markdown."""


class FetchKind(StrEnum):
    """Where the outputs of a Loop's iterations go."""

    AUTO = "AUTO"
    FETCH = "FETCH"
    STORE = "STORE"


class Loop(FlowableTask):
    """Run the child tasks once for each item, `concurrencyLimit` of them at a time (0: all).

    Inside, `item.value`, `item.index` and, of a map, `item.key` say which; `item.parent` is that of
    the Loop around it. Children see the outputs of their own iteration as `outputs.<task>`;
    outside, nothing of it is seen but what `outputs` declares.
    """

    type_name: ClassVar[str] = "io.kestra.plugin.core.flow.Loop"

    values: list[Any] | str | dict[str, Any]
    """A list, a map, the JSON text of one, an expression that gives one, or the URI of a stored
    file, whose lines are the items."""
    concurrency_limit: int = Field(1, ge=0)
    """How many iterations run at a time; 0: all."""
    transmit_failed: bool = True
    """Whether an iteration that fails ends the loop, failed."""
    outputs: tuple[LoopOutput, ...] = ()
    """What each iteration gives."""
    fetch_type: FetchKind = FetchKind.AUTO
    """FETCH: the task's output `outputs` is a list. STORE: its output `uri` is a file with a line
    for each iteration. AUTO: STORE when the items come from a file."""
    tasks: tuple[AnyTask, ...] = Field(min_length=1)
    """Run one after the other for each item."""

    def question(self) -> Any:
        """The items."""
        return self.values

    def open(self, answer: Any) -> Opening:
        """One sequence for each item."""
        items = tuple(items_of(answer)) if self.has_work() else ()
        return Opening(total=len(items), items=items, outputs=counted(len(items), 0))

    def has_work(self) -> bool:
        """Whether any child is enabled."""
        return any(not task.disabled for task in self.tasks)

    def limit(self) -> int:
        """`concurrencyLimit`."""
        return self.concurrency_limit

    def main_steps(self, idx: int, outputs: Mapping[str, Any]) -> tuple[Task, ...]:
        """All children, in one sequence for each item."""
        return self.tasks

    def branches(self) -> tuple[Task, ...]:
        """Its tasks."""
        return self.tasks


def counted(total: int, ended: int) -> dict[str, Any]:
    """The counters among its outputs."""
    running = {"runningIterations": total - ended, "terminatedIterations": ended}
    return {"iterationCount": total, **running}


def items_of(answer: Any) -> Iterable[str]:
    """The items of a list, a map or the JSON text of one, as they are stored.

    Raises FlowableError for anything else.
    """
    if isinstance(answer, str):
        try:
            answer = json.loads(answer)
        except ValueError:
            raise FlowableError(f"the values are no JSON list or map: {answer[:100]!r}") from None
    if isinstance(answer, Mapping):
        return [stored_item(value, str(key)) for key, value in answer.items()]
    if not isinstance(answer, list | tuple):
        raise FlowableError(f"the values must be a list or a map, not {type(answer).__name__}")
    return [stored_item(value) for value in answer]


def stored_item(value: Any, key: str | None = None) -> str:
    """An item with its key, as its row keeps it; what is no text becomes JSON text."""
    if not isinstance(value, str):
        value = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return json.dumps([value] if key is None else [value, key], ensure_ascii=False)
