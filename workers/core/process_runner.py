"""The task runner that starts commands as processes of the worker."""

import os
import shutil
from typing import ClassVar

from app.plugin.context import RunContext
from app.plugin.task import TaskFailed
from workers.runner import process
from workers.runner.command import Command, CommandRunner, OnLine, Ran

#: what a script gets of the worker's environment: nothing that could hold a secret
INHERITED = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


class Process(CommandRunner):
    """Run commands as processes of the worker."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.runner.Process"

    def execute(self, ctx: RunContext, command: Command, on_line: OnLine) -> Ran:
        """A process group of its own, killed with its attempt."""
        kept = {k: v for k, v in os.environ.items() if k in INHERITED or k.startswith("LC_")}
        env = {**kept, **command.env}
        try:
            code = process.run(command.argv, command.directory, env, on_line, ctx.lease)
        except FileNotFoundError as error:
            raise TaskFailed(f"the command {error.filename!r} does not exist") from None
        return Ran(code)

    def program(self, name: str) -> str:
        """Python is whatever an activated environment or the machine has."""
        if name == "python" and shutil.which("python3"):
            return "python3"
        return name
