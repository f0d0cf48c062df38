"""What a message says: which step may be claimed. Ids only, never state (reliability 2.1).

`Publisher` is the door to the broker that `service` uses; `publish.py` has the one for Celery, the
simulation of the engine has a hostile one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Link:
    """One step of a chain: its place, where its job waits, and names for Flower."""

    sequence: str
    pos: int
    queue: str
    task_id: str


@dataclass(frozen=True, slots=True)
class Job:
    """A hint that attempt `attempt` of the step at (sequence, pos) may be claimed.

    `links` are the routed steps that follow in the same sequence, at most `chain_links` of them.
    """

    execution_id: str
    sequence: str
    pos: int
    attempt: int
    queue: str
    task_id: str
    links: tuple[Link, ...] = ()
    flow: str = ""  #: namespace and id, for Flower
    is_background: bool = False  #: jobs that are not go first


@dataclass(frozen=True, slots=True)
class Depth:
    """Messages that wait in a queue."""

    total: int
    background: int | None = None  #: those that let others go first; None: the broker does not tell


class Publisher(Protocol):
    """Sends hints. No method raises for a broker that is away: the rows are the outbox."""

    def publish(self, jobs: Sequence[Job]) -> None:
        """Sends each job to its queue, once, without retries."""
        ...

    def pass_on(
        self, links: Sequence[dict[str, Any]], root: str | None, parent: str | None
    ) -> None:
        """Sends the next link of a chain that a worker has in hand, which is its last element.

        `root` and `parent` are the ids of the chain's first message and of the one in hand.
        """
        ...

    def broadcast_kill(self, execution_id: str) -> None:
        """Tells every worker to stop what it runs of an execution."""
        ...

    def wake_source(self, source_id: str, *, after_s: float = 0.0) -> None:
        """Tells a `git` worker that a source was asked for work; the request is a row.

        With `after_s` the worker begins that many seconds later.
        """
        ...

    def ask_trigger(
        self, queue: str, namespace: str, flow_id: str, trigger_id: str, token: int
    ) -> None:
        """Tells a worker to evaluate a polling trigger; the token is a column of its row."""
        ...

    def announce(self, channel: str, payload: Mapping[str, Any]) -> None:
        """Tells listeners (follow streams, a waiting beat) that something changed."""
        ...

    def depth(self, queue: str) -> int | None:
        """Messages that wait in a queue; None when it cannot be asked."""
        ...

    def depth_by_priority(self, queue: str) -> Depth | None:
        """As `depth`, with how many of them are background work."""
        ...

    def answers(self) -> bool:
        """Whether the broker can be reached."""
        ...

    def incarnation(self) -> str | None:
        """The broker's present life; None when unknown. A new one means that it lost its data."""
        ...
