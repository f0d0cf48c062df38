"""Raw Celery, the measure: tasks that do nothing, on the same broker, not durable."""

import os
from typing import Any

import redis
from celery import Celery, chain, chord, group

BROKER = os.environ.get("BENCH_BROKER", "redis://127.0.0.1:6379/1")
QUEUE = "raw"
app = Celery("raw", broker=BROKER, backend=BROKER)
app.conf.update(task_default_queue=QUEUE, task_acks_late=True, worker_send_task_events=False)
_client: list[Any] = []


def connect(broker: str) -> None:
    """The broker of the senders of this process; a worker reads it from its environment."""
    app.conf.update(broker_url=broker, result_backend=broker)
    _client[:] = [redis.Redis.from_url(broker)]


def client() -> Any:
    """A connection of this process."""
    if not _client:
        _client.append(redis.Redis.from_url(BROKER))
    return _client[0]


@app.task(name="raw.noop")
def noop(*_args: Any) -> None:
    """Nothing, with a result."""


@app.task(name="raw.count", ignore_result=True)
def count(key: str) -> None:
    """One more."""
    client().incr(key)


@app.task(name="raw.part", ignore_result=True)
def part(key: str) -> None:
    """One of many; the last one sends the join."""
    if client().decr(key) == 0:
        join.apply_async((key,))


@app.task(name="raw.join", ignore_result=True)
def join(key: str) -> None:
    """All of them are through."""
    client().lpush(key + ":done", 1)


def round_trip() -> None:
    """One task and its result."""
    noop.apply_async().get(timeout=60)


def chain_of(length: int) -> None:
    """A chain of tasks, to the last one's result."""
    chain(*(noop.si() for _ in range(length))).apply_async().get(timeout=60)


def chord_of(width: int) -> None:
    """A chord, to its callback's result."""
    chord(group(noop.si() for _ in range(width)))(noop.si()).get(timeout=120)


def counter_join_of(width: int) -> None:
    """As a chord, with a counter in the broker instead of results."""
    key = f"raw-join-{os.getpid()}-{client().incr('raw-joins')}"
    client().set(key, width)
    with app.producer_or_acquire() as producer:
        for _ in range(width):
            part.apply_async((key,), producer=producer)
    client().blpop(key + ":done", timeout=120)


def chains(count: int, length: int) -> None:
    """Many chains at once, to the result of each one's last task."""
    last = [chain(*(noop.si() for _ in range(length))).apply_async() for _ in range(count)]
    for one in last:
        one.get(timeout=120)


def many(total: int) -> None:
    """Many tasks that have nothing to do with each other, until the last one has run."""
    key = f"raw-count-{os.getpid()}-{client().incr('raw-counts')}"
    with app.producer_or_acquire() as producer:
        for _ in range(total):
            count.apply_async((key,), producer=producer)
    while int(client().get(key) or 0) < total:
        client().blpop("raw-never", timeout=0.01)
