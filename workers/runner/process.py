"""Runs a command under a guard; the whole tree of its processes dies with its attempt.

It is killed when the attempt is cancelled (asked first, with ten seconds of grace), when its
lease's deadline is over, when its main process has ended, and when this worker process dies.
"""

import os
import select
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.plugin.context import AttemptLease
from app.plugin.task import TaskFailed
from workers.runner import launch
from workers.runner.command import OnLine
from workers.runner.confine import Confinement
from workers.runner.launch import Running
from workers.runner.lines import Cut, Lines

GRACE_S = 10.0
_OPEN = Confinement()


@dataclass(frozen=True)
class Warm:
    """A script for a fork of a loaded interpreter, and the environment that it is loaded in."""

    python: str
    script: str
    env: Mapping[str, str]


def run(
    argv: Sequence[str],
    cwd: Path,
    env: Mapping[str, str],
    on_line: OnLine,
    lease: AttemptLease,
    confinement: Confinement = _OPEN,
    warm: Warm | None = None,
    cut: Cut = lambda _text, at: at,
) -> int:
    """The exit code (128 and more: the signal that ended it), once all output was handed on.

    Raises TaskFailed for a command that cannot be started.
    """
    request = {
        **_bounds(cwd, env, lease, confinement),
        **({"python": warm.script} if warm else {"argv": list(argv)}),
    }
    streams = {"stdout": os.pipe(), "stderr": os.pipe()}
    try:
        ends = tuple(write for _, write in streams.values()) + confinement.held
        running = launch.start(request, ends, *((warm.python, warm.env) if warm else ()))
    except BaseException:
        for read, _ in streams.values():
            os.close(read)
        raise
    finally:
        for _, write in streams.values():
            os.close(write)
    pipes = {read: Lines(name, on_line, cut=cut) for name, (read, _) in streams.items()}
    reader = threading.Thread(target=_read, args=(pipes,), daemon=True, name="script-output")
    reader.start()
    try:
        answer = _wait(running, lease)
    finally:
        running.close()
        reader.join(60)
    if error := answer.get("error"):
        raise TaskFailed(_reason(str(error), argv, cwd))
    code = int(answer["code"])
    return 128 - code if code < 0 else code


def _bounds(
    cwd: Path, env: Mapping[str, str], lease: AttemptLease, confinement: Confinement
) -> dict[str, Any]:
    return {
        "env": dict(env),
        "cwd": str(cwd),
        "deadline": lease.deadline,
        "user": confinement.user,
        "limits": dict(confinement.limits),
        "cgroup": dict(confinement.cgroup),
    }


def _wait(running: Running, lease: AttemptLease) -> dict[str, Any]:
    """Returns when the script has ended, or was told to and did."""
    known, was_told = lease.deadline, False
    poll = select.poll()
    poll.register(running.control, select.POLLIN)
    pause_ms = 5.0
    while True:
        if poll.poll(pause_ms):
            answer = running.answer()
            if answer is not None:
                return answer
        if lease.deadline != known and not was_told:
            known = lease.deadline
            running.renew(known)
        if lease.cancelled.is_set() and not was_told:
            was_told = True
            running.end(time.monotonic() + GRACE_S)
        pause_ms = min(pause_ms * 1.5, 100)


def _reason(error: str, argv: Sequence[str], cwd: Path) -> str:
    if error.startswith("FileNotFoundError") and cwd.exists():
        return f"the command {argv[0]!r} does not exist"
    return f"the command could not be started: {error}"


def _read(pipes: Mapping[int, Lines]) -> None:
    """One reader for both streams, so that their lines keep the order in which they came."""
    poll = select.poll()
    for fd in pipes:
        poll.register(fd, select.POLLIN)
    left = set(pipes)
    while left:
        for fd, _event in poll.poll():
            data = os.read(fd, 65_536)
            if data:
                pipes[fd].feed(data)
            else:
                pipes[fd].end()
                poll.unregister(fd)
                os.close(fd)
                left.discard(fd)
