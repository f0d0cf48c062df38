"""What a running template holds on to: scope, local names, the world, budgets."""

import time
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.expression.errors import BudgetExceeded, ExpressionError

MOST_STEPS = 2_000_000
MOST_CHARS = 10_000_000
MOST_SECONDS = 10.0
MOST_DEPTH = 20


class World:
    """What expressions may ask of the outside. This one refuses everything but the clock."""

    timezone: str = "UTC"

    def now(self) -> datetime:
        """The present moment, aware."""
        return datetime.now(UTC)

    def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Answers a function that needs the outside: secret, kv, read, … Raises ExpressionError."""
        raise ExpressionError(f"the function `{name}` cannot be used here")

    @property
    def hides(self) -> bool:
        """Whether there are values that must not be seen."""
        return False

    def derive(self, sources: Iterable[Any], result: Any) -> None:
        """Hears of what a filter or function made, while something is hidden."""

    def masked(self, text: str) -> str:
        """A message without what must not be seen."""
        return text


Node = Callable[["Env"], Any]


@dataclass(slots=True)
class Budget:
    """What is left of steps, text and time for one rendering, nested ones included."""

    steps: int = MOST_STEPS
    chars: int = MOST_CHARS
    ends: float = field(default_factory=lambda: time.monotonic() + MOST_SECONDS)
    depth: int = 0

    def step(self, count: int = 1) -> None:
        """Counts work. Raises BudgetExceeded."""
        self.steps -= count
        if self.steps < 0:
            raise BudgetExceeded("the expression takes too many steps")
        if not self.steps & 1023 and time.monotonic() > self.ends:
            raise BudgetExceeded(f"rendering took longer than {MOST_SECONDS:g} s")

    def text(self, text: str) -> str:
        """Counts rendered text. Raises BudgetExceeded."""
        self.chars -= len(text)
        if self.chars < 0:
            raise BudgetExceeded(f"the rendered text is longer than {MOST_CHARS} characters")
        return text


@dataclass(slots=True)
class Env:
    """One rendering."""

    scope: Mapping[str, Any]
    world: World
    budget: Budget
    local: list[dict[str, Any]] = field(default_factory=list)
    macros: Mapping[str, Any] = field(default_factory=dict)
    blocks: dict[str, Any] = field(default_factory=dict)
    #: renders texts in maps and lists; `render()` calls the room's own door through it
    render: Callable[..., Any] = field(default=lambda value, *_: value)

    def find(self, name: str) -> tuple[bool, Any]:
        """Whether a root name exists, and its value."""
        for frame in reversed(self.local):
            if name in frame:
                return True, frame[name]
        try:
            return True, self.scope[name]
        except KeyError:
            return (True, self.everything()) if name == "_context" else (False, None)

    def everything(self) -> Mapping[str, Any]:
        """The scope with the local names over it."""
        return ChainMap(*self.local[::-1], self.scope)  # type: ignore[arg-type]  # only read
