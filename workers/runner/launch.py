"""The worker's side of the launcher: one plain one, and one for each loaded Python environment.

They belong to the process that started them and end with it.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.plugin.task import TaskFailed
from workers.runner.container_guard import heirs_of
from workers.runner.orders import CONTAINER, DONE, FRAME, ORDER, RENEW, SCRIPT, TERM

_ROOT = str(Path(__file__).parents[2])
_START = (
    f"import sys; sys.path[0] = {_ROOT!r}; "
    "from workers.runner.launcher import main; del sys.path[0]; main()"
)
_MOST_WARM = 4
_lock = threading.Lock()
_launchers: "OrderedDict[tuple[str, ...], Launcher]" = OrderedDict()
_waiting: "dict[str, Running]" = {}  #: guards of containers that this process may take over


class Running:
    """One script that a launcher has started."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self._data = b""

    def answer(self) -> dict[str, Any] | None:
        """How it ended, if it has: reads what is there. A guard that died counts as killed."""
        try:
            part = self.control.recv(65_536)
        except ConnectionResetError:  # it had not read everything
            part = b""
        self._data += part
        if self._data.endswith(b"\n"):
            found: dict[str, Any] = json.loads(self._data)
            return found
        return None if part else {"code": -9, "reason": "killed"}

    def renew(self, deadline: float) -> None:
        """Moves the deadline."""
        self._order(RENEW, deadline)

    def end(self, until: float) -> None:
        """Asks the script's group to end; what is left then is killed."""
        self._order(TERM, until)

    def _order(self, what: bytes, until: float) -> None:
        with contextlib.suppress(OSError):  # it may just have ended
            self.control.sendall(ORDER.pack(what, until))

    def done(self) -> None:
        """The container has ended: nobody needs to watch it."""
        self._order(DONE, 0.0)
        self.control.close()

    def close(self) -> None:
        """Kills what is left and returns once all of it is gone."""
        with contextlib.suppress(OSError):
            self.control.shutdown(socket.SHUT_WR)
            self.control.settimeout(30)
            while self.control.recv(65_536):
                pass
        self.control.close()


class Launcher:
    """A launcher process."""

    def __init__(self, argv: list[str], env: Mapping[str, str]) -> None:
        self.owner = os.getpid()
        self._socket, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [*argv, "-c", _START, str(theirs.fileno())],
                env=dict(env),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def start(self, request: Mapping[str, Any], *streams: int) -> Running:
        """Starts a script with these descriptors, or a container's guard.

        Raises OSError when the launcher is gone.
        """
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                word = CONTAINER if "container" in request else SCRIPT
                socket.send_fds(self._socket, [word], [theirs.fileno(), *streams])
            data = json.dumps(request).encode()
            ours.sendall(FRAME.pack(len(data)) + data)
        except BaseException:
            ours.close()
            raise
        return Running(ours)

    def close(self) -> None:
        """Starts nothing any more; what it started goes on under its guards."""
        self._socket.close()
        if self.owner == os.getpid():
            self.process.wait()


def start(
    request: Mapping[str, Any],
    streams: tuple[int, ...],
    python: str | None = None,
    env: Mapping[str, str] | None = None,
) -> Running:
    """Starts a script; `python`: in a fork of this interpreter, loaded with `env`."""
    for is_last in (False, True):
        try:
            return _launcher(python, env or {}).start(request, *streams)
        except OSError as error:
            _forget(python, env or {})
            if is_last:
                raise TaskFailed(f"the script could not be started: {error}") from None
    raise AssertionError("unreachable")


def is_left(container: str) -> bool:
    """Whether the worker that started a container is gone, and its guard waits for another one."""
    try:
        heir = _connect(container)
    except OSError:
        return False
    _waiting[container] = Running(heir)
    return True


def leave(container: str) -> None:
    """Somebody else has it: its guard waits on."""
    if left := _waiting.pop(container, None):
        left.control.close()


def _connect(container: str) -> socket.socket:
    heir = socket.socket(socket.AF_UNIX)
    try:
        heir.connect(heirs_of(container))
    except OSError:
        heir.close()
        raise
    return heir


def watch_container(container: str, engine: str, deadline: float) -> Running:
    """Has a container killed at the deadline, whatever becomes of this process.

    One whose earlier worker is gone has a guard already: that one gets the new deadline.
    """
    if left := _waiting.pop(container, None):
        left.renew(deadline)
        return left
    request = {"container": container, "engine": engine, "deadline": deadline}
    with Path(os.devnull).open("wb") as nothing:
        return start(request, (nothing.fileno(), nothing.fileno()))


def _key(python: str | None, env: Mapping[str, str]) -> tuple[str, ...]:
    return (python or "", *(f"{name}={value}" for name, value in sorted(env.items())))


def _launcher(python: str | None, env: Mapping[str, str]) -> Launcher:
    key = _key(python, env)
    with _lock:
        found = _launchers.get(key)
        if found is None or found.owner != os.getpid():
            argv = [python] if python else [sys.executable, "-I", "-S"]
            found = _launchers[key] = Launcher(argv, env)
        _launchers.move_to_end(key)
        if python:
            warm = [k for k, one in _launchers.items() if k[0]]
            for old in warm[: -_MOST_WARM or None]:
                _launchers.pop(old).close()
        return found


def _forget(python: str | None, env: Mapping[str, str]) -> None:
    with _lock:
        found = _launchers.pop(_key(python, env), None)
    if found is not None:
        found.close()
