"""What a worker's parent does for its pool: passes on kills and the end, connects anew when asked,
leaves queues that are paused.

It holds no attempt and no connection to the database: those are its children's.
"""

import logging
import os
import signal
import time
from collections.abc import Collection
from functools import partial
from typing import Any

from celery import Celery, bootsteps, signals
from celery.worker.control import control_command

from app.dispatch.publish import DRAIN, KILL
from workers.shared import Shared

log = logging.getLogger(__name__)
shared = Shared()  #: of this worker, which makes it anew before its pool is forked
_left: set[str] = set()  #: queues that were left for a pause, not by a command to this worker


class ConsumerDeaf(ConnectionError):
    """Raised in the consumer's loop, so that Celery connects anew as after any lost connection."""


class Restarts(bootsteps.StartStopStep):  # type: ignore[misc]
    """Looks once a second whether the pool asked for a new connection to the broker."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, _consumer: Any, **_kwargs: Any) -> None:
        self.timer: Any = None

    def start(self, consumer: Any) -> None:
        """For as long as one connection lives."""
        seen = shared.restart_asked
        shared.connected_at = time.monotonic()

        def look() -> None:
            if shared.restart_asked != seen:
                consumer.hub.call_soon(_raise_deaf)

        self.timer = consumer.timer.call_repeatedly(1.0, look)

    def stop(self, _consumer: Any) -> None:
        """The connection ends."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


class Intake(bootsteps.StartStopStep):  # type: ignore[misc]
    """Looks once a second which queues are paused, and takes messages of the others only.

    What a connection begins with is told by `select`, so that a new one needs no look.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, _consumer: Any, **_kwargs: Any) -> None:
        self.timer: Any = None

    def start(self, consumer: Any) -> None:
        """For as long as one connection lives."""
        for name in shared.queues:  # those that the connection has begun without
            if not consumer.task_consumer.consuming_from(name):
                shared.leave(name)
        self.timer = consumer.timer.call_repeatedly(1.0, partial(take_from, consumer))

    def stop(self, _consumer: Any) -> None:
        """The connection ends."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


def take_from(consumer: Any) -> None:
    """Leaves the queues that are paused, and comes back to those that it left for that."""
    if shared.draining_since:
        return  # to come back to one would begin to take from all of them again
    for name in shared.queues:
        is_taken = bool(consumer.task_consumer.consuming_from(name))
        if shared.is_paused(name) and is_taken:
            consumer.cancel_task_queue(name)
            _left.add(name)
            shared.leave(name)
            log.warning("the queue %s is paused: nothing more is taken from it", name)
        elif not shared.is_paused(name) and name in _left:
            _left.discard(name)
            shared.heard_at = time.monotonic()  # what waits there is no sign of a deaf worker
            consumer.add_task_queue(name)
            log.warning("the queue %s is no longer paused", name)


def select(app: Celery, paused: Collection[str]) -> None:
    """Before the worker starts: it begins without the queues that are paused."""
    shared.pause(paused)
    app.amqp.queues.select(list(shared.queues))
    _left.update(name for name in shared.queues if shared.is_paused(name))
    app.amqp.queues.deselect(list(_left))


def _raise_deaf() -> None:
    raise ConsumerDeaf("the broker brought nothing while work waited")


def register(app: Celery) -> None:
    """Adds the parent's part to a worker's app."""
    app.steps["consumer"].add(Restarts)
    app.steps["consumer"].add(Intake)
    signals.worker_shutting_down.connect(_shutting_down, weak=False)


def _shutting_down(**_kwargs: Any) -> None:
    if not shared.draining_since:
        shared.draining_since = time.monotonic()


@control_command(name=KILL, args=[("execution_id", str)])  # type: ignore[untyped-decorator]
def kill_command(_state: Any, execution_id: str) -> dict[str, str]:
    """A kill was asked for: every child looks at once whether its attempts may go on."""
    shared.kills += 1
    return {"killing": execution_id}


@control_command(name=DRAIN)  # type: ignore[untyped-decorator]
def drain_command(_state: Any) -> dict[str, str]:
    """As SIGTERM: takes nothing new, finishes or gives back, ends."""
    os.kill(os.getpid(), signal.SIGTERM)
    return {"ok": "draining"}
