"""The task runner that starts commands as processes of the worker."""

from typing import ClassVar

from app.model.property import Dynamic
from app.plugin.context import RunContext
from workers.runner import process
from workers.runner.command import Command, CommandRunner, OnLine, Ran
from workers.runner.confine import confined, environ
from workers.runner.process import Warm

#: an interpreter or the system's loader reads these before a script begins: no fork can follow them
_EARLY = ("PYTHON", "LD_", "LANG", "LC_", "MALLOC_", "GLIBC_", "VIRTUAL_ENV")
_LOADED = ("PYTHONPATH", "PYTHONUNBUFFERED")  #: the launcher has been loaded with these


class Process(CommandRunner):
    """Run commands as processes of the worker."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.runner.Process"

    warm: Dynamic[bool] = True
    """Extension: whether a Python script runs in a fork of an interpreter that is loaded already;
    the same to the script, without an interpreter's start. False: always a process of its own."""

    def execute(self, ctx: RunContext, command: Command, on_line: OnLine) -> Ran:
        """A tree of processes that dies with its attempt."""
        env = environ(ctx.settings, command.env)
        with confined(ctx, command.directory) as bounds:
            if bounds.user:
                env["HOME"] = command.env.get("HOME", str(command.directory))
            script = command.python
            code = process.run(
                # no shell around a script that stands alone
                command.argv if script is None else [script.interpreter, script.path],
                command.directory,
                env,
                on_line,
                ctx.lease,
                bounds,
                self._warm(ctx, command),
                ctx.safe_cut,
            )
        return Ran(code)

    def _warm(self, ctx: RunContext, command: Command) -> Warm | None:
        script = command.python
        if script is None or not ctx.settings.get("runners_process_warm", True):
            return None
        early = [k for k in command.env if k.startswith(_EARLY) and k not in _LOADED]
        if early or not ctx.read(self.warm, bool):
            return None
        loaded = {k: command.env[k] for k in _LOADED if k in command.env}
        return Warm(script.interpreter, script.path, environ(ctx.settings, loaded))
