"""Named points at which the tests make a process crash, fail or stop.

`hit` costs one look-up unless `TRUNKLINE_FAILPOINTS` is set, to a comma-separated list of
`name=crash`, `name=raise` or `name=sleep:SECONDS`; `@N` after it means: at the Nth hit only.
`name=crash:FILE` crashes the process that finds and removes the file: once, when a test wants it.
"""

import contextlib
import os
import signal
import time
from pathlib import Path

POINTS = frozenset(
    {
        "after_commit_before_publish",
        "after_claim",
        "before_record",
        "after_record",
        "before_ack",
        "api_after_commit",
        "beat_after_insert",
        "beat_before_timer",
        "git_after_fetch",
        "git_before_apply",
        "git_in_apply",
        "git_after_apply",
    }
)


class FailpointRaised(RuntimeError):
    """Raised by a point that the environment asked to fail."""


def _read(text: str) -> dict[str, str]:
    pairs = (part.split("=", 1) for part in text.split(",") if "=" in part)
    return {name.strip(): action.strip() for name, action in pairs}


_active = _read(os.environ.get("TRUNKLINE_FAILPOINTS", ""))
_hits: dict[str, int] = {}


def hit(name: str) -> None:
    """Does what the environment asks for at this point; nothing by default."""
    if not _active or name not in _active:
        return
    action, _, count = _active[name].partition("@")
    _hits[name] = _hits.get(name, 0) + 1
    if count and _hits[name] != int(count):
        return
    if action.startswith("crash:"):
        with contextlib.suppress(FileNotFoundError):
            Path(action.removeprefix("crash:")).unlink()
            os.kill(os.getpid(), signal.SIGKILL)
    elif action == "crash":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "raise":
        raise FailpointRaised(name)
    elif action.startswith("sleep:"):
        time.sleep(float(action.removeprefix("sleep:")))
