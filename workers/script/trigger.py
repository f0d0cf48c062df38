"""ScriptTrigger and CommandsTrigger: a script that is run at an interval starts executions.

As in the reference the script is a process of the worker; `containerImage` is accepted and has no
effect. Whether the last evaluation matched is kept in the trigger's row.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from app.expression.values import to_text
from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.polling import PollingTrigger
from app.plugin.task import Output, Queue, TaskFailed
from workers.script.base import ScriptTask
from workers.script.languages import type_of
from workers.script.python import PythonCommands, PythonScript

_EXIT = re.compile(r"exit\s+(\d+)", re.IGNORECASE)
_MATCHED = "matched"


class Match(Output):
    """What started the execution."""

    timestamp: str
    condition: str
    exit_code: int
    vars: dict[str, Any] | None = None


class _Trigger(PollingTrigger):
    """What both kinds have in common."""

    queue: ClassVar[Queue] = Queue.SCRIPT
    output: ClassVar[type[Output] | None] = Match
    task_type: ClassVar[type[ScriptTask]]

    container_image: Dynamic[str] | None = None
    """Accepted and without effect: the script is a process of the worker, as in the reference."""
    exit_condition: Dynamic[str]
    """`exit N` is the exit code; anything else a regular expression, searched in the text of `vars`
    (as it stands, where it is no regular expression)."""
    edge: Dynamic[bool] = True
    """Start an execution only when the last evaluation did not match; false: at each match."""

    def given(self) -> dict[str, Any]:
        """The properties of the task that is run."""
        raise NotImplementedError

    def poll(self, ctx: RunContext) -> Match | None:
        """Runs the task once. Raises TaskFailed when it could not be run at all."""
        condition = str(ctx.render(self.exit_condition)).strip()
        code, found = self._run(ctx)
        matches = _matches(condition, code, found)
        was_matched = bool(ctx.memory.get(_MATCHED))
        ctx.memory = {_MATCHED: matches}
        if not matches or (was_matched and ctx.read(self.edge, bool)):
            return None
        now = to_text(ctx.services.now())
        return Match(timestamp=now, condition=condition, exit_code=code, vars=found)

    def _run(self, ctx: RunContext) -> tuple[int, dict[str, Any] | None]:
        """The exit code and the outputs of one run."""
        kind = self.task_type.type_name
        own = {"id": self.id, "type": kind, "runner": "PROCESS", "outputDirectory": False}
        try:
            outputs: Mapping[str, Any] = self.task_type(**own, **self.given()).run(ctx).outputs
        except TaskFailed as error:
            if "exitCode" not in error.outputs:
                raise
            outputs = error.outputs
        return int(outputs["exitCode"]), outputs["vars"]


class ScriptTrigger(_Trigger):
    """Run a script at an interval; start an execution when `exitCondition` is met."""

    script: Dynamic[str]
    """The program."""

    def given(self) -> dict[str, Any]:
        """The script."""
        return {"script": self.script}


class CommandsTrigger(_Trigger):
    """Run commands at an interval; start an execution when `exitCondition` is met."""

    commands: Dynamic[list[str]]
    """Run one after the other."""

    def given(self) -> dict[str, Any]:
        """The commands."""
        return {"commands": self.commands}


def _matches(condition: str, code: int, found: Mapping[str, Any] | None) -> bool:
    if exact := _EXIT.fullmatch(condition):
        return code == int(exact.group(1))
    text = json.dumps(found, ensure_ascii=False) if found else ""
    if not condition or not text:
        return False
    try:
        return re.search(condition, text) is not None
    except re.error:
        return condition in text


def _type(task: type[ScriptTask], base: type[_Trigger]) -> type[_Trigger]:
    package, _, kind = task.type_name.rpartition(".")
    values: dict[str, Any] = {
        "__doc__": base.__doc__,
        "__module__": __name__,
        "__qualname__": f"{task.__name__}Trigger",
        "__annotations__": {"type_name": ClassVar[str], "task_type": ClassVar[type[ScriptTask]]},
        "type_name": f"{package}.{kind}Trigger",
        "task_type": task,
    }
    return type(f"{task.__name__}Trigger", (base,), values)


_PACKAGES = ("shell", "node", "go", "ruby")
#: kept alive here; the registry finds them as subclasses
TYPES = [
    _type(PythonScript, ScriptTrigger),
    _type(PythonCommands, CommandsTrigger),
    *(_type(type_of(package, "Script"), ScriptTrigger) for package in _PACKAGES),
    *(_type(type_of(package, "Commands"), CommandsTrigger) for package in _PACKAGES),
]
