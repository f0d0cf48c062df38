"""If and Switch: one of several branches."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field, model_validator

from app.engine.flowable.base import FlowableError, FlowableTask, Opening
from app.expression.evaluate import is_truthy, to_text
from app.model.property import Dynamic
from app.model.task import AnyTask, Task


class If(FlowableTask):
    """Run `then` when the condition is truthy, else `else`."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.flow.If"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.flows.If",)

    condition: Dynamic[str] | bool | int | float
    """Rendered once; `false`, `0`, `-0` and an empty text are false."""
    then: tuple[AnyTask, ...] = Field(min_length=1)
    """The tasks for a condition that holds."""
    else_: tuple[AnyTask, ...] = Field((), alias="else")
    """The tasks for one that does not."""

    def question(self) -> Any:
        """The condition as text."""
        return self.condition if isinstance(self.condition, str) else to_text(self.condition)

    def open(self, answer: Any) -> Opening:
        """One sequence, or none when the branch is empty."""
        return self.one_sequence({"evaluationResult": is_truthy(answer)})

    def main_steps(self, idx: int, outputs: Mapping[str, Any]) -> tuple[Task, ...]:
        """The branch that the condition chose."""
        return self.then if outputs.get("evaluationResult") else self.else_

    def branches(self) -> tuple[Task, ...]:
        """Both branches."""
        return (*self.then, *self.else_)


class Switch(FlowableTask):
    """Run the tasks of the case whose key equals the rendered value, else `defaults`."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.flow.Switch"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.flows.Switch",)

    value: Dynamic[str]
    """Its text is compared with the names of the cases."""
    cases: dict[str, tuple[AnyTask, ...]] = Field(default_factory=dict)
    """The tasks of each case, by its name."""
    defaults: tuple[AnyTask, ...] = ()
    """The tasks for a value that is no case's; without them such a value fails."""

    @model_validator(mode="after")
    def _has_tasks(self) -> "Switch":
        if not self.branches():
            raise ValueError("No task defined, neither cases or default have any tasks")
        return self

    def question(self) -> Any:
        """The value."""
        return self.value

    def open(self, answer: Any) -> Opening:
        """One sequence. Raises FlowableError when no case matches and there are no defaults."""
        value = to_text(answer)
        if value not in self.cases and not self.defaults:
            raise FlowableError(f"no case matches {value[:100]!r} and there are no defaults")
        return self.one_sequence({"value": value, "defaults": value not in self.cases})

    def main_steps(self, idx: int, outputs: Mapping[str, Any]) -> tuple[Task, ...]:
        """The tasks of the case, or the defaults."""
        return self.cases.get(str(outputs.get("value")), self.defaults)

    def branches(self) -> tuple[Task, ...]:
        """The tasks of every case and the defaults."""
        return (*(task for tasks in self.cases.values() for task in tasks), *self.defaults)
