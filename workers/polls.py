"""The evaluation of a polling trigger on a worker."""

import io
import logging
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, cast

from app.database.logs import LogLine, level_number
from app.errors import DatabaseAway
from app.plugin.context import RunIds
from app.plugin.task import Output, TaskFailed
from app.service import log_lines, polling
from app.service.crypto import Keyring
from app.service.masking import Masks
from app.service.polling import Evaluation
from app.service.runtime import Runtime
from app.service.settle import settle
from app.service.task_services import TaskServices
from app.service.world import OpenWorld
from app.storage.paths import execution_folder, safe_path
from workers.context import AttemptContext
from workers.log import ByLevel
from workers.process import Process

log = logging.getLogger(__name__)
MOST_TIME = polling.LOST - timedelta(seconds=30)


class TriggerLog(ByLevel):
    """The log of a trigger: masked lines, stored at the end of the evaluation."""

    def __init__(self, rt: Runtime, found: Evaluation, masks: Masks) -> None:
        self._rt, self._found, self._masks = rt, found, masks
        self._least = level_number(found.trigger.log_level or "TRACE")
        self.lines: list[LogLine] = []

    def log(self, level: str, message: str) -> None:
        """A line at a level of the wire format."""
        if level_number(level) >= self._least:
            text = self._masks.apply(message)
            row = self._found.row
            self.lines.append(log_lines.trigger_line(row, self._rt.clock(), level, text))


class _Lease:
    """An evaluation may take so long; nobody renews it."""

    def __init__(self) -> None:
        self.cancelled = threading.Event()
        self.deadline = time.monotonic() + MOST_TIME.total_seconds()
        self._timer = threading.Timer(MOST_TIME.total_seconds(), self.cancelled.set)
        self._timer.daemon = True
        self._timer.start()

    def end(self) -> None:
        """The evaluation has ended."""
        self._timer.cancel()


class TriggerContext(AttemptContext):
    """Everything that one evaluation of a trigger may use."""

    def __init__(self, rt: Runtime, found: Evaluation) -> None:
        saved = found.saved
        self.rt = rt
        self.ids = RunIds(
            namespace=saved.namespace,
            flow_id=saved.id,
            revision=saved.revision,
            execution_id=found.execution_id,
            task_id=found.trigger.id,
            task_run_id=found.trigger.id,
            attempt=1,
        )
        self.masks = Masks()
        self.trigger_log = TriggerLog(rt, found, self.masks)
        self.log = self.trigger_log
        self._flow = saved
        self.ending = _Lease()
        self.lease = self.ending
        self.storage = rt.storage
        self.settings = rt.settings_map
        self.environ = rt.environ
        self.services = TaskServices(rt, saved.namespace, saved.id, self.masks.add)
        self.effects, self.metrics = [], []
        self.memory = found.row.memory or {}
        self._shared: Path | None = None
        self._own: Path | None = None
        self._scope = polling.names_of(rt, found, {})
        place = (saved.namespace, saved.id, found.execution_id)
        self._world = OpenWorld(rt, *place, masks=self.masks)

    def ring(self) -> Keyring:
        """The flow's keys: the execution to come opens what they encrypt."""
        return Keyring.of(self.rt.settings).at(self._flow.namespace, self._flow.id)

    def put_stream(self, stream: BinaryIO, name: str) -> str:
        """Stores a file among those of the execution to come."""
        folder = execution_folder(self.ids.namespace, self.ids.flow_id, self.ids.execution_id)
        path = f"{folder}/trigger/{self.ids.task_id}/{safe_path(name)}"
        return self.storage.put(path, stream)

    def put_text(self, text: str, name: str) -> str:
        """Stores a text."""
        return self.put_stream(cast(BinaryIO, io.BytesIO(text.encode())), name)


def evaluate_trigger(
    process: Process, namespace: str, flow_id: str, trigger_id: str, token: int
) -> None:
    """Evaluates what a message names, and records the answer."""
    rt = process.rt
    found = polling.take(rt, namespace, flow_id, trigger_id, token)
    if found is None:
        return
    if process.draining.is_set():
        polling.give_back(rt, found)
        return
    ctx = TriggerContext(rt, found)
    try:
        answer = found.trigger.poll(ctx) if polling.holds(rt, found) else None
    except DatabaseAway as error:
        log.warning("a trigger was not evaluated: %s", error)
        return
    except Exception as error:
        reason = str(error) if isinstance(error, TaskFailed) else f"{type(error).__name__}: {error}"
        settle(rt, polling.refuse(rt, found, ctx.masks.apply(reason)))
        return
    finally:
        ctx.ending.end()
        ctx.close()
        log_lines.store(rt, ctx.trigger_log.lines)
    variables = answer.to_wire() if isinstance(answer, Output) else answer
    settle(rt, polling.record(rt, found, ctx.sealed(variables), ctx.memory))
