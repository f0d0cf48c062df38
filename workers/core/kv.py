"""Keys and values: Set, Get, Delete, GetKeys, PurgeKV."""

import json
from enum import StrEnum
from typing import Any, ClassVar

from app.expression.values import to_text
from app.model.property import Duration, Dynamic
from app.plugin.context import Effect, RunContext
from app.plugin.task import Output, Queue, Result, RunnableTask, TaskFailed
from app.service.kv import kind_of
from workers.core.dates import purged_namespaces

KINDS = ("STRING", "NUMBER", "BOOLEAN", "DATETIME", "DATE", "DURATION", "JSON")


class KvType(StrEnum):
    """What a text is turned into."""

    STRING = "STRING"
    NUMBER = "NUMBER"
    BOOLEAN = "BOOLEAN"
    DATETIME = "DATETIME"
    DATE = "DATE"
    DURATION = "DURATION"
    JSON = "JSON"


class Set(RunnableTask):
    """Store a value under a key of a namespace."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.kv.Set"
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.plugin.core.kv.Put",)
    queue: ClassVar[Queue] = Queue.ENGINE

    key: Dynamic[str]
    """The name of the value."""
    value: Any
    """The value; an expression keeps the type of what it gives."""
    namespace: Dynamic[str] = "{{ flow.namespace }}"
    """Whose value it is."""
    overwrite: Dynamic[bool] = True
    """Whether a value that is there may be replaced."""
    ttl: Dynamic[Duration] | None = None
    """After this time the value is gone."""
    kv_type: Dynamic[KvType] | None = None
    """What a text is turned into."""
    kv_description: Dynamic[str] | None = None
    """For people."""

    def run(self, ctx: RunContext) -> None:
        """Written with the end of this task."""
        namespace, key = str(ctx.render(self.namespace)), str(ctx.render(self.key))
        ctx.services.check_namespace(ctx.ids.namespace, namespace)
        ctx.services.check_change(namespace)
        value = ctx.render_typed(self.value)
        kind = str(ctx.render(self.kv_type)) if self.kv_type is not None else None
        is_free = ctx.read(self.overwrite, bool)
        if not is_free and key in ctx.services.keys.list(namespace, key):
            raise TaskFailed(
                f"Cannot set value for key '{key}'. "
                "Key already exists and `overwrite` is set to `false`."
            )
        data = {
            "namespace": namespace,
            "key": key,
            "value": _typed(value, kind),
            "kind": kind,
            "ttl": ctx.render(self.ttl),
            "description": ctx.render(self.kv_description),
        }
        ctx.effect(Effect(kind="kv.set", data=data))


def _typed(value: Any, kind: str | None) -> Any:
    """A value as the type that was asked for. Raises TaskFailed."""
    if kind is not None and kind not in KINDS:
        raise TaskFailed(f"`kvType` {kind[:40]!r} is none of {', '.join(KINDS)}")
    if not isinstance(value, str):
        plain = isinstance(value, int | float | bool | list | dict) and kind != "STRING"
        return value if plain else to_text(value)
    try:
        if kind == "NUMBER":
            return int(value) if value.strip().lstrip("+-").isdecimal() else float(value)
        if kind == "BOOLEAN":
            return value.strip().lower() == "true"
        if kind in ("DATETIME", "DATE", "DURATION") and kind_of(value.strip()) != kind:
            raise ValueError(kind)
        return json.loads(value) if kind == "JSON" else value
    except ValueError:
        raise TaskFailed(f"{value[:100]!r} is no {kind}") from None


class ValueOutput(Output):
    """What a key holds."""

    value: Any = None
    """Absent when there is no such key."""


class DeleteOutput(Output):
    """Whether the key was there."""

    deleted: bool


class Get(RunnableTask):
    """Read the value of a key."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.kv.Get"
    queue: ClassVar[Queue] = Queue.ENGINE
    output: ClassVar[type[Output] | None] = ValueOutput

    key: Dynamic[str]
    """The name of the value."""
    namespace: Dynamic[str] = "{{ flow.namespace }}"
    """Whose value it is."""
    error_on_missing: Dynamic[bool] = False
    """Whether a value that is not there fails the task."""

    def run(self, ctx: RunContext) -> Result:
        """The value; null when absent, unless that is an error."""
        namespace, key = str(ctx.render(self.namespace)), str(ctx.render(self.key))
        ctx.services.check_namespace(ctx.ids.namespace, namespace)
        try:
            return Result(outputs={"value": ctx.services.keys.get(namespace, key)})
        except KeyError:
            if ctx.read(self.error_on_missing, bool):
                raise TaskFailed(
                    f"No value found for key '{key}' in namespace '{namespace}'"
                ) from None
            return Result()


class Delete(RunnableTask):
    """Remove a key."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.kv.Delete"
    queue: ClassVar[Queue] = Queue.ENGINE
    output: ClassVar[type[Output] | None] = DeleteOutput

    key: Dynamic[str]
    """The name of the value."""
    namespace: Dynamic[str] = "{{ flow.namespace }}"
    """Whose value it is."""
    error_on_missing: Dynamic[bool] = False
    """Whether a value that is not there fails the task."""

    def run(self, ctx: RunContext) -> Result:
        """`deleted` says whether it was there."""
        namespace, key = str(ctx.render(self.namespace)), str(ctx.render(self.key))
        ctx.services.check_namespace(ctx.ids.namespace, namespace)
        ctx.services.check_change(namespace)
        exists = key in ctx.services.keys.list(namespace, key)
        if not exists and ctx.read(self.error_on_missing, bool):
            raise TaskFailed(f"No value found for key '{key}' in namespace '{namespace}'")
        ctx.effect(Effect(kind="kv.delete", data={"namespace": namespace, "key": key}))
        return Result(outputs={"deleted": exists})


class KeysOutput(Output):
    """The keys that were found."""

    keys: list[str]


class GetKeys(RunnableTask):
    """List the keys of a namespace that start with a prefix."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.kv.GetKeys"
    queue: ClassVar[Queue] = Queue.ENGINE
    output: ClassVar[type[Output] | None] = KeysOutput

    prefix: Dynamic[str] | None = None
    """What the names begin with."""
    namespace: Dynamic[str] = "{{ flow.namespace }}"
    """Whose names are listed."""

    def run(self, ctx: RunContext) -> KeysOutput:
        """Sorted."""
        namespace = str(ctx.render(self.namespace))
        ctx.services.check_namespace(ctx.ids.namespace, namespace)
        prefix = str(ctx.render(self.prefix) or "")
        return KeysOutput(keys=ctx.services.keys.list(namespace, prefix))


class PurgeOutput(Output):
    """How many entries were removed."""

    size: int


class PurgeKV(RunnableTask):
    """Remove keys, by default those that have expired."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.kv.PurgeKV"
    queue: ClassVar[Queue] = Queue.DEFAULT
    output: ClassVar[type[Output] | None] = PurgeOutput

    namespaces: Dynamic[list[str]] | None = None
    """All that hold keys when absent."""
    namespace_pattern: Dynamic[str] | None = None
    """A glob; instead of `namespaces`."""
    key_pattern: Dynamic[str] | None = None
    """A pattern of names, as `tmp_*`."""
    expired_only: Dynamic[bool] | None = None
    """Older spelling of `behavior`, over which it wins."""
    behavior: Dynamic[dict[str, Any]] | None = None
    """`{type: key, expiredOnly: true}`; a type `version` finds nothing, one version is kept."""
    include_child_namespaces: Dynamic[bool] = True
    """Whether namespaces below are meant too."""

    def run(self, ctx: RunContext) -> PurgeOutput:
        """At once, and for good. Raises TaskFailed for both ways to name namespaces."""
        names = purged_namespaces(
            ctx, self.namespaces, self.namespace_pattern, self.include_child_namespaces
        )
        behavior = ctx.read(self.behavior, dict) or {}
        expired = ctx.read(self.expired_only, bool)
        if expired is None:
            expired = str(behavior.get("expiredOnly", True)).lower() == "true"
            if str(behavior.get("type") or "key").rpartition(".")[2].lower() == "version":
                return PurgeOutput(size=0)
        glob = str(ctx.render(self.key_pattern) or "*")
        size = ctx.services.keys.purge(names, glob, expired_only=expired)
        ctx.log.info("purged %s keys of %s namespaces", size, len(names))
        return PurgeOutput(size=size)
