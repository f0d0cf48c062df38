"""What a flowable task is to the engine: child sequences, how many at a time, a question to render.

A flowable opens once: its question (if it has one) is rendered outside any transaction and `open`
says how many child sequences there are. The engine then asks for the steps of each.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from app.model.task import AnyTask, Task


@dataclass(frozen=True, kw_only=True)
class Opening:
    """What a flowable found when it opened."""

    total: int  #: child sequences of its main block
    outputs: Mapping[str, Any] = field(default_factory=dict)
    values: tuple[str, ...] = ()  #: of iterations, one per child sequence
    items: tuple[str, ...] = ()  #: of a Loop, instead of values


class FlowableError(Exception):
    """The answer to a flowable's question cannot be used; the flowable fails with this message."""


class FlowableTask(Task):
    """Base of the flowables; `errors` and `finally` belong to its own scope."""

    errors: tuple[AnyTask, ...] = ()
    """Run when one of its tasks failed."""
    finally_: tuple[AnyTask, ...] = Field((), alias="finally")
    """Run after its tasks whatever their end."""

    def question(self) -> Any:
        """What has to be rendered before it opens; None when nothing."""
        return None

    def open(self, answer: Any) -> Opening:
        """The child sequences, given the rendered question. Raises FlowableError."""
        return self.one_sequence({})

    def one_sequence(self, outputs: Mapping[str, Any]) -> Opening:
        """One child sequence, or none where every step of it is disabled."""
        return Opening(total=1 if self.steps("main", 0, outputs) else 0, outputs=outputs)

    def limit(self) -> int:
        """How many child sequences of the main block may be open at once; 0: all."""
        return 0

    def main_steps(self, idx: int, outputs: Mapping[str, Any]) -> tuple[Task, ...]:
        """The steps of child sequence `idx` of the main block."""
        raise NotImplementedError

    def steps(self, block: str, idx: int, outputs: Mapping[str, Any]) -> tuple[Task, ...]:
        """The enabled steps of a child sequence, by the name of its block."""
        if block == "errors":
            found = self.errors
        elif block == "finally":
            found = self.finally_
        else:
            found = self.main_steps(idx, outputs)
        return tuple(task for task in found if not task.disabled)

    def branches(self) -> tuple[Task, ...]:
        """Every task of the main block, whichever branch it stands in."""
        raise NotImplementedError

    def children(self) -> tuple[Task, ...]:
        """Every task nested directly in this one."""
        return (*self.branches(), *self.errors, *self.finally_)


def iteration_values(answer: Any) -> tuple[str, ...]:
    """The values of a loop: distinct, as texts; JSON for what is no text (flow language 5.4).

    Raises FlowableError for anything but a list (or its JSON text), and for a null in it.
    """
    if isinstance(answer, str):
        try:
            answer = json.loads(answer)
        except ValueError:
            raise FlowableError(f"the values are no JSON list: {answer[:100]!r}") from None
    if isinstance(answer, Mapping):
        answer = [{"key": key, "value": value} for key, value in answer.items()]
    if not isinstance(answer, list | tuple):
        raise FlowableError(f"the values must be a list, not {type(answer).__name__}")
    missing = sum(1 for item in answer if item is None)
    if missing:
        shown = json.dumps(answer, default=str)
        raise FlowableError(f"Found '{missing}' null values on Each, with values={shown}")
    return tuple(dict.fromkeys(_value_text(item) for item in answer))


def _value_text(item: Any) -> str:
    if isinstance(item, str):
        return item
    return json.dumps(item, ensure_ascii=False, separators=(",", ":"), default=str)
