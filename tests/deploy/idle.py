"""What the containers of a stack use while nothing happens, by the engine's own accounts.

`python -m tests.deploy.idle PROJECT SECONDS` prints a table of a stack that runs.
"""

import sys
import time
from dataclasses import dataclass
from typing import Any

import docker


@dataclass(frozen=True)
class Use:
    """Of one container."""

    cpu: float  #: percent of a core
    memory_mb: float  #: without the cache of files


def measure(project: str, seconds: float) -> dict[str, Use]:
    """By the name of the container, over so many seconds."""
    client = docker.from_env()
    label = f"com.docker.compose.project={project}"
    containers = client.containers.list(filters={"label": label})
    began, before = time.monotonic(), {one.name: _cpu_ns(_now(one)) for one in containers}
    time.sleep(seconds)  # the time to measure, not a wait for anything
    span = time.monotonic() - began
    found = {}
    for one in containers:
        now = _now(one)
        used = (_cpu_ns(now) - before[one.name]) / 1e9
        found[one.name] = Use(used / span * 100, _memory(now) / 1e6)
    return found


def _now(container: "docker.models.containers.Container") -> Any:
    """At once: without `one_shot` the engine looks twice, two seconds apart."""
    return container.stats(stream=False, one_shot=True)


def _cpu_ns(now: Any) -> int:
    return int(now["cpu_stats"]["cpu_usage"]["total_usage"])


def _memory(now: Any) -> int:
    used = now["memory_stats"]
    cache = used["stats"].get("total_inactive_file", used["stats"].get("inactive_file", 0))
    return int(used["usage"] - cache)


def table(uses: dict[str, Use]) -> str:
    """A line for each container, and one for all."""
    whole = Use(sum(u.cpu for u in uses.values()), sum(u.memory_mb for u in uses.values()))
    return "".join(
        f"{name:40} {use.cpu:6.2f} % {use.memory_mb:7.0f} MB\n"
        for name, use in {**uses, "all": whole}.items()
    )


if __name__ == "__main__":
    sys.stdout.write(table(measure(sys.argv[1], float(sys.argv[2]))))
