"""Which Python of this machine runs a script."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.plugin.task import TaskFailed

_ASK = "import sys; print(sys.executable); print('%d.%d' % sys.version_info[:2])"
WARM_FROM = (3, 10)  #: older ones cannot load the launcher


@dataclass(frozen=True)
class Interpreter:
    """A Python: its own path (not that of a wrapper in front of it) and its version."""

    path: str
    version: str

    @property
    def can_be_warm(self) -> bool:
        """Whether the launcher can be loaded in it."""
        return tuple(int(part) for part in self.version.split(".")) >= WARM_FROM


@cache
def local_python(version: str = "") -> Interpreter:
    """The Python that the search path names, of a wanted version if there is one.

    Raises TaskFailed when the wanted version is not installed.
    """
    short = ".".join(version.split(".")[:2])
    for name in [f"python{short}"] if short else ["python3", "python"]:
        found = _ask(shutil.which(name))
        if found is not None:
            return found
    for found in (_ask(shutil.which("python3")), _own()):
        if found is not None and short in ("", found.version):
            return found
    raise TaskFailed(f"Python {version} is not installed on this worker", is_final=True)


def _own() -> Interpreter | None:
    """The one that the worker's own environment was made from."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    path = Path(sys.base_prefix) / "bin" / f"python{version}"
    return _ask(str(path if path.exists() else sys.executable))


def _ask(path: str | None) -> Interpreter | None:
    if path is None:
        return None
    try:
        answer = subprocess.run([path, "-c", _ASK], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = answer.stdout.splitlines()
    return Interpreter(*lines) if answer.returncode == 0 and len(lines) == 2 else None
