"""Takes over containers that went on when their worker process died (`resume`).

A container outlives the process that started it by what was left of the lease. A process that comes
within that time on the same machine makes the attempt its own, reads the container's log from the
start, and ends the attempt as the first one would have. Later the attempt is lost and begins anew.
"""

import fcntl
import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.service import adopting
from app.service.settle import settle
from app.service.work import Step
from workers.attempt import run_step
from workers.process import Process, started
from workers.runner import container as containers
from workers.runner import launch

log = logging.getLogger(__name__)
RESUMED = "trunkline.io/resume"  #: on a container that may be taken over
_RUN, _ATTEMPT = containers.PREFIX + "taskrun-id", containers.PREFIX + "taskrun-attempt"


def adopt_all(process: Process, client: Any) -> list[threading.Thread]:
    """One pass; the threads that run what was taken over."""
    labels = [
        f"{containers.INSTANCE}={containers.instance_of(process.rt.settings.model_dump())}",
        f"trunkline.io/worker={socket.gethostname()}",
        f"{RESUMED}=true",
    ]
    found = client.containers.list(all=True, filters={"label": labels}, ignore_removed=True)
    started = []
    for container in found:
        step = _adopt(process, container)
        if step is not None:
            log.info("took over container %s", container.short_id)
            thread = threading.Thread(target=_run, args=(process, step), daemon=True)
            thread.start()
            started.append(thread)
    return started


def _adopt(process: Process, container: Any) -> Step | None:
    """The attempt of a container, if its process is dead and this one gets it."""
    run, attempt = container.labels.get(_RUN, ""), int(container.labels.get(_ATTEMPT) or 0)
    directory = Path(container.attrs["Config"]["WorkingDir"] or "/")
    if container.status not in ("running", "exited"):
        return None
    if directory.parent != process.rt.settings.data_dir / "work":
        return None
    with _alone(directory) as is_alone:
        before = adopting.owner_of(process.rt, run, attempt) if is_alone else None
        if before is None or not _is_gone(before, process, container.id):
            return None
        held = (run, attempt, before)
        step = adopting.adopt(process.rt, held, process.owner, container.id, directory)
        if step is None:
            launch.leave(container.id)
        return step


@contextmanager
def _alone(directory: Path) -> Iterator[bool]:
    """Whether no other process of this machine looks at the attempt just now."""
    directory.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(descriptor)


def _is_gone(owner: str, process: Process, container: str) -> bool:
    """Whether the process that held the attempt was one of this machine and is dead.

    Its guard says so by listening. Where that died too, its process id is free or in other hands.
    """
    host, _, rest = owner.partition(":")
    pid, _, since = rest.partition(":")
    if host != socket.gethostname() or owner == process.owner:
        return False
    return launch.is_left(container) or started(pid) != since.partition("-")[0]


def _run(process: Process, step: Step) -> None:
    try:
        settle(process.rt, run_step(process, step, fuse=False))
    except Exception:
        log.exception("an attempt that was taken over failed")
