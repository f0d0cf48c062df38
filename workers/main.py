"""Starts a Celery worker for some queues."""

from typing import Any

from celery import signals

from app.dispatch.celery_app import make_celery, queues_of
from app.settings import Settings
from workers import jobs
from workers.docker import reaper


def run_worker(settings: Settings, queues: list[str], concurrency: int, name: str) -> None:
    """Serves queues until it is told to stop: SIGTERM finishes or gives back what runs."""
    app = make_celery(settings)
    app.conf.task_queues = queues_of(queues, settings)
    jobs.register(app, settings, queues)
    if any(queue.partition(".")[0] == "docker" for queue in queues):
        signals.worker_process_init.connect(_watch_containers, weak=False)
    arguments = ["worker", "--concurrency", str(concurrency), "--hostname", f"{name}@%h"]
    arguments += ["--loglevel", settings.log_level, "--without-gossip", "--without-mingle"]
    app.worker_main(arguments)


def _watch_containers(**_kwargs: Any) -> None:
    reaper.start(jobs.process().rt)
