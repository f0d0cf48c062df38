"""Processes forked from one that has imported the product: what takes seconds is done once.

A forked process has a session of its own and ends with its parent.
"""

import atexit
import ctypes
import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from subprocess import TimeoutExpired
from typing import BinaryIO

_FORK = multiprocessing.get_context("fork")
_PR_SET_NAME, _PR_SET_PDEATHSIG = 15, 1
#: what the API, a worker and beat import by themselves, in part late
_PARTS = (
    "app.cli.main",
    "app.cli.serve",
    "app.cli.serving",
    "app.service.gitops.sync",
    "workers.main",
    "beat.scheduler",
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.concurrency.prefork",
    "celery.events.state",
    "celery.worker.consumer",
    "kombu.transport.redis",
    "prometheus_client.exposition",
    "workers.core.log",
)


def load() -> None:
    """Imports what the processes need; a look at it by the collector would give each a copy."""
    gc.disable()
    for name in _PARTS:
        import_module(name)
    gc.enable()
    gc.collect()
    gc.freeze()


def die_with_parent() -> None:
    """The calling process gets a SIGTERM when the one that started it ends."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Forked:
    """A forked process, with what is used of `subprocess.Popen`."""

    def __init__(self, act: Callable[[], object], name: str, log: Path | None = None) -> None:
        """Runs `act` and ends; the log takes what it writes, our own output if there is none."""
        run = _FORK.Process(target=_run, args=(act, name, log))
        run.start()
        assert run.pid is not None
        self._run, self.pid = run, run.pid

    def poll(self) -> int | None:
        """The exit code; None while it runs."""
        return self._run.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once there is one. Raises subprocess.TimeoutExpired."""
        self._run.join(timeout)
        code = self._run.exitcode
        if code is None:
            raise TimeoutExpired(self._run.name, timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """A signal for this one process."""
        os.kill(self.pid, number)


def command(arguments: list[str], environ: Mapping[str, str]) -> None:
    """A command of `trunkline` in this process, as if it had been typed."""
    os.environ.update(environ)
    sys.argv[1:] = arguments
    import_module("app.cli.main").main()


def open_log(path: Path) -> BinaryIO:
    """A log to append to; a new one is for its owner alone, since scripts write what they like."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")


def _run(act: Callable[[], object], name: str, log: Path | None) -> None:
    os.setsid()
    die_with_parent()
    ctypes.CDLL(None).prctl(_PR_SET_NAME, f"trunkline-{name}".encode(), 0, 0, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if log is not None:
        with open_log(log) as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
    atexit._clear()
    try:
        act()
    finally:
        atexit._run_exitfuncs()  # multiprocessing itself runs them in later versions of Python
