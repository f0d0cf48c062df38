"""Which tests stay together where a run is spread over processes by file (`--dist loadfile`)."""

from functools import cache
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parents[2]


@cache
def text_of(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def group_of(nodeid: str) -> str:
    """What a test runs with, one after the other, in one process.

    One engine of Docker is shared by all tests that need it. Others stay with those of their file,
    for what they have set up, unless they are marked `spread`.
    """
    path = nodeid.partition("::")[0]
    if "mark.docker" in text_of(path):
        return "docker"
    return nodeid if "mark.spread" in text_of(path) else path


class Spread(LoadScopeScheduling):  # type: ignore[misc]
    """Gives a process one group after the other."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
