"""The queues of the installation: what waits in each, what runs, and whether it is paused."""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.database import observed, services
from app.dispatch.celery_app import QUEUES
from app.dispatch.job import Depth
from app.service.installation import list_present, state_of
from app.service.presence import DRAINING, RUNNING
from app.service.queue_pauses import can_be_paused
from app.service.runtime import Runtime

ASK_BROKER_S = 2.0  #: a queue that has not been asked by then has no depth this time


@dataclass(frozen=True)
class Standing:
    """One queue, now."""

    name: str
    waiting: int  #: task runs that a worker may claim
    running: int  #: task runs that a worker holds
    oldest_s: float  #: how long the one that waits longest could have been claimed
    depth: Depth | None  #: messages in the broker; None: it was not asked
    paused_since: datetime | None
    can_be_paused: bool
    begun_per_minute: float  #: jobs that workers began, over the last five minutes


def list_queues(rt: Runtime) -> list[Standing]:
    """Every queue that is ours, that has work, or that is paused, by name."""
    with rt.database.reading() as tx:
        waiting, running = observed.waiting_by_queue(tx), observed.running_by_queue(tx)
        paused = {row.name: row.since for row in services.list_paused_queues(tx)}
    names, now = sorted({*waiting, *running, *paused, *QUEUES}), rt.clock()
    depths, paces = _depths(rt, names), _paces(rt)
    found = []
    for name in names:
        here = waiting.get(name)
        oldest_s = max(0.0, (now - here.oldest).total_seconds()) if here else 0.0
        counts = (here.count if here else 0, running.get(name, 0), oldest_s)
        of_broker = depths.get(name)
        rest = (paused.get(name), can_be_paused(name), round(paces[name], 1))
        found.append(Standing(name, *counts, of_broker, *rest))
    return found


def _paces(rt: Runtime) -> Counter[str]:
    """The sum of what the workers that are there say in their rows."""
    found: Counter[str] = Counter()
    for row in list_present(rt):
        if state_of(rt, row) in (RUNNING, DRAINING):
            found.update((row.figures or {}).get("pace", {}))
    return found


def _depths(rt: Runtime, names: list[str]) -> Mapping[str, Depth | None]:
    """The broker is given up after its first silence: the page is worth more than its figures."""
    found: dict[str, Depth | None] = {}
    ends = time.monotonic() + ASK_BROKER_S
    for name in names:
        if time.monotonic() >= ends:
            break
        found[name] = rt.publisher.depth_by_priority(name)
    return found
