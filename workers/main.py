"""Starts a Celery worker for some queues."""

import gc
import logging
import socket
import sys
from functools import partial
from importlib import import_module
from typing import Any

from celery import signals
from celery.utils.log import mlevel

from app.dispatch import refusal
from app.dispatch.celery_app import make_celery, queues_of
from app.service.boot import make_runtime
from app.settings import Settings
from app.telemetry import metrics
from workers import jobs, parent
from workers.standby import Standby


def run_worker(settings: Settings, queues: list[str], concurrency: int, name: str) -> None:
    """Serves queues until it is told to stop: SIGTERM finishes or gives back what runs.

    A worker that is drained, or whose queues the broker does not let it serve, waits for the end
    of that first.
    """
    parent.shared.begin()
    app = make_celery(settings)
    app.conf.task_queues = queues_of(queues, settings)
    mine = (name, queues, parent.shared.started_at, partial(refusal.find, app))
    standby = Standby(make_runtime(settings), *mine)
    if not standby.wait():
        return
    parent.shared.serve(queues)
    parent.select(app, standby.paused)
    jobs.register(app, settings, queues, name, concurrency)
    signals.setup_logging.connect(_keep_logging, weak=False)
    signals.worker_init.connect(_share_memory, weak=False)
    signals.worker_ready.connect(lambda **_: _serve_metrics(settings), weak=False)
    if any(queue.partition(".")[0] == "docker" for queue in queues):
        signals.worker_process_init.connect(_watch_containers, weak=False)
    worker = app.Worker(  # as `celery worker`, whose command line alone takes longer to import
        hostname=f"{name}@{socket.gethostname()}",
        concurrency=concurrency,
        loglevel=mlevel(settings.log_level),
        without_gossip=True,
        without_mingle=True,
    )
    worker.start()
    sys.exit(worker.exitcode)


def _share_memory(**_kwargs: Any) -> None:
    """Before the pool is forked: what was imported is no garbage, and a look at it by the collector
    would give each child a copy of its own."""
    gc.collect()
    gc.freeze()


def _watch_containers(**_kwargs: Any) -> None:
    import_module("workers.docker.reaper").start(jobs.process())


def _keep_logging(**_kwargs: Any) -> None:
    """Celery leaves our log alone; a line or two for each job would cost more than the job."""
    for name in ("celery.app.trace", "celery.worker.strategy"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _serve_metrics(settings: Settings) -> None:
    """After the pool has been forked: no thread before that."""
    metrics.serve(settings.metrics_host, settings.metrics_port)
