"""CPU and memory of process trees, from /proc."""

import os
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """A process and all below it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        current = waiting.pop()
        found.append(current)
        waiting.extend(children.get(current, []))
    return found


def _stat(pid: int) -> list[str]:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def cpu_seconds(*roots: int) -> float:
    """CPU time of some trees so far, with that of their children that have ended."""
    total = 0
    for root in roots:
        for pid in tree(root):
            if fields := _stat(pid):
                total += sum(int(field) for field in fields[11:15])
    return total / _TICK


def memory_mb(*roots: int) -> tuple[float, float]:
    """Proportional and resident memory of some trees, in MB."""
    pss = rss = 0
    for root in roots:
        for pid in tree(root):
            try:
                text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
            except OSError:
                continue
            sizes = {line.split(":")[0]: line.split()[1] for line in text.splitlines()[1:]}
            pss += int(sizes.get("Pss", 0))
            rss += int(sizes.get("Rss", 0))
    return pss / 1024, rss / 1024
