"""The processes of one script: found, killed, and bounded by control groups where there are any.

Part of the launcher: standard library only.
"""

import contextlib
import os
import signal

_ROOTS = ("/sys/fs/cgroup/pids", "/sys/fs/cgroup/memory", "/sys/fs/cgroup")
_LIMITS = {"pids.max": "processes", "memory.max": "memory", "memory.limit_in_bytes": "memory"}


class ControlGroups:
    """The groups of one script: none where they cannot be made."""

    def __init__(self) -> None:
        self.folders: list[str] = []
        if os.geteuid() != 0:
            return
        for root in _ROOTS:
            folder = f"{root}/trunkline-{os.getpid()}"
            _rmdir(folder)  # of a guard that was killed and had this number
            try:
                os.mkdir(folder)
            except OSError:
                continue
            if any(os.path.exists(f"{folder}/{file}") for file in _LIMITS):
                self.folders.append(folder)
            else:
                _rmdir(folder)

    def bound(self, limits: "dict[str, int]") -> None:
        """Sets the most `processes` and the most `memory` (bytes) of all that is in the groups."""
        for folder in self.folders:
            for file, name in _LIMITS.items():
                if limits.get(name):
                    _write(f"{folder}/{file}", str(limits[name]))

    def enter(self) -> None:
        """This process, and what it forks from now on, belongs to the groups."""
        for folder in self.folders:
            _write(f"{folder}/cgroup.procs", "0")

    def close(self) -> None:
        """No process of the groups can fork any more."""
        for folder in self.folders:
            _write(f"{folder}/pids.max", "0")

    def drop(self) -> None:
        """Removes the groups, which are empty now."""
        for folder in self.folders:
            _rmdir(folder)


def is_dropped(guard: int) -> bool:
    """Removes the groups of a guard that was killed; False while something is in them."""
    folders = [f"{root}/trunkline-{guard}" for root in _ROOTS]
    for folder in folders:
        _rmdir(folder)
    return not any(os.path.exists(folder) for folder in folders)


def _write(path: str, text: str) -> bool:
    """Into a file that is there; control files are never made by writing."""
    try:
        fd = os.open(path, os.O_WRONLY)
    except OSError:
        return False
    try:
        os.write(fd, text.encode())
        return True
    except OSError:
        return False
    finally:
        os.close(fd)


def _rmdir(folder: str) -> None:
    with contextlib.suppress(OSError):
        os.rmdir(folder)


def children(pid: int) -> "list[int]":
    """The processes that this one is the parent of."""
    found: list[int] = []
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return found
    for thread in threads:
        try:
            with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as file:
                found += [int(word) for word in file.read().split()]
        except OSError:
            continue
    return found


def descendants(pid: int) -> "list[int]":
    """Children, their children, and so on."""
    found: list[int] = []
    waiting = children(pid)
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += children(one)
    return found


def kill(pid: int, number: int) -> None:
    """Sends a signal; a process that is gone or of another user is fine."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def kill_user(user: int) -> None:
    """Every process of a user that only one script has: no fork can outrun it."""
    pid = os.fork()
    if pid == 0:
        try:
            os.setresuid(user, user, user)
            os.kill(-1, signal.SIGKILL)
        except OSError:
            pass
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
