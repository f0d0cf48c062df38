"""The Celery functions: a job claims a step, runs it and what follows it in this process.

A message holds ids only. A claim that fails ends the job with its chain: going on would let doubled
messages multiply link by link.
"""

import logging
import time
from typing import Any

from celery import Celery, signals
from celery.worker.control import control_command

from app import failpoints
from app.dispatch.celery_app import RUN, SYNC
from app.dispatch.job import Job
from app.dispatch.publish import KILL
from app.service import steps
from app.service.boot import make_runtime
from app.service.settle import settle
from app.service.work import Progress
from app.settings import Settings
from workers.attempt import run_step
from workers.process import Process
from workers.sources import run_source

log = logging.getLogger(__name__)
_process: Process | None = None
_settings: Settings | None = None


def process() -> Process:
    """This pool child's process object, made after the fork."""
    global _process
    if _process is None:
        assert _settings is not None
        _process = Process(make_runtime(_settings))
    return _process


def register(app: Celery, settings: Settings) -> None:
    """Adds the jobs and the kill command to a worker's app."""
    global _settings
    _settings = settings
    app.task(name=RUN, bind=True, acks_late=True, ignore_result=True)(run)
    app.task(name=SYNC, acks_late=True, ignore_result=True)(sync_source)
    signals.worker_process_init.connect(_forked, weak=False)
    signals.worker_process_shutdown.connect(_ending, weak=False)


def _forked(**_kwargs: Any) -> None:
    global _process
    _process = None
    process()


def _ending(**_kwargs: Any) -> None:
    if _process is not None:
        _process.stop()


@control_command(name=KILL, args=[("execution_id", str)])  # type: ignore[untyped-decorator]
def kill_command(_state: Any, execution_id: str) -> dict[str, str]:
    """Heard by the worker's parent; its children learn of it from their next heartbeat."""
    return {"killing": execution_id}


class Chain:
    """The links that travel with the running message; the worker may shorten or cut them."""

    def __init__(self, request: Any) -> None:
        self._request = request

    def cut(self) -> None:
        """Nothing follows this job."""
        self._request.chain = None

    def follow(self, jobs: list[Job]) -> list[Job]:
        """Lets the chain go on to the step that is due now; the jobs that still need publishing.

        Celery keeps the next link at the end of the list.
        """
        links = self._request.chain or []
        for n in range(len(links) - 1, -1, -1):
            kwargs = links[n]["kwargs"]
            for job in jobs:
                place = (kwargs["sequence"], kwargs["pos"], kwargs["attempt"])
                if place == (job.sequence, job.pos, job.attempt):
                    self._request.chain = links[: n + 1]
                    return [other for other in jobs if other is not job]
        self.cut()
        return jobs


def sync_source(source: str) -> None:
    """Works on a Git source."""
    run_source(process(), source)


def run(self: Any, execution: str, sequence: str, pos: int, attempt: int) -> None:
    """Claims attempt `attempt` of a step and runs it, then the in-process steps that follow."""
    mine = process()
    chain = Chain(self.request)
    if mine.draining.is_set():
        chain.cut()
        return
    try:
        claim = steps.claim(mine.rt, execution, sequence, pos, attempt, mine.owner)
    except Exception:
        chain.cut()
        raise
    if claim is None:
        chain.cut()
        return
    _run_claimed(mine, claim, chain)
    failpoints.hit("before_ack")


def _run_claimed(mine: Process, claim: steps.Claim, chain: Chain) -> None:
    settings = mine.rt.settings
    began, count = time.monotonic(), 0
    step, progress = claim.step, claim.progress
    try:
        while step is not None:
            count += 1
            spent_ms = (time.monotonic() - began) * 1000
            fuse = count < settings.fuse_steps and spent_ms < settings.fuse_ms
            done = run_step(mine, step, fuse=fuse and not mine.draining.is_set())
            if done is None:
                chain.cut()
                return
            step, progress = done.fused, done
            if step is not None:
                settle(mine.rt, _without_fused(done))
    except BaseException:
        chain.cut()
        raise
    progress.jobs = chain.follow(progress.jobs)
    settle(mine.rt, progress)


def _without_fused(progress: Progress) -> Progress:
    return Progress(
        jobs=progress.jobs,
        finish=progress.finish,
        notes=progress.notes,
        killed=progress.killed,
        ended=progress.ended,
    )
