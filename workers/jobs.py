"""The Celery functions: a job claims a step, runs it and what follows it in this process.

A message holds ids only. A claim that fails ends the job with its chain: going on would let doubled
messages multiply link by link.
"""

import contextlib
import logging
import time
from collections.abc import Sequence
from typing import Any

from celery import Celery, signals
from celery.exceptions import Reject
from kombu.exceptions import OperationalError

from app import failpoints
from app.dispatch.celery_app import ENGINE, POLL, RUN, SYNC
from app.dispatch.job import Job, Publisher
from app.errors import DatabaseAway
from app.service import claiming, poison
from app.service.boot import make_runtime
from app.service.settle import settle
from app.service.work import Progress
from app.settings import Settings
from app.telemetry import tracing
from app.telemetry.logging import about
from workers import parent
from workers.attempt import run_step
from workers.polls import evaluate_trigger
from workers.process import Process
from workers.sources import run_source
from workers.watch import Watch

log = logging.getLogger(__name__)


class Child:
    """This pool child: its process object and its watch, made after the fork."""

    settings: Settings | None = None
    queues: Sequence[str] = ()
    name: str = "worker"
    slots: int | None = None
    process: Process | None = None
    watch: Watch | None = None


def process() -> Process:
    """This pool child's process object."""
    if Child.process is None:
        assert Child.settings is not None
        Child.process = Process(make_runtime(Child.settings), parent.shared)
    return Child.process


def register(
    app: Celery, settings: Settings, queues: Sequence[str], name: str, slots: int | None = None
) -> None:
    """Adds the jobs and the parent's part to a worker's app; `slots` jobs run at once."""
    Child.settings, Child.queues, Child.name, Child.slots = settings, queues, name, slots
    app.task(name=RUN, bind=True, acks_late=True, ignore_result=True)(run)
    app.task(name=SYNC, acks_late=True, ignore_result=True)(sync_source)
    app.task(name=POLL, acks_late=True, ignore_result=True)(poll_trigger)
    parent.register(app)
    signals.worker_process_init.connect(_forked, weak=False)
    signals.worker_process_shutdown.connect(_ending, weak=False)


def _forked(**_kwargs: Any) -> None:
    Child.process = None
    if process().rt.settings.traces:
        tracing.set_up()
    Child.watch = Watch(process(), Child.queues, name=Child.name, slots=Child.slots)
    Child.watch.start()


def _ending(**_kwargs: Any) -> None:
    if Child.process is not None:
        Child.process.stop()
    if Child.watch is not None:
        Child.watch.stop()


class Chain:
    """The links that travel with the running message; the worker may shorten or cut them.

    Celery would let them go on by itself, for twice the price (decision 0108).
    """

    def __init__(self, request: Any) -> None:
        self._ids = (request.root_id, request.id)
        self._links: list[dict[str, Any]] = request.chain or []
        request.chain = None

    def cut(self) -> None:
        """Nothing follows this job."""
        self._links = []

    def follow(self, jobs: list[Job]) -> list[Job]:
        """Lets the chain go on to the step that is due now; the jobs that still need publishing.

        Celery keeps the next link at the end of the list.
        """
        for n in range(len(self._links) - 1, -1, -1):
            kwargs = self._links[n]["kwargs"]
            for job in jobs:
                place = (kwargs["sequence"], kwargs["pos"], kwargs["attempt"])
                if place == (job.sequence, job.pos, job.attempt):
                    self._links = self._links[: n + 1]
                    return [other for other in jobs if other is not job]
        self.cut()
        return jobs

    def go_on(self, publisher: Publisher) -> None:
        """Sends what `follow` has left, once."""
        if self._links:
            publisher.pass_on(self._links, *self._ids)
        self.cut()


def poll_trigger(namespace: str, flow_id: str, trigger_id: str, token: int) -> None:
    """Evaluates a polling trigger."""
    evaluate_trigger(process(), namespace, flow_id, trigger_id, token)


def sync_source(source: str) -> None:
    """Works on a Git source."""
    run_source(process(), source)


def run(
    self: Any,
    execution: str,
    sequence: str,
    pos: int,
    attempt: int,
    more: Sequence[tuple[str, int, int]] = (),
) -> None:
    """Claims attempt `attempt` of a step and runs it, then the in-process steps that follow.

    `more` are steps in process of other branches, each of which is claimed by itself.
    """
    mine = process()
    mine.shared.heard_at = time.monotonic()
    if mine.shared.draining_since:
        raise Reject("this worker stops", requeue=True)  # another one gets it at once
    if mine.shared.has_left(self.request.delivery_info.get("routing_key", "")):
        raise Reject("its queue is paused", requeue=True)  # it was taken before that
    with about(execution=execution), tracing.following(self.request):
        chain = Chain(self.request)
        _run(mine, chain, (execution, sequence, pos, attempt))
        began = time.monotonic()
        for number, place in enumerate(more):
            spent_ms = (time.monotonic() - began) * 1000
            if mine.shared.draining_since or spent_ms > mine.rt.settings.fuse_ms:
                _hand_on(self, execution, more[number:])
                return
            _run(mine, chain, (execution, *place))


def _hand_on(self: Any, execution: str, rest: Sequence[tuple[str, int, int]]) -> None:
    """What is left goes to whoever is free; lost on the way, it is published again as any job."""
    sequence, pos, attempt = rest[0]
    kwargs = {"execution": execution, "sequence": sequence, "pos": pos, "attempt": attempt}
    options = {"queue": ENGINE, "retry": False, "shadow": self.request.get("shadow")}
    with contextlib.suppress(OperationalError, OSError):
        self.apply_async(kwargs={**kwargs, "more": list(rest[1:])}, **options)


def _run(mine: Process, chain: Chain, place: tuple[str, str, int, int]) -> None:
    execution, sequence, pos, _ = place
    try:
        claim = claiming.claim(mine.rt, *place, mine.owner)
    except DatabaseAway as error:
        chain.cut()
        log.warning("nothing was claimed: %s", error)
        return  # the row is due again: recovery publishes it
    except Exception as error:
        chain.cut()
        log.exception("a step cannot be claimed")
        settle(mine.rt, poison.refuse_step(mine.rt, execution, sequence, pos, error))
        return
    if claim is None:
        chain.cut()
        return
    if claim.step is not None:
        mine.shared.count(claim.step.queue)
    _run_claimed(mine, claim, chain)
    failpoints.hit("before_ack")


def _run_claimed(mine: Process, claim: claiming.Claim, chain: Chain) -> None:
    settings = mine.rt.settings
    began, count = time.monotonic(), 0
    step, progress = claim.step, claim.progress
    try:
        while step is not None:
            spent_ms = (time.monotonic() - began) * 1000
            fuse = count < settings.fuse_steps and spent_ms < settings.fuse_ms
            done = run_step(mine, step, fuse=fuse and mine.goes_on(step))
            if done is None:
                chain.cut()
                return
            step, progress = done.fused, done
            count += done.steps
            if step is not None:
                settle(mine.rt, _without_fused(done))
    except BaseException:
        chain.cut()
        raise
    progress.jobs = chain.follow(progress.jobs)
    settle(mine.rt, progress)
    chain.go_on(mine.rt.publisher)


def _without_fused(progress: Progress) -> Progress:
    return Progress(
        jobs=progress.jobs,
        finish=progress.finish,
        notes=progress.notes,
        killed=progress.killed,
        ended=progress.ended,
        outcomes=progress.outcomes,
    )
