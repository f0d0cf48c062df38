"""One process that runs attempts: what it holds, its heartbeat, its end."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from app.errors import DatabaseAway, TrunklineError
from app.model.ids import new_id
from app.model.state import Gate
from app.service import log_lines, steps
from app.service.runtime import Runtime
from app.service.work import Step
from workers.log import AttemptLog
from workers.shared import Shared

log = logging.getLogger(__name__)
LOOK_S = 0.5
KEPT_S = 60.0  #: a result is offered for so long after the lease; the fence decides
#: what the log says of an attempt that was stopped from outside
STOPPED = {
    "KILLED": "Killed: the execution was told to end",
    "DRAIN": "Interrupted: the worker is being stopped; the task runs again elsewhere or later",
}
GIVE_BACK_S = 12.0  #: a task that cannot be interrupted is given so long to stop, after the grace


@dataclass
class Held:
    """One attempt that this process runs. It is the attempt's lease."""

    step: Step
    deadline: float
    cancelled: threading.Event = field(default_factory=threading.Event)
    reason: str | None = None  #: KILLED, LOST, DRAIN or TIMEOUT once cancelled
    log: AttemptLog | None = None

    def cancel(self, reason: str) -> None:
        """Asks the attempt to stop; the first reason counts."""
        if self.reason is None:
            self.reason = reason
        self.cancelled.set()
        if self.log is not None:
            self.log.given_up.set()

    @property
    def may_be_ours(self) -> bool:
        """Whether a worker that lost the database may still come back in time to write."""
        return self.reason != "LOST" and time.monotonic() < self.deadline + KEPT_S


def started(pid: int | str) -> str:
    """When a process of this machine began, in ticks: tells it from a later one of its number."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return text.rpartition(")")[2].split()[19]


class Process:
    """Made after the fork; owns the runtime of this process and a heartbeat thread."""

    def __init__(self, rt: Runtime, shared: Shared | None = None) -> None:
        self.rt = rt
        self.shared = shared or Shared()
        name = f"{socket.gethostname()}:{os.getpid()}"
        self.owner = f"{name}:{started(os.getpid())}-{new_id()[:8]}"
        self.held: dict[tuple[str, int], Held] = {}
        self.draining = threading.Event()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def hold(self, step: Step) -> Held:
        """From now on the heartbeat renews this attempt's lease."""
        settings = self.rt.settings
        held = Held(step, time.monotonic() + settings.lease_s - settings.margin_s)
        with self._lock:
            self.held[(step.task_run_id, step.attempt)] = held
            if self._thread is None:
                self._thread = threading.Thread(target=self._beat, daemon=True, name="heartbeat")
                self._thread.start()
        return held

    def release(self, step: Step) -> None:
        """The attempt has ended."""
        with self._lock:
            self.held.pop((step.task_run_id, step.attempt), None)

    def goes_on(self, step: Step) -> bool:
        """Whether what follows a step may begin here: the worker stays, its queue is not paused."""
        return not self.draining.is_set() and not self.shared.is_paused(step.slot)

    def kill(self, execution_id: str) -> None:
        """Stops what this process runs of an execution."""
        for held in list(self.held.values()):
            if held.step.execution_id == execution_id:
                held.cancel("KILLED")

    def stop(self) -> None:
        """Ends the heartbeat."""
        self._stop.set()

    def _beat(self) -> None:
        last, kills = time.monotonic(), self.shared.kills
        while not self._stop.wait(min(LOOK_S, self.rt.settings.heartbeat_s)):
            held = list(self.held.values())
            for one in held:
                if one.log is not None:
                    one.log.flush_late()
            is_due = time.monotonic() - last >= self.rt.settings.heartbeat_s
            if held and (is_due or self.shared.kills != kills):
                last, kills = time.monotonic(), self.shared.kills
                self._guarded(partial(self.renew, held))
            if self.shared.draining_since:
                self._drain()

    def _guarded(self, act: Callable[[], object]) -> None:
        try:
            act()
        except (TrunklineError, DatabaseAway) as error:
            log.warning("heartbeat failed: %s", error)
        except Exception:
            log.exception("heartbeat failed")

    def renew(self, held: list[Held]) -> None:
        """One renewal of all that is held; what is no longer ours is cancelled."""
        sent = time.monotonic()
        settings = self.rt.settings
        keys = [(one.step.task_run_id, one.step.attempt) for one in held]
        alive = steps.renew(self.rt, self.owner, keys)
        for key, one in zip(keys, held, strict=True):
            gate = alive.get(key)
            if gate is None:
                if key in self.held:
                    one.cancel("LOST")
                continue
            one.deadline = sent + settings.lease_s - settings.margin_s
            if gate is Gate.KILLING:
                one.cancel("KILLED")

    def _drain(self) -> None:
        """The worker stops: its tasks may end within the grace, then they are given back."""
        self.draining.set()
        over = time.monotonic() - self.shared.draining_since - self.rt.settings.soft_shutdown_s
        if over < 0:
            return
        for held in list(self.held.values()):
            held.cancel("DRAIN")
            if over > GIVE_BACK_S:
                # it cannot be interrupted: what it does ends with this process
                self._guarded(partial(self._leave, held))
        if over > GIVE_BACK_S and self.held:
            os._exit(0)

    def _leave(self, held: Held) -> None:
        if held.log is not None:
            held.log.warning(STOPPED["DRAIN"])
            log_lines.store(self.rt, tuple(held.log.rest()))
        self.give_back(held.step)

    def give_back(self, step: Step) -> None:
        """Leaves an attempt that still goes on; recovery publishes the next one in ten seconds.

        Published here, it could begin elsewhere before this process has ended.
        """
        steps.give_back(self.rt, step)
