"""The figures that the database and the broker know, gathered when Prometheus asks for them."""

import logging
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from app.database import due, observed, services
from app.dispatch.celery_app import QUEUES
from app.errors import DatabaseAway
from app.service.question import Question
from app.service.runtime import Runtime
from app.telemetry import metrics

log = logging.getLogger(__name__)
STRANDED_EVERY_S = 60.0
ASK_BROKER_S = 2.0  #: a queue that has not been asked by then has no depth this time
#: for either: what hangs is away. Both together stay below the ten seconds of Prometheus
ANSWER_S = 4.0


class DatabaseFigures(Collector):
    """Queues, timers, leases, triggers, sources; `trunkline_…_up` is 0 for what is away.

    What hangs is away as well: the figure that says so must not hang with it.
    """

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt
        self._stranded = (float("-inf"), 0)
        self._database = Question[list[GaugeMetricFamily]]()
        self._broker = Question[GaugeMetricFamily | None]()

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing: asking the database for names at the start is not needed."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The database is asked first: it knows which queues there are."""
        found = self._gathered()
        yield _single("trunkline_database_up", "Whether the database answers", float(bool(found)))
        yield from found
        queues = [sample.labels["queue"] for sample in found[0].samples] if found else QUEUES
        depths = self._asked(queues)
        is_up = depths is not None
        yield _single("trunkline_broker_up", "Whether the broker answers", float(is_up))
        yield depths or _depth()

    def _gathered(self) -> list[GaugeMetricFamily]:
        """What the database knows; nothing when it is away."""
        try:
            return self._database.ask(self._gather, ANSWER_S)
        except (DatabaseAway, TimeoutError) as error:
            log.warning("figures were not gathered: %s", error or "the database hangs")
            return []

    def _gather(self) -> list[GaugeMetricFamily]:
        """One reading transaction for all of them."""
        with self._rt.database.reading() as tx:
            return [*self._queues(tx), *self._timers(tx), *self._git(tx)]

    def _asked(self, queues: Sequence[str]) -> GaugeMetricFamily | None:
        """The depths of queues; None when the broker is away."""
        try:
            return self._broker.ask(partial(self._depths, queues), ANSWER_S)
        except TimeoutError:
            log.warning("the broker hangs")
            return None

    def _queues(self, tx: Any) -> Iterator[GaugeMetricFamily]:
        now = self._rt.clock()
        waiting, running = observed.waiting_by_queue(tx), observed.running_by_queue(tx)
        paused = {row.name for row in services.list_paused_queues(tx)}
        names = sorted({*waiting, *running, *paused, *QUEUES})
        runnable = _gauge("trunkline_task_runs_runnable", "Wait for a worker", "queue")
        held = _gauge("trunkline_task_runs_running", "A worker holds them", "queue")
        oldest = _gauge("trunkline_queue_oldest_seconds", "The longest wait", "queue")
        rests = _gauge("trunkline_queue_paused", "1 while nothing new of it may begin", "queue")
        for name in names:
            here = waiting.get(name)
            runnable.add_metric([name], here.count if here else 0)
            oldest.add_metric([name], (now - here.oldest).total_seconds() if here else 0)
            held.add_metric([name], running.get(name, 0))
            rests.add_metric([name], float(name in paused))
        live = _gauge("trunkline_executions_live", "Executions that have not ended", "gate")
        for gate, count in observed.live_by_gate(tx).items():
            live.add_metric([gate], count)
        yield from (runnable, held, oldest, rests, live)

    def _depths(self, queues: Sequence[str]) -> GaugeMetricFamily | None:
        """A queue that cannot be asked, or for which there is no time left, has no depth."""
        if not self._rt.publisher.answers():
            return None
        depth, ends = _depth(), time.monotonic() + ASK_BROKER_S
        for name in queues:
            count = self._rt.publisher.depth(name) if time.monotonic() < ends else None
            if count is not None:
                depth.add_metric([name], count)
        return depth

    def _timers(self, tx: Any) -> Iterator[GaugeMetricFamily]:
        now = self._rt.clock()
        count, since = observed.overdue_timers(tx, now)
        leases = observed.expired_leases(tx, self._rt.database.now_plus(timedelta(0)))
        trigger = observed.oldest_trigger_due(tx, now)
        yield _single("trunkline_timers_overdue", "Timers that are due", count)
        yield _single("trunkline_timers_late_seconds", "Of the oldest due", _age(now, since))
        yield _single("trunkline_leases_expired", "Attempts whose worker is silent", leases)
        yield _single("trunkline_triggers_late_seconds", "Of the oldest due", _age(now, trigger))
        yield _single(
            "trunkline_executions_stranded",
            "Live executions that nothing will move",
            self._count_stranded(tx),
        )

    def _count_stranded(self, tx: Any) -> int:
        """Looks at every live execution, so it is asked once a minute at most."""
        if time.monotonic() - self._stranded[0] > STRANDED_EVERY_S:
            self._stranded = (time.monotonic(), due.count_stranded(tx))
        return self._stranded[1]

    def _git(self, tx: Any) -> Iterator[GaugeMetricFamily]:
        now = self._rt.clock()
        age = _gauge("gitops_fetch_age_seconds", "Since the last look at the remote", "source")
        behind = _gauge("gitops_behind_seconds", "A seen commit has not been applied", "source")
        failures = _gauge("gitops_failures", "Failures in a row", "source")
        for row in observed.sources(tx):
            is_behind = row.is_following and row.seen_sha != row.applied_sha
            age.add_metric([row.name], _age(now, row.fetched_at))
            behind.add_metric([row.name], _age(now, row.seen_at) if is_behind else 0)
            failures.add_metric([row.name], row.fail_count)
        states = _gauge("gitops_bindings", "Bindings by sync state", "state")
        counts = observed.bindings_by_state(tx)
        for state, count in counts.items():
            states.add_metric([state], count)
        drifted = _single("gitops_drifted", "Bindings that drifted", counts.get("Drifted", 0))
        yield from (age, behind, failures, states, drifted)


def _gauge(name: str, text: str, label: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, labels=[label])


def _depth() -> GaugeMetricFamily:
    return _gauge("trunkline_queue_depth", "Messages in the broker", "queue")


def _single(name: str, text: str, value: float) -> GaugeMetricFamily:
    found = GaugeMetricFamily(name, text)
    found.add_metric([], value)
    return found


def _age(now: Any, moment: Any) -> float:
    return float((now - moment).total_seconds()) if moment is not None else 0.0


def show_database_figures(rt: Runtime) -> DatabaseFigures:
    """Adds them to what this process shows, until `hide`."""
    figures = DatabaseFigures(rt)
    metrics.show(figures)
    return figures


def hide(figures: DatabaseFigures) -> None:
    """Shows them no more."""
    metrics.hide(figures)
