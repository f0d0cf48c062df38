"""One process that runs attempts: what it holds, its heartbeat, its end."""

import logging
import os
import socket
import threading
import time
from dataclasses import dataclass, field

from app.errors import TrunklineError
from app.model.ids import new_id
from app.model.state import Gate
from app.service import steps
from app.service.runtime import Runtime
from app.service.work import Step
from workers.log import AttemptLog

log = logging.getLogger(__name__)
MARGIN_S = 3.0  #: a script is killed this long before its lease may be taken as over


@dataclass
class Held:
    """One attempt that this process runs. It is the attempt's lease."""

    step: Step
    deadline: float
    cancelled: threading.Event = field(default_factory=threading.Event)
    reason: str | None = None  #: KILLED, LOST or TIMEOUT once cancelled
    log: AttemptLog | None = None

    def cancel(self, reason: str) -> None:
        """Asks the attempt to stop; the first reason counts."""
        if self.reason is None:
            self.reason = reason
        self.cancelled.set()


class Process:
    """Made after the fork; owns the runtime of this process and a heartbeat thread."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{new_id()[:8]}"
        self.held: dict[tuple[str, int], Held] = {}
        self.draining = threading.Event()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def hold(self, step: Step) -> Held:
        """From now on the heartbeat renews this attempt's lease."""
        span = self.rt.settings.lease_s - MARGIN_S
        held = Held(step, time.monotonic() + span)
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

    def kill(self, execution_id: str) -> None:
        """Stops what this process runs of an execution."""
        for held in list(self.held.values()):
            if held.step.execution_id == execution_id:
                held.cancel("KILLED")

    def stop(self) -> None:
        """Ends the heartbeat."""
        self._stop.set()

    def _beat(self) -> None:
        last = time.monotonic()
        while not self._stop.wait(min(0.5, self.rt.settings.heartbeat_s)):
            held = list(self.held.values())
            for one in held:
                if one.log is not None:
                    self._guarded(one.log.flush_late)
            if held and time.monotonic() - last >= self.rt.settings.heartbeat_s:
                last = time.monotonic()
                self._guarded(lambda now=held: self.renew(now))

    def _guarded(self, act: object) -> None:
        try:
            act()  # type: ignore[operator]
        except TrunklineError as error:
            log.warning("heartbeat failed: %s", error)
        except Exception:
            log.exception("heartbeat failed")

    def renew(self, held: list[Held]) -> None:
        """One renewal of all that is held; what is no longer ours is cancelled."""
        sent = time.monotonic()
        keys = [(one.step.task_run_id, one.step.attempt) for one in held]
        alive = steps.renew(self.rt, self.owner, keys)
        for key, one in zip(keys, held, strict=True):
            gate = alive.get(key)
            if gate is None:
                if key in self.held:
                    one.cancel("LOST")
                continue
            one.deadline = sent + self.rt.settings.lease_s - MARGIN_S
            if gate is Gate.KILLING:
                one.cancel("KILLED")
