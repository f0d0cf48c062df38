"""The figures that each process keeps of its own work, in Prometheus' words.

Figures that only the database knows (queues, timers, lag) are gathered by `service/observing.py`.
A worker's pool processes write to files below `PROMETHEUS_MULTIPROC_DIR`, and its parent adds them
up: the variable has to be set before this module is imported, which `cli/process.py` does.
"""

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import perf_counter

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    start_http_server,
)
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from app.telemetry.pool import FOLDER

log = logging.getLogger(__name__)
AGAIN_S = 30.0  #: between two tries of a port that is taken
_QUICK = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_LATE = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)

CLAIMS = Counter("trunkline_claims", "Jobs that asked for their step", ["queue", "outcome"])
CLAIM_SECONDS = Histogram("trunkline_claim_seconds", "Time of a claim", buckets=_QUICK)
COMMIT_SECONDS = Histogram(
    "trunkline_commit_seconds", "Time of a commit, from its sending to its answer", buckets=_QUICK
)
STEPS_ENDED = Counter("trunkline_steps_ended", "Attempts whose end was recorded", ["state"])
STARTED = Counter("trunkline_executions_started", "Executions that were created")
ENDED = Counter("trunkline_executions_ended", "Executions that reached a final state", ["state"])
PUBLISHED = Counter("trunkline_jobs_published", "Jobs sent to the broker", ["queue"])
REPUBLISHED = Counter("trunkline_jobs_republished", "Jobs that recovery sent again")
LEASES_LOST = Counter("trunkline_leases_lost", "Attempts taken from workers that went silent")
TIMER_LATE = Histogram(
    "trunkline_timer_late_seconds", "How late a timer was worked off", ["kind"], buckets=_LATE
)
SCHEDULE_LATE = Histogram(
    "trunkline_schedule_late_seconds", "How late an instant of a schedule fired", buckets=_LATE
)
WEBHOOKS = Counter("gitops_webhook", "Deliveries of Git hosts", ["provider", "verdict"])
SYNCS = Counter("gitops_sync", "Syncs of bindings", ["result"])
SYNC_SECONDS = Histogram("gitops_sync_seconds", "Time of a sync", buckets=_LATE)
LAG_SECONDS = Histogram(
    "gitops_lag_seconds", "From the push, or the look that found it, to applied", buckets=_LATE
)
HOOKS = Counter("trunkline_webhook", "Calls of webhook triggers of flows", ["verdict"])
FETCH_SECONDS = Histogram("gitops_fetch_seconds", "Time of a look at a remote", buckets=_LATE)
REQUEST_SECONDS = Histogram(
    "trunkline_http_request_seconds", "Requests", ["method", "route", "status"], buckets=_QUICK
)
_shown: list[Collector] = []


@contextmanager
def timing(histogram: Histogram) -> Iterator[None]:
    """Observes how long the block takes, also when it raises."""
    began = perf_counter()
    try:
        yield
    finally:
        histogram.observe(perf_counter() - began)


def registry() -> CollectorRegistry:
    """What this process shows: its own figures, or those of its pool."""
    if FOLDER not in os.environ:
        return REGISTRY
    found = CollectorRegistry()
    MultiProcessCollector(found)  # type: ignore[no-untyped-call]
    for collector in _shown:
        found.register(collector)
    return found


def show(collector: Collector) -> None:
    """Adds figures that are gathered when they are asked for."""
    REGISTRY.register(collector)
    _shown.append(collector)


def hide(collector: Collector) -> None:
    """Shows them no more."""
    REGISTRY.unregister(collector)
    _shown.remove(collector)


def text() -> bytes:
    """All figures in Prometheus' text format."""
    return generate_latest(registry())


def serve(address: str, port: int, again_s: float = AGAIN_S) -> None:
    """A small server of its own thread; nothing when the port is 0.

    Figures are not worth a process that does not start: a port that is taken is told, and tried
    again until it is free, as after the end of the process that this one replaces.
    """
    if not port:
        return
    try:
        _listen(address, port)
    except OSError as error:
        log.error(
            "no metrics are shown: %s:%s: %s. Each process of a machine needs a port of its own "
            "(TRUNKLINE_METRICS_PORT)",
            address,
            port,
            error.strerror,
        )
        later = (address, port, again_s)
        threading.Thread(target=_listen_later, args=later, daemon=True, name="metrics").start()


def _listen(address: str, port: int) -> None:
    start_http_server(port, addr=address, registry=registry())


def _listen_later(address: str, port: int, again_s: float) -> None:
    while True:
        time.sleep(again_s)
        with suppress(OSError):
            _listen(address, port)
            log.info("metrics are shown on %s:%s", address, port)
            return
