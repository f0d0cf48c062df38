"""What a process takes of its machine, read from the system: figures for people, no guarantee."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

_PROC = Path("/proc")


def figures(pid: int) -> dict[str, Any]:
    """`load` of the machine (the last minute's), and of a process with its children `memoryBytes`.

    `pids` are its own and those of its children. What the system does not tell is left out.
    """
    pids = [pid, *_children(pid)]
    found: dict[str, Any] = {"pids": pids}
    with suppress(OSError):
        found["load"] = round(os.getloadavg()[0], 2)
    sizes = [size for size in map(_memory, pids) if size is not None]
    return found | ({"memoryBytes": sum(sizes)} if sizes else {})


def _children(pid: int) -> Iterator[int]:
    for task in _PROC.glob(f"{pid}/task/*/children"):
        try:
            yield from map(int, task.read_text(encoding="ascii").split())
        except (OSError, ValueError):  # it ended meanwhile
            continue


def _memory(pid: int) -> int | None:
    """The share of the memory that a process holds: what several hold counts in parts."""
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), None)
