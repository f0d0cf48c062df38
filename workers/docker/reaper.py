"""Removes containers that nobody holds any more: of ended or lost attempts and of ended executions.

Runs in the workers of the docker queue, at their start and then each half minute. Containers that a
task was told to leave (`wait: false`, `delete: false`) stay.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import docker
from docker.errors import DockerException
from requests.exceptions import RequestException

from app.service import standing
from app.service.runtime import Runtime
from workers.docker import adopt
from workers.process import Process
from workers.runner import container as containers
from workers.runner.engine import HOSTS, socket_at

T = TypeVar("T")
log = logging.getLogger(__name__)


def start(process: Process) -> None:
    """Starts the thread of this process."""
    threading.Thread(target=_go_on, args=(process,), daemon=True, name="container-reaper").start()


def _go_on(process: Process) -> None:
    pause = threading.Event()
    _guarded(process.rt, partial(adopt.adopt_all, process))
    while True:
        _guarded(process.rt, partial(_sweep, process.rt))
        pause.wait(process.rt.settings.docker_reap_s)


def _guarded(rt: Runtime, act: Callable[[Any], object]) -> None:
    try:
        _with_engine(rt, act)
    except Exception:
        log.exception("containers could not be looked through")


def sweep(rt: Runtime) -> list[str]:
    """One pass; the ids of the containers that were removed."""
    return _with_engine(rt, partial(_sweep, rt)) or []


def _with_engine(rt: Runtime, act: Callable[[Any], T]) -> T | None:
    """What an act gives that needs the engine's client; None where there is none."""
    host = rt.settings.docker_host or socket_at(HOSTS)
    if host is None:
        return None
    try:
        client = docker.DockerClient(base_url=host, timeout=30)
    except (DockerException, RequestException, ValueError):
        return None
    try:
        return act(client)
    except (DockerException, RequestException) as error:
        log.warning("the Docker engine at %s: %s", host, error)
        return None
    finally:
        client.close()


def _sweep(rt: Runtime, client: Any) -> list[str]:
    instance = containers.instance_of(rt.settings.model_dump())
    label = f"{containers.INSTANCE}={instance}"
    found = client.containers.list(all=True, filters={"label": label}, ignore_removed=True)
    removed = []
    for container in _left_behind(rt, found):
        containers.remove(container)
        log.info("removed container %s", container.short_id)
        removed.append(container.id)
    return removed


def _left_behind(rt: Runtime, found: Sequence[Any]) -> list[Any]:
    reused = [c for c in found if containers.REUSED in c.labels]
    own = [c for c in found if containers.REUSED not in c.labels and _KEPT not in c.labels]
    live = standing.live_executions(rt, {c.labels[containers.REUSED] for c in reused})
    current = standing.current_attempts(rt, {c.labels.get(_RUN, "") for c in own})
    return [c for c in reused if c.labels[containers.REUSED] not in live] + [
        c for c in own if current.get(c.labels.get(_RUN, "")) != c.labels.get(_ATTEMPT)
    ]


_KEPT = "trunkline.io/kept"
_RUN, _ATTEMPT = containers.PREFIX + "taskrun-id", containers.PREFIX + "taskrun-attempt"
