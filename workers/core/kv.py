"""Keys and values: Set, Get, Delete, GetKeys."""

import json
from typing import Any, ClassVar

from app.expression.values import to_text
from app.model.property import Duration, Dynamic
from app.plugin.context import Effect, RunContext
from app.plugin.task import Output, Queue, Result, RunnableTask, TaskFailed


class Set(RunnableTask):
    """Store a value under a key of a namespace."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.kv.Set"
    queue: ClassVar[Queue] = Queue.ENGINE

    key: Dynamic[str]
    value: Any
    namespace: Dynamic[str] = "{{ flow.namespace }}"
    overwrite: Dynamic[bool] = True
    ttl: Dynamic[Duration] | None = None
    kv_type: Dynamic[str] | None = None
    kv_description: Dynamic[str] | None = None

    def run(self, ctx: RunContext) -> None:
        """Written with the end of this task."""
        namespace, key = str(ctx.render(self.namespace)), str(ctx.render(self.key))
        ctx.services.check_namespace(ctx.ids.namespace, namespace)
        value = ctx.render_typed(self.value)
        kind = ctx.render(self.kv_type)
        is_free = ctx.read(self.overwrite, bool)
        if not is_free and key in ctx.services.kv_keys(namespace, key):
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
    """A text as the type that was asked for. Raises TaskFailed."""
    if kind is None or not isinstance(value, str):
        return (
            value if isinstance(value, str | int | float | bool | list | dict) else to_text(value)
        )
    try:
        if kind == "NUMBER":
            return float(value) if "." in value else int(value)
        if kind == "BOOLEAN":
            return value.strip().lower() == "true"
        return json.loads(value) if kind == "JSON" else value
    except ValueError:
        raise TaskFailed(f"{value[:100]!r} is no {kind}") from None


class Get(RunnableTask):
    """Read the value of a key."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.kv.Get"
    queue: ClassVar[Queue] = Queue.ENGINE

    key: Dynamic[str]
    namespace: Dynamic[str] = "{{ flow.namespace }}"
    error_on_missing: Dynamic[bool] = False

    def run(self, ctx: RunContext) -> Result:
        """The value; null when absent, unless that is an error."""
        namespace, key = str(ctx.render(self.namespace)), str(ctx.render(self.key))
        ctx.services.check_namespace(ctx.ids.namespace, namespace)
        try:
            return Result(outputs={"value": ctx.services.kv_get(namespace, key)})
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

    key: Dynamic[str]
    namespace: Dynamic[str] = "{{ flow.namespace }}"
    error_on_missing: Dynamic[bool] = False

    def run(self, ctx: RunContext) -> Result:
        """`deleted` says whether it was there."""
        namespace, key = str(ctx.render(self.namespace)), str(ctx.render(self.key))
        ctx.services.check_namespace(ctx.ids.namespace, namespace)
        exists = key in ctx.services.kv_keys(namespace, key)
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
    namespace: Dynamic[str] = "{{ flow.namespace }}"

    def run(self, ctx: RunContext) -> KeysOutput:
        """Sorted."""
        namespace = str(ctx.render(self.namespace))
        ctx.services.check_namespace(ctx.ids.namespace, namespace)
        prefix = str(ctx.render(self.prefix) or "")
        return KeysOutput(keys=ctx.services.kv_keys(namespace, prefix))
