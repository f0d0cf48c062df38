"""Script tasks on the process runner: inline scripts and lists of commands.

One class each for a language; they differ in the program and the ending of the script's file.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field, model_validator

from app.model.property import Dynamic
from app.model.task import AnyTaskRunner
from app.plugin.context import RunContext
from app.plugin.task import Queue, Result, RunnableTask, TaskFailed
from workers import files
from workers.core.process_runner import Process
from workers.runner import process
from workers.runner.output import ScriptOutput

#: what a script gets of the worker's environment: nothing that could hold a secret
INHERITED = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
_BEFORE, _AFTER = "##kestra:log:debug##", "##kestra:log:info##"


class ScriptTask(RunnableTask):
    """What every script task has in common."""

    queue: ClassVar[Queue] = Queue.SCRIPT

    task_runner: AnyTaskRunner | None = None
    """`io.kestra.plugin.core.runner.Process` is the one that this version has."""
    runner: str | None = None
    """Older spelling: `PROCESS`."""
    container_image: Dynamic[str] | None = None
    before_commands: Dynamic[list[str]] | None = None
    interpreter: list[str] = Field(default_factory=lambda: ["/bin/sh", "-c"])
    fail_fast: Dynamic[bool] = True
    env: Dynamic[dict[str, Any]] | None = None
    input_files: Dynamic[dict[str, Any]] | None = None
    output_files: Dynamic[list[str]] | None = None
    namespace_files: dict[str, Any] | None = None
    target_os: str = Field("AUTO", alias="targetOS")
    warning_on_std_err: Dynamic[bool] | None = None

    @model_validator(mode="after")
    def _has_runner(self) -> "ScriptTask":
        is_process = isinstance(self.task_runner, Process) or self.runner == "PROCESS"
        if not is_process:
            raise ValueError(
                "this version runs scripts as processes only: set "
                "`taskRunner: {type: io.kestra.plugin.core.runner.Process}`"
            )
        return self

    def lines(self, ctx: RunContext, extra: Mapping[str, Any]) -> list[str]:
        """The commands of the task itself, rendered."""
        raise NotImplementedError

    def run(self, ctx: RunContext) -> Result:
        """Exit code 0 is a success; outputs are kept either way."""
        directory = ctx.working_dir
        files.write_inputs(ctx, directory, self.namespace_files, self.input_files)
        extra = {"workingDir": str(directory)}
        argv = [*self.interpreter, "\n".join(self._script(ctx, extra))]
        output = ScriptOutput(ctx)
        sink = _BeforeSink(output)
        code = process.run(argv, directory, self._environ(ctx, extra), sink.line, ctx.lease)
        outputs: dict[str, Any] = {"vars": output.outputs, "exitCode": code}
        if self.output_files is not None:
            outputs["outputFiles"] = files.collect(ctx, directory, self.output_files)
        if code != 0:
            raise TaskFailed(f"Command failed with exit code {code}", outputs)
        return Result(outputs=outputs)

    def _script(self, ctx: RunContext, extra: Mapping[str, Any]) -> list[str]:
        found = ["set -e"] if ctx.read(self.fail_fast, bool) else []
        if self.before_commands:
            before = [str(line) for line in ctx.render(self.before_commands, extra)]
            found += [f"echo '{_BEFORE}'", *before, f"echo '{_AFTER}'"]
        return [*found, *self.lines(ctx, extra)]

    def _environ(self, ctx: RunContext, extra: Mapping[str, Any]) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k in INHERITED or k.startswith("LC_")}
        own = ctx.render(self.env, extra) if self.env is not None else {}
        if not isinstance(own, Mapping):
            raise TaskFailed("`env` must be a map")
        texts = {str(k): "" if v is None else str(v) for k, v in own.items()}
        return {**kept, **texts, "WORKING_DIR": str(ctx.working_dir), "PYTHONUNBUFFERED": "true"}


class _BeforeSink:
    """Logs what `beforeCommands` print at DEBUG."""

    def __init__(self, output: ScriptOutput) -> None:
        self.output, self.is_before = output, False

    def line(self, stream: str, text: str) -> None:
        """One line of the script."""
        if text in (_BEFORE, _AFTER):
            self.is_before = text == _BEFORE
        elif self.is_before:
            self.output.ctx.log.debug("%s", text)
        else:
            self.output.line(stream, text)


class CommandsTask(ScriptTask):
    """A list of commands in one shell."""

    commands: Dynamic[list[str]]

    def lines(self, ctx: RunContext, extra: Mapping[str, Any]) -> list[str]:
        """The commands."""
        rendered = ctx.render(self.commands, extra)
        return [rendered] if isinstance(rendered, str) else [str(line) for line in rendered]


class InlineTask(ScriptTask):
    """A script in the flow itself: written to a file, run by its program."""

    program: ClassVar[str] = ""
    ending: ClassVar[str] = ""

    script: Dynamic[str]

    def lines(self, ctx: RunContext, extra: Mapping[str, Any]) -> list[str]:
        """The program with the script's file; a shell script is its own text."""
        text = str(ctx.render(self.script, extra))
        if not self.program:
            return [text]
        path = Path(ctx.working_dir) / f"script-{ctx.ids.task_run_id}{self.ending}"
        path.write_text(self.prelude() + text, encoding="utf-8")
        return [f"{self.program} {path.name}"]

    def prelude(self) -> str:
        """What stands on the script's first line before its own text."""
        return ""


class ShellCommands(CommandsTask):
    """Run shell commands."""

    type_name: ClassVar[str] = "io.kestra.plugin.scripts.shell.Commands"


class ShellScript(InlineTask):
    """Run a shell script."""

    type_name: ClassVar[str] = "io.kestra.plugin.scripts.shell.Script"


class PythonCommands(CommandsTask):
    """Run commands with Python at hand."""

    type_name: ClassVar[str] = "io.kestra.plugin.scripts.python.Commands"


class PythonScript(InlineTask):
    """Run a Python script; `true`, `false` and `null` are defined in it."""

    type_name: ClassVar[str] = "io.kestra.plugin.scripts.python.Script"
    program: ClassVar[str] = "python3"
    ending: ClassVar[str] = ".py"

    def prelude(self) -> str:
        """On the first line, so that tracebacks keep the author's line numbers."""
        return "true = True; false = False; null = None; "


class NodeCommands(CommandsTask):
    """Run commands with Node at hand."""

    type_name: ClassVar[str] = "io.kestra.plugin.scripts.node.Commands"


class NodeScript(InlineTask):
    """Run a JavaScript script with Node."""

    type_name: ClassVar[str] = "io.kestra.plugin.scripts.node.Script"
    program: ClassVar[str] = "node"
    ending: ClassVar[str] = ".js"
