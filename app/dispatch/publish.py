"""Publishes jobs through Celery, and announcements through the broker's pub/sub."""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import redis
from amqp.exceptions import AMQPError, PreconditionFailed  # type: ignore[import-untyped]
from celery import Celery
from kombu.exceptions import OperationalError

from app.dispatch import message
from app.dispatch.celery_app import ENGINE, POLL, REDIS_PRIORITIES, SYNC
from app.dispatch.job import Depth, Job
from app.dispatch.refusal import Refusals
from app.model.ids import new_id
from app.telemetry.metrics import PUBLISHED

log = logging.getLogger(__name__)
INCARNATION_KEY = "trunkline:incarnation"
CHANNEL = "trunkline:announcements"
KILL = "trunkline_kill"
DRAIN = "trunkline_drain"
#: after a failure nothing is sent for so long, or for so many times as long as the failure took, up
#: to the longest: the rows are the outbox, and who waits for a broker in vain does nothing else
AWAY_S, TIMES, MOST_AWAY_S = 2.0, 4, 10.0
#: other work, background work. Redis: 0 goes first. RabbitMQ: more than 4 goes first, in quorum
#: queues from 4.0 on; before, they know no priorities
_RABBIT_PRIORITIES = (5, 0)
_SEPARATOR = "\x06\x16"  #: of a queue's name and a priority, in kombu's names of lists
TOGETHER = 50  #: steps in process that travel in one message
_CACHE_S = 2.0
_NO_QUEUE = 404  #: of AMQP
_ERRORS = (OperationalError, redis.RedisError, AMQPError, OSError)


def in_messages(jobs: Sequence[Job]) -> list[list[Job]]:
    """Steps in process of one execution go together, up to 50: a message costs more than a step."""
    messages: list[list[Job]] = []
    begun: dict[str, list[Job]] = {}
    for job in jobs:
        if job.queue != ENGINE or job.links:
            messages.append([job])
            continue
        batch = begun.get(job.execution_id)
        if batch is None or len(batch) == TOGETHER:
            batch = begun[job.execution_id] = []
            messages.append(batch)
        batch.append(job)
    return messages


class CeleryPublisher:
    """The Publisher of a real installation. Safe to share among threads."""

    def __init__(self, app: Celery) -> None:
        self.app = app
        self.is_redis = str(app.conf.broker_url).startswith("redis")
        self._redis: Any = None
        self._incarnation: tuple[float, str | None] = (float("-inf"), None)
        self._away_until = float("-inf")
        self._refusals = Refusals()

    def client(self) -> Any:
        """A client of the broker, when it is Redis or Valkey."""
        if self._redis is None:
            self._redis = redis.Redis.from_url(
                # Celery writes the address of a unix socket in a spelling of its own
                str(self.app.conf.broker_url).replace("redis+socket://", "unix://"),
                socket_timeout=5,
                socket_connect_timeout=5,
                health_check_interval=5,
            )
        return self._redis

    def publish(self, jobs: Sequence[Job]) -> None:
        """Sends each job once; what cannot be sent is found by recovery."""
        if time.monotonic() < self._away_until:
            return
        messages, refused = iter(in_messages(jobs)), set[str]()
        with self._trying("jobs were not published"):
            while self._send_until_refused(messages, refused):
                pass

    def _send_until_refused(self, messages: Iterator[list[Job]], refused: set[str]) -> bool:
        """True when a queue was refused, by which the connection's channel is closed."""
        with self.app.producer_or_acquire() as producer:
            for together in messages:
                queue = together[0].queue
                if queue in refused:
                    continue
                try:
                    self._send(together, producer)
                except PreconditionFailed as error:
                    refused.add(queue)
                    self._refusals.tell(error)
                    return True
                PUBLISHED.labels(queue).inc()
        return False

    @contextmanager
    def _trying(self, what: str) -> Iterator[None]:
        """What cannot be sent is told, and never raised."""
        began = time.monotonic()
        try:
            yield
        except _ERRORS as error:
            self._failed(what, error, time.monotonic() - began)

    def _failed(self, what: str, error: Exception, took_s: float = 0.0) -> None:
        """Callers do not wait for a broker that is away, one after the other."""
        if isinstance(error, PreconditionFailed):
            self._refusals.tell(error)
            return
        alone_s = min(max(AWAY_S, TIMES * took_s), MOST_AWAY_S)
        self._away_until = time.monotonic() + alone_s
        log.warning("%s: %s", what, type(error).__name__)

    def _send(self, jobs: Sequence[Job], producer: Any) -> None:
        links = self.links(jobs[0])
        if len(jobs) > 1:
            more = [[job.sequence, job.pos, job.attempt] for job in jobs[1:]]
            links[-1]["kwargs"]["more"] = more
        message.send(self.app, producer, links)

    def links(self, job: Job) -> list[message.Link]:
        """A job and the steps that travel with it, the first one last, as in a chain of Celery.

        A step that travels is always the first attempt.
        """
        places = [(job.sequence, job.pos, job.attempt, job.queue, job.task_id)]
        places += [(link.sequence, link.pos, 1, link.queue, link.task_id) for link in job.links]
        priority = self.priority(is_background=job.is_background)
        made = []
        for sequence, pos, attempt, queue, task_id in reversed(places):
            kwargs: dict[str, Any] = {"execution": job.execution_id, "sequence": sequence}
            kwargs |= {"pos": pos, "attempt": attempt}
            shadow = f"{job.flow}.{task_id}"
            made.append(message.link(kwargs, queue=queue, priority=priority, shadow=shadow))
        return made

    def pass_on(self, links: Sequence[message.Link], root: str | None, parent: str | None) -> None:
        """See Publisher."""
        if time.monotonic() < self._away_until:
            return
        with (
            self._trying("a chain does not go on"),
            self.app.producer_or_acquire() as producer,
        ):
            message.send(self.app, producer, links, root=root, parent=parent)

    def priority(self, *, is_background: bool) -> int:
        """The number that this broker knows it by."""
        other, background = REDIS_PRIORITIES if self.is_redis else _RABBIT_PRIORITIES
        return background if is_background else other

    def broadcast_kill(self, execution_id: str) -> None:
        """Tells every worker; a worker that does not hear it learns it from its heartbeat."""
        if time.monotonic() < self._away_until:
            return
        with self._trying("a kill was not broadcast"):
            self.app.control.broadcast(KILL, arguments={"execution_id": execution_id}, reply=False)

    def drain(self, worker: str) -> list[str]:
        """Tells a worker, or all of a host, to take nothing new and to end; who heard it.

        Nobody when the broker is away: workers look for the mark in the database as well.
        """
        if "@" in worker:
            whom: dict[str, Any] = {"destination": [worker]}
        else:
            whom = {"pattern": f"*@{worker}", "matcher": "glob"}
        found = None
        with self._trying("workers were not told to drain"):
            found = self.app.control.broadcast(DRAIN, **whom, reply=True, timeout=3)
        return [name for answer in found or [] for name in answer]

    def wake_source(self, source_id: str, *, after_s: float = 0.0) -> None:
        """A message to the `git` queue; beat sends another one when this one is lost."""
        made = self.app.signature(SYNC, kwargs={"source": source_id}, immutable=True)
        if time.monotonic() < self._away_until:
            return
        made.set(queue="git", priority=self.priority(is_background=False))
        if after_s > 0:
            made.set(countdown=after_s)
        with self._trying("a source was not woken"):
            made.apply_async(retry=False)

    def ask_trigger(
        self, queue: str, namespace: str, flow_id: str, trigger_id: str, token: int
    ) -> None:
        """A message to a queue of workers; when it is lost, the trigger is due again later."""
        place = {"namespace": namespace, "flow_id": flow_id, "trigger_id": trigger_id}
        if time.monotonic() < self._away_until:
            return
        made = self.app.signature(POLL, kwargs={**place, "token": token}, immutable=True)
        made.set(queue=queue, shadow=f"{namespace}.{flow_id}.{trigger_id}")
        made.set(priority=self.priority(is_background=False))
        with self._trying("a trigger was not handed to a worker"):
            made.apply_async(retry=False)

    def announce(self, channel: str, payload: Mapping[str, Any]) -> None:
        """One message to whoever listens now."""
        if not self.is_redis or time.monotonic() < self._away_until:
            return
        try:
            text = json.dumps({"channel": channel, **payload})
            self.client().publish(CHANNEL, text)
        except _ERRORS as error:
            self._failed("an announcement was not sent", error)

    def listen(self, heard: Callable[[dict[str, Any]], None], stop: threading.Event) -> None:
        """Calls `heard` for each announcement until `stop` is set; reconnects by itself."""
        while not stop.is_set():
            if not self.is_redis:
                stop.wait(1)
                continue
            try:
                with self.client().pubsub(ignore_subscribe_messages=True) as channel:
                    channel.subscribe(CHANNEL)
                    while not stop.is_set():
                        found = channel.get_message(timeout=1.0)
                        if found and found.get("type") == "message":
                            heard(json.loads(found["data"]))
            except _ERRORS:
                stop.wait(1)

    def incarnation(self) -> str | None:
        """The broker's present life, cached for two seconds; None when it cannot be asked."""
        if not self.is_redis:
            return None
        read_at, value = self._incarnation
        if time.monotonic() - read_at < _CACHE_S:
            return value
        try:
            fresh = new_id()
            known = self.client().set(INCARNATION_KEY, fresh, nx=True, get=True)
            value = known.decode() if known else fresh
        except _ERRORS as error:
            value = None
            self._failed("the broker was not asked for its life", error)
        self._incarnation = (time.monotonic(), value)
        return value

    def answers(self) -> bool:
        """Whether a new connection to the broker works; no, for a moment after a failure."""
        if time.monotonic() < self._away_until:
            return False
        if self.is_redis:
            return self.incarnation() is not None
        try:
            with self.app.connection_for_read() as connection:
                connection.ensure_connection(max_retries=0, timeout=5)
        except Exception:  # each transport has errors of its own
            return False
        return True

    def depth(self, queue: str) -> int | None:
        """Messages that wait in a queue; None when the broker cannot be asked."""
        found = self.depth_by_priority(queue)
        return found.total if found is not None else None

    def depth_by_priority(self, queue: str) -> Depth | None:
        """Messages that wait in a queue; None when the broker cannot be asked.

        It is left alone for a moment after a failure, as by `publish` and `answers`: 0 would
        say that the queue is empty, and let recovery send all of it once more.
        """
        if time.monotonic() < self._away_until:
            return None
        try:
            if self.is_redis:
                names = [queue, f"{queue}{_SEPARATOR}{REDIS_PRIORITIES[1]}"]
                counts = [int(self.client().llen(name)) for name in names]
                return Depth(sum(counts), counts[1])
            with self.app.connection_for_read() as connection:
                declared = connection.default_channel.queue_declare(queue, passive=True)
                return Depth(int(declared[1]))
        except Exception as error:  # each transport has errors of its own
            if getattr(error, "reply_code", 0) == _NO_QUEUE:
                return Depth(0)  # nobody has declared it yet: nothing was sent there
            self._failed(f"the queue {queue} was not asked for its depth", error)
            return None
