"""Which workers may take a task: its queue, and what follows when no worker serves it.

A worker group adds its key to the queue (`script.gpu`), a selector its tags: `script.eu+gpu` for
all of them, one queue for each tag where any will do. A worker serves the queues it is told to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from app.model.task import Fallback, Match, WorkerGroup, WorkerSelector


@dataclass(frozen=True)
class Route:
    """What a worker group or a selector asks for."""

    names: tuple[str, ...]  #: what is added to the queue; the first that a live worker serves
    fallback: Fallback
    what: str  #: for people: `key 'gpu'`
    is_group: bool = False  #: named by a key, which has to exist

    def queues(self, base: str) -> tuple[str, ...]:
        """The queues of a task whose own queue is `base`, the preferred one first."""
        found = tuple(f"{base}.{name}" for name in self.names)
        return (*found, base) if self.fallback is Fallback.IGNORE else found


def route_of(*owners: Any) -> Route | None:
    """The route of the first of a task and its flow that names workers; None when none does."""
    for owner in owners:
        if owner.worker_selector is not None:
            return _by_tags(owner.worker_selector)
        if owner.worker_group is not None:
            return _by_key(owner.worker_group)
    return None


def _by_key(group: WorkerGroup) -> Route:
    return Route((group.key,), Fallback(group.fallback), f"key '{group.key}'", is_group=True)


def _by_tags(selector: WorkerSelector) -> Route:
    tags = sorted(set(selector.tags))
    names = tuple(tags) if selector.match is Match.ANY else (all_of(tags),)
    what = f"{selector.match.lower()} of the tags {', '.join(tags)}"
    return Route(names, Fallback(selector.fallback), what)


def all_of(tags: Sequence[str]) -> str:
    """What is added to a queue for workers that have all of some tags."""
    return "+".join(sorted(tags))


def served_queues(queues: Sequence[str], tags: Sequence[str]) -> list[str]:
    """The queues of a worker with tags: its own, and those of selectors that it satisfies."""
    own = sorted(set(tags))
    sets = [all_of(some) for n in range(1, len(own) + 1) for some in combinations(own, n)]
    plain = [queue for queue in queues if "." not in queue]
    return [*queues, *(f"{queue}.{name}" for queue in plain for name in sets)]
