"""The RunContext of real attempts."""

import io
import json
import math
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

from app.database.logs import Metric
from app.errors import Invalid, TrunklineError
from app.expression.evaluate import render_deep, render_deep_typed
from app.expression.values import to_text
from app.model.duration import parse_duration
from app.plugin.context import Effect, RunContext, RunIds
from app.plugin.task import TaskFailed
from app.service import iteration_names, kv, scope
from app.service.crypto import Keyring
from app.service.masking import Masks
from app.service.runtime import Runtime
from app.service.sealing import sealed
from app.service.task_services import TaskServices
from app.service.work import Ahead, Step
from app.service.world import OpenWorld, caller_folder
from app.storage.paths import execution_folder, safe_path, task_folder
from workers.log import AttemptLog
from workers.process import Held

T = TypeVar("T")


class AttemptContext(RunContext):
    """Everything that one attempt of a task may use."""

    def __init__(
        self,
        rt: Runtime,
        step: Step,
        held: Held,
        directory: Path | None = None,
        ahead: Mapping[str, Ahead] | None = None,
    ) -> None:
        """`ahead` are the steps before it that no row tells of yet: nor does one of this step."""
        execution = step.execution
        self.rt, self.step = rt, step
        self.ids = _ids_of(rt, step)
        self.masks = Masks()
        options = {"to_file": step.task.log_to_file, "may_flush": not ahead}
        self.attempt_log = AttemptLog(rt, self.ids, self.masks, step.task.log_level, **options)
        self.log = self.attempt_log
        if not ahead:
            held.log = self.attempt_log
        self.lease = held
        self.storage = rt.storage
        self.settings = rt.settings_map
        self.environ = rt.environ
        self.services = TaskServices(rt, execution.namespace, execution.flow_id, self.masks.add)
        self.effects: list[Effect] = []
        self.metrics: list[Metric] = []
        self._shared = directory
        self.shares_directory = directory is not None
        self._own: Path | None = None
        if step.adopted is not None:
            self.container, self._own = step.adopted.container, step.adopted.directory
            self._own.mkdir(parents=True, exist_ok=True)
        #: the values of the iterations around it, outermost first
        self.iterations = iteration_names.path(self.ring(), step.place.path, self.masks.add)
        self._scope = scope.of_step(rt, step, ahead or {})
        self._world = _world_of(rt, execution, self.masks)
        self._world.is_ahead = bool(ahead)
        self._scope["outputs"].on_secret = self.masks.add
        scope.hear_secrets(rt, execution, self.masks.add)

    def render(self, value: Any, extra: Mapping[str, Any] | None = None) -> Any:
        """See RunContext."""
        return render_deep(value, self._with(extra), self._world)

    def render_typed(self, value: Any, extra: Mapping[str, Any] | None = None) -> Any:
        """See RunContext."""
        return render_deep_typed(value, self._with(extra), self._world)

    def _with(self, extra: Mapping[str, Any] | None) -> Mapping[str, Any]:
        if not extra:
            return self._scope
        full = self._scope.copy()
        full.update(extra)
        return full

    def read(self, value: Any, kind: type[T]) -> T | None:
        """See RunContext."""
        if value is None:
            return None
        rendered = self.render_typed(value) if kind in (list, dict) else self.render(value)
        try:
            return cast(T, _convert(rendered, kind))
        except (ValueError, TypeError, Invalid):
            raise TaskFailed(f"{to_text(rendered)[:200]!r} is no {kind.__name__}") from None

    @property
    def working_dir(self) -> Path:
        """See RunContext."""
        if self._shared is not None:
            return self._shared
        if self._own is None:
            base = self.rt.settings.data_dir / "work"
            base.mkdir(parents=True, exist_ok=True)
            self._own = Path(tempfile.mkdtemp(prefix="attempt-", dir=base))
        return self._own

    def close(self) -> None:
        """Removes the attempt's own directory."""
        if self._own is not None:
            shutil.rmtree(self._own, ignore_errors=True)

    def put_file(self, path: Path, name: str | None = None) -> str:
        """See RunContext."""
        with path.open("rb") as stream:
            return self.put_stream(stream, name or path.name)

    def put_stream(self, stream: BinaryIO, name: str) -> str:
        """See RunContext."""
        folder = execution_folder(self.ids.namespace, self.ids.flow_id, self.ids.execution_id)
        folder = task_folder(folder, self.ids.task_id, self.ids.task_run_id)
        return self.storage.put(f"{folder}/{safe_path(name)}", stream)

    def put_text(self, text: str, name: str) -> str:
        """Stores a text."""
        return self.put_stream(io.BytesIO(text.encode()), name)

    def open_uri(self, uri: str) -> BinaryIO:
        """See RunContext."""
        try:
            return self._world.open(uri)
        except TrunklineError as error:
            raise TaskFailed(str(error)) from None

    def store_log_file(self) -> str | None:
        """Stores the log of a `logToFile` task; the file's URI. None: it is stored by lines."""
        stream = self.attempt_log.take_file()
        if stream is None:
            return None
        return self.put_stream(cast(BinaryIO, stream), f"attempt-{self.ids.attempt}.log")

    def metric(
        self, kind: str, name: str, value: float, tags: Mapping[str, str] | None = None
    ) -> None:
        """See RunContext. A value that is no number of JSON is told and left out."""
        if not math.isfinite(value):
            self.log.warning("Invalid metric '%s': its value is %s", name, value)
            return
        ids = self.ids
        self.metrics.append(
            Metric(
                namespace=ids.namespace,
                flow_id=ids.flow_id,
                execution_id=ids.execution_id,
                task_id=ids.task_id,
                task_run_id=ids.task_run_id,
                attempt=ids.attempt - 1,
                kind=kind,
                name=name,
                value=value,
                at=self.rt.clock(),
                tags={key: self.masks.apply(text) for key, text in (tags or {}).items()},
            )
        )

    def effect(self, effect: Effect) -> None:
        """See RunContext."""
        if effect.kind == "variables":
            effect = replace(effect, data=self.sealed(effect.data))
        if effect.kind == "kv.set":
            effect = replace(effect, data=kv.hidden(self.rt, self.masks, effect.data))
        if effect.kind == "labels":
            labels = self.masks.labels(effect.data["labels"])
            effect = replace(effect, data={**effect.data, "labels": labels})
        self.effects.append(effect)

    def secret_values(self) -> Sequence[str]:
        """See RunContext."""
        return tuple(self.masks.values)

    def shows_secret(self, text: str) -> bool:
        """See RunContext."""
        return self.masks.is_in(text)

    def safe_cut(self, text: str, at: int) -> int:
        """See RunContext."""
        return self.masks.cut(text, at)

    def ring(self) -> Keyring:
        """The keys of the execution's outputs."""
        return scope.ring_of(self.rt, self.step.execution)

    def sealed(self, value: Any) -> Any:
        """Outputs as they are stored: what shows a secret is encrypted."""
        return sealed(self.ring(), self.masks, value)

    def mask(self, value: str) -> None:
        """See RunContext."""
        self.masks.add(value)


def _ids_of(rt: Runtime, step: Step) -> RunIds:
    execution, value = step.execution, step.place.value
    if value is not None:
        value = iteration_names.opened(scope.ring_of(rt, execution), value)
    return RunIds(
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        revision=execution.revision,
        execution_id=execution.id,
        task_id=step.task.id,
        task_run_id=step.task_run_id,
        attempt=step.attempt,
        value=value,
        commit=execution.commit,
        snapshot=str(execution.snapshot),
    )


def _world_of(rt: Runtime, execution: Any, masks: Masks) -> OpenWorld:
    return OpenWorld(
        rt,
        execution.namespace,
        execution.flow_id,
        execution.id,
        parent=caller_folder(execution),
        snapshot=execution.snapshot,
        masks=masks,
    )


def _convert(value: Any, kind: type[Any]) -> Any:
    if kind is bool:
        return value if isinstance(value, bool) else to_text(value).strip().lower() == "true"
    if kind is timedelta:
        return value if isinstance(value, timedelta) else parse_duration(to_text(value))
    if kind is str:
        return to_text(value)
    if kind in (list, dict):
        found = json.loads(value) if isinstance(value, str) else value
        if not isinstance(found, Mapping if kind is dict else Sequence):
            raise ValueError(kind.__name__)
        return kind(found)
    return kind(value)
