"""What a task runner is given, and what it gives back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from app.model.task import TaskRunner
from app.plugin.context import RunContext
from app.plugin.task import Queue

SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh"})
OnLine = Callable[[str, str], None]  #: ("stdout" or "stderr", one line)


@dataclass(frozen=True)
class LoneScript:
    """A Python script without anything around it: a runner may skip the interpreter's start."""

    interpreter: str
    path: str  #: relative to the working directory


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command in a working directory."""

    argv: Sequence[str]
    directory: Path
    env: Mapping[str, str]  #: what the task itself sets
    image: str = ""  #: rendered; empty: none was given
    needs_files: bool = False  #: files are expected back
    python: LoneScript | None = None  #: what `argv` amounts to, when it is just this


@dataclass(frozen=True)
class Ran:
    """How a command ended: its exit code, and what the runner tells of itself."""

    exit_code: int
    details: Mapping[str, Any] = field(default_factory=dict)


class CommandRunner(TaskRunner):
    """Base of the runners that this installation has."""

    queue: ClassVar[Queue] = Queue.SCRIPT

    def execute(self, ctx: RunContext, command: Command, on_line: OnLine) -> Ran:
        """Runs a command to its end, handing each line on. Raises TaskFailed.

        Nothing of it is left when this returns, or when the attempt is cancelled.
        """
        raise NotImplementedError
