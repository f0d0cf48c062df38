"""What a script of the process runner may do: its user, its limits, its environment."""

import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from app.plugin.context import RunContext
from app.plugin.task import PolicyRefused, TaskFailed

#: what a script gets of the worker's environment: nothing that could hold a secret
INHERITED = frozenset(("PATH", "HOME", "LANG", "TZ", "TMPDIR")) | {
    name for upper in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY") for name in (upper, upper.lower())
}
_OWN = ("TRUNKLINE_", "SECRET_")
_MB = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Confinement:
    """The bounds of one script."""

    user: int = 0  #: 0: the worker's own
    limits: Mapping[str, int] = field(default_factory=dict)
    cgroup: Mapping[str, int] = field(default_factory=dict)
    held: tuple[int, ...] = ()  #: descriptors that must stay open until the script is gone


@contextmanager
def confined(ctx: RunContext, directory: Path) -> Iterator[Confinement]:
    """The bounds that the server's settings give; the directory belongs to the script's user.

    Raises TaskFailed where scripts may not run as processes.
    """
    settings = ctx.settings
    _check_allowed(settings, ctx.ids.namespace)
    is_shared = bool(settings.get("runners_process_shared_user"))
    if not is_shared and os.geteuid() != 0:
        raise TaskFailed(
            "the Process runner is off: this worker cannot switch user, and "
            "`runners.process.shared-user` is not set",
            is_final=True,
        )
    limits, cgroup = _limits(settings, is_shared=is_shared)
    if is_shared:
        yield Confinement(limits=limits, cgroup=cgroup)
        return
    first, last = (int(n) for n in settings["runners_process_users"].split("-"))
    user, lock = _take_user(first, last)
    try:
        _give(directory, user, range(first, last + 1))
        yield Confinement(user=user, limits=limits, cgroup=cgroup, held=(lock,))
    finally:
        os.close(lock)


def environ(settings: Mapping[str, Any], own: Mapping[str, str]) -> dict[str, str]:
    """The environment of a script: the allowed part of the worker's, then its own."""
    more = str(settings.get("runners_process_inherit_env") or "")
    names = INHERITED | {name.strip() for name in more.split(",")}
    is_all = more.strip().lower() == "all"
    kept = {
        key: value
        for key, value in os.environ.items()
        if key in names or key.startswith("LC_") or (is_all and not key.startswith(_OWN))
    }
    return {**kept, **own}


def _check_allowed(settings: Mapping[str, Any], namespace: str) -> None:
    forbidden = str(settings.get("runners_process_forbidden") or "").split(",")
    is_off = any(n and f"{namespace}.".startswith(f"{n.strip()}.") for n in forbidden)
    if is_off or not settings.get("runners_process_enabled", True):
        raise PolicyRefused("the Process runner is not allowed here")


def _limits(
    settings: Mapping[str, Any], *, is_shared: bool
) -> tuple[dict[str, int], dict[str, int]]:
    memory = int(settings.get("runners_process_memory_mb") or 0) * _MB or _machine_memory()
    processes = int(settings.get("runners_process_processes") or 0)
    limits = {"DATA": memory, "NOFILE": int(settings.get("runners_process_open_files") or 0)}
    if processes:
        # the system counts by user: what a shared one has already comes on top
        limits["NPROC"] = processes + (_threads_of(os.geteuid()) if is_shared else 0)
    limits["FSIZE"] = int(settings.get("runners_process_file_mb") or 0) * _MB
    limits["CPU"] = int(settings.get("runners_process_cpu_s") or 0)
    cgroup = {"processes": processes, "memory": memory}
    return {k: v for k, v in limits.items() if v}, {k: v for k, v in cgroup.items() if v}


@cache
def _machine_memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@cache
def _threads_of(user: int) -> int:
    """How many processes and threads a user has now; looked up once."""
    count = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if folder.stat().st_uid == user:
                count += sum(1 for _ in (folder / "task").iterdir())
        except OSError:
            continue
    return count


def _take_user(first: int, last: int) -> tuple[int, int]:
    """A user that no other script on this machine has, and the lock that says so."""
    folder = Path(tempfile.gettempdir()) / "trunkline-users"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.geteuid() or folder.is_symlink():
        raise TaskFailed(f"{folder} belongs to somebody else", is_final=True)
    for user in range(first, last + 1):
        lock = os.open(folder / str(user), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            continue
        return user, lock
    raise TaskFailed(f"more scripts run here than there are users ({first} to {last})")


def _give(directory: Path, user: int, users: range) -> None:
    """The working directory and all in it becomes the user's.

    A second name of a file from elsewhere stays as it is: it may be a trap.
    """
    for path in (directory, *directory.rglob("*")):
        found = path.lstat()
        is_ours = found.st_uid in users or found.st_uid == os.geteuid()
        if is_ours and (found.st_nlink == 1 or stat.S_ISDIR(found.st_mode)):
            os.chown(path, user, user, follow_symlinks=False)
