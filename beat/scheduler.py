"""A Celery beat scheduler over the database.

`tick` waits on an event that an announcement or the next due instant sets, and returns 0: Celery's
own sleep between ticks could not be interrupted.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from celery import Celery, signals
from celery.beat import Scheduler

from app import failpoints
from app.dispatch.publish import CeleryPublisher
from app.errors import DatabaseAway, TrunklineError
from app.library import Library
from app.service import observing, purging, recovery, schedules
from app.service.boot import make_runtime
from app.service.presence import Presence
from app.service.runtime import Runtime
from app.settings import Settings
from app.telemetry import metrics, pulse, tracing

sync = Library("app.service.gitops.sync")  # what is due fires before it is loaded
log = logging.getLogger(__name__)
LONGEST_WAIT_S = 1.0
AUDIT_S = 60.0


class DatabaseScheduler(Scheduler):  # type: ignore[misc]
    """Works off what the database says is due."""

    settings: Settings | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        assert self.settings is not None
        self.rt: Runtime = make_runtime(self.settings)
        assert isinstance(self.rt.publisher, CeleryPublisher)
        self.publisher = self.rt.publisher
        self.watch = recovery.LeaseWatch.of(self.settings)
        self.wake = threading.Event()
        self.stopping = threading.Event()
        self.recovered_at = 0.0
        self.purging: threading.Thread | None = None
        self.audited_at = time.monotonic()
        self.presence = Presence(self.rt, "beat", "beat", self.rt.clock())
        super().__init__(*args, **kwargs)
        observing.show_database_figures(self.rt)
        metrics.serve(self.settings.metrics_host, self.settings.metrics_port)
        if self.settings.traces:
            tracing.set_up()
        threading.Thread(target=self._listen, daemon=True, name="listener").start()

    def _listen(self) -> None:
        def heard(message: dict[str, Any]) -> None:
            if message.get("channel") == "due":
                self.wake.set()

        self.publisher.listen(heard, self.stopping)

    def setup_schedule(self) -> None:
        """Nothing: triggers live in the database."""

    def close(self) -> None:
        """Stops listening."""
        self.stopping.set()
        self.presence.end()
        super().close()

    def tick(self, *_args: Any, **_kwargs: Any) -> float:
        """One round, then a wait until the next due instant. Always 0: the wait is in here."""
        self.wake.clear()
        following = self._guarded(lambda: schedules.fire_due(self.rt))
        failpoints.hit("beat_before_timer")
        self._guarded(lambda: recovery.work_timers(self.rt))
        if time.monotonic() - self.recovered_at >= self.rt.settings.recovery_interval_s:
            self.recovered_at = time.monotonic()
            self._guarded(lambda: recovery.recover_leases(self.rt, self.watch))
            self._guarded(lambda: recovery.admit_queued(self.rt))
            self._guarded(lambda: recovery.republish(self.rt, self.publisher.depth))
            self._guarded(lambda: sync.tick(self.rt))
        if time.monotonic() - self.audited_at >= AUDIT_S:
            self.audited_at = time.monotonic()
            self._guarded(self._audit)
        self._guarded(self.presence.show)
        self.wake.wait(self._pause(following))
        return 0

    def _audit(self) -> None:
        stranded = recovery.count_stranded(self.rt)
        if stranded:
            some = ", ".join(recovery.list_stranded(self.rt))
            log.error("executions that nothing will move: %s, among them %s", stranded, some)
        self._guarded(lambda: schedules.tidy(self.rt))
        if self.purging is None or not self.purging.is_alive():
            # a long purge holds up nothing that is due
            self.purging = threading.Thread(target=self._purge, daemon=True, name="purge")
            self.purging.start()

    def _purge(self) -> None:
        self._guarded(lambda: purging.purge(self.rt))

    def _pause(self, following: Any) -> float:
        timer = self._guarded(lambda: recovery.next_timer(self.rt))
        moments = [m for m in (following, timer) if isinstance(m, datetime)]
        now = self.rt.clock()
        waits = [max(0.0, (moment - now).total_seconds()) for moment in moments]
        return min([LONGEST_WAIT_S, *waits]) if waits else LONGEST_WAIT_S

    def _guarded(self, act: Callable[[], Any]) -> Any:
        """One part of a round; its failure stops only itself."""
        pulse.touch(self.rt.settings.pulse)  # a silent database makes a round of minutes
        try:
            return act()
        except (TrunklineError, DatabaseAway) as error:
            log.warning("beat: %s", error)
            self.stopping.wait(1)
        except Exception:
            log.exception("beat failed")
            self.stopping.wait(1)
        return None


def run_beat(settings: Settings) -> None:
    """Runs until it is told to stop."""
    signals.setup_logging.connect(lambda **_: None, weak=False)
    from_settings = type("Scheduler", (DatabaseScheduler,), {"settings": settings})
    app = Celery("trunkline", broker=settings.broker_url)
    app.Beat(
        scheduler_cls=from_settings, loglevel=settings.log_level, pidfile=None, quiet=True
    ).run()
