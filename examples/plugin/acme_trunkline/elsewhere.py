"""Elsewhere: a task runner whose commands run in another place, as in a pod of a cluster.

The place is a folder here. Put the client of your cluster where `_Place` is: what a runner owes its
task, and in which order, stays.
"""

import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from app.model.property import Dynamic
from app.plugin.context import RunContext
from app.plugin.task import TaskFailed
from workers.runner.command import Command, CommandRunner, OnLine, Ran

_LOOK_S = 0.1


class Elsewhere(CommandRunner):
    """Run commands in another place."""

    type_name: ClassVar[str] = "com.acme.trunkline.Elsewhere"

    zone: Dynamic[str] = "default"
    """Which place."""

    def execute(self, ctx: RunContext, command: Command, on_line: OnLine) -> Ran:
        """Sends the files, starts, follows, waits, fetches; leaves nothing behind."""
        zone = str(ctx.render(self.zone))
        with _place(command) as place:
            place.send()
            place.start()
            reader = threading.Thread(target=place.follow, args=(on_line,))
            reader.start()
            code = place.wait(ctx)
            reader.join()
            if command.needs_files and not ctx.lease.cancelled.is_set():
                place.fetch()
        return Ran(code, {"zone": zone})


class _Place:
    """Where a command runs: for a cluster, a pod with a volume."""

    def __init__(self, command: Command, folder: Path) -> None:
        self.command, self.folder = command, folder
        self.process: subprocess.Popen[str] | None = None

    def send(self) -> None:
        shutil.copytree(self.command.directory, self.folder, dirs_exist_ok=True, symlinks=True)

    def start(self) -> None:
        env = {"PATH": "/usr/bin:/bin", **self.command.env}
        try:
            self.process = subprocess.Popen(
                list(self.command.argv),
                cwd=self.folder,
                env=env,
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        except OSError as error:
            raise TaskFailed(f"the command could not be started: {error}") from None

    def follow(self, on_line: OnLine) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        for line in self.process.stdout:
            on_line("stdout", line.rstrip("\n"))

    def wait(self, ctx: RunContext) -> int:
        """The exit code. A kill, a timeout and a lost lease set `cancelled`: stop at once then."""
        assert self.process is not None
        while True:
            try:
                return self.process.wait(_LOOK_S)
            except subprocess.TimeoutExpired:
                if ctx.lease.cancelled.is_set():
                    self.process.kill()

    def fetch(self) -> None:
        shutil.copytree(self.folder, self.command.directory, dirs_exist_ok=True, symlinks=True)


@contextmanager
def _place(command: Command) -> Iterator[_Place]:
    with tempfile.TemporaryDirectory(prefix="elsewhere-") as folder:
        place = _Place(command, Path(folder))
        try:
            yield place
        finally:
            if place.process is not None and place.process.poll() is None:
                place.process.kill()
                place.process.wait()
