"""Runs a command as a process group of its own; the whole group dies with its attempt.

The group is killed when
the attempt is cancelled, when its lease's deadline is over, and when this worker process dies.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from app.plugin.context import AttemptLease
from workers.runner.command import OnLine
from workers.runner.lines import Lines

GRACE_S = 10.0
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


def run(
    argv: Sequence[str], cwd: Path, env: Mapping[str, str], on_line: OnLine, lease: AttemptLease
) -> int:
    """The exit code (negative: the signal that ended it), once all output was handed on.

    Raises FileNotFoundError for a command that does not exist.
    """
    process = subprocess.Popen(
        list(argv),
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=_die_with_worker,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    lock = threading.Lock()
    readers = [
        threading.Thread(target=_read, args=(pipe, name, on_line, lock), daemon=True)
        for pipe, name in ((process.stdout, "stdout"), (process.stderr, "stderr"))
    ]
    for reader in readers:
        reader.start()
    try:
        _wait(process, lease)
    finally:
        _kill(process)
        for reader in readers:
            reader.join(5)
    return process.returncode


def _die_with_worker() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _wait(process: "subprocess.Popen[bytes]", lease: AttemptLease) -> None:
    """Returns when the process has ended, or was told to."""
    pause = 0.002
    while process.poll() is None:
        if time.monotonic() >= lease.deadline:
            return
        if lease.cancelled.wait(pause):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_S)
            return
        pause = min(pause * 1.5, 0.1)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """What is left of the group goes, the children that the command left behind too."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _read(pipe: IO[bytes], name: str, on_line: OnLine, lock: threading.Lock) -> None:
    lines = Lines(name, on_line, lock)
    with pipe:
        while data := os.read(pipe.fileno(), 65_536):
            lines.feed(data)
        lines.end()
