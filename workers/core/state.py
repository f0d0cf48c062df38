"""State that outlives executions (older way of keeping keys): Set, Get, Delete.

A state is one key of the namespace that holds a map.
"""

import hashlib
from typing import Any, ClassVar

from app.model.property import Dynamic
from app.plugin.context import Effect, RunContext
from app.plugin.task import Output, Queue, RunnableTask, TaskFailed
from app.storage.paths import slug

_NEW = "io.kestra.plugin.core.state."
_OLD = "io.kestra.core.tasks.states."


class StateTask(RunnableTask):
    """What the three have in common."""

    queue: ClassVar[Queue] = Queue.ENGINE
    is_deprecated: ClassVar[bool] = True

    name: Dynamic[str] = "default"
    """The name of the state."""
    namespace: Dynamic[bool] = False
    """Whether all flows of the namespace share it."""
    taskrun_value: Dynamic[bool] = True
    """Whether each iteration's value has a state of its own."""

    def key(self, ctx: RunContext) -> str:
        """The key that holds the state."""
        parts = [] if ctx.read(self.namespace, bool) else [slug(ctx.ids.flow_id)]
        parts += ["states", slug(str(ctx.render(self.name) or "default"))]
        if ctx.read(self.taskrun_value, bool) and ctx.ids.value is not None:
            parts.append(hashlib.sha256(ctx.ids.value.encode()).hexdigest()[:32])
        return "_".join(parts)

    def known(self, ctx: RunContext) -> dict[str, Any] | None:
        """The state; None when there is none."""
        key = self.key(ctx)
        if key not in ctx.services.keys.list(ctx.ids.namespace, key):
            return None
        return dict(ctx.services.keys.get(ctx.ids.namespace, key))


class SetOutput(Output):
    """Where it is kept."""

    count: int
    key: str


class Set(StateTask):
    """Merge data into a state."""

    type_name: ClassVar[str] = _NEW + "Set"
    aliases: ClassVar[tuple[str, ...]] = (_OLD + "Set",)
    output: ClassVar[type[Output] | None] = SetOutput

    data: Dynamic[dict[str, Any]] | None = None
    """Merged into what is there."""

    def run(self, ctx: RunContext) -> SetOutput:
        """Written with the end of this task."""
        new = ctx.render(self.data) if isinstance(self.data, dict) else ctx.read(self.data, dict)
        data = {**(self.known(ctx) or {}), **(new or {})}
        key = self.key(ctx)
        entry = {"namespace": ctx.ids.namespace, "key": key, "value": data, "kind": "JSON"}
        ctx.effect(Effect(kind="kv.set", data=entry))
        return SetOutput(count=len(data), key=key)


class GetOutput(Output):
    """The state."""

    count: int
    data: dict[str, Any]


class Get(StateTask):
    """Read a state."""

    type_name: ClassVar[str] = _NEW + "Get"
    aliases: ClassVar[tuple[str, ...]] = (_OLD + "Get",)
    output: ClassVar[type[Output] | None] = GetOutput

    error_on_missing: Dynamic[bool] = False
    """Whether a state that is not there fails the task."""

    def run(self, ctx: RunContext) -> GetOutput:
        """Empty when there is none, unless that is an error."""
        data = self.known(ctx)
        if data is None and ctx.read(self.error_on_missing, bool):
            raise TaskFailed(f"no state {self.key(ctx)!r}")
        return GetOutput(count=len(data or {}), data=data or {})


class DeleteOutput(Output):
    """Whether there was a state."""

    deleted: bool


class Delete(StateTask):
    """Remove a state."""

    type_name: ClassVar[str] = _NEW + "Delete"
    aliases: ClassVar[tuple[str, ...]] = (_OLD + "Delete",)
    output: ClassVar[type[Output] | None] = DeleteOutput

    error_on_missing: Dynamic[bool] = False
    """Whether a state that is not there fails the task."""

    def run(self, ctx: RunContext) -> DeleteOutput:
        """`deleted` says whether it was there."""
        exists = self.known(ctx) is not None
        if not exists and ctx.read(self.error_on_missing, bool):
            raise TaskFailed(f"no state {self.key(ctx)!r}")
        data = {"namespace": ctx.ids.namespace, "key": self.key(ctx)}
        ctx.effect(Effect(kind="kv.delete", data=data))
        return DeleteOutput(deleted=exists)
