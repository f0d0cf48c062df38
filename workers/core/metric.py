"""Publish: metrics that a flow names itself."""

from datetime import timedelta
from typing import Any, ClassVar

from app.errors import Invalid
from app.model.duration import parse_duration
from app.model.property import Dynamic, WireModel
from app.plugin.context import RunContext
from app.plugin.task import Output, Queue, RunnableTask, TaskFailed


class PublishOutput(Output):
    """The metrics as they were stored."""

    metrics: list[dict[str, Any]]


class MetricEntry(WireModel):
    """One metric."""

    type: Dynamic[str]
    """`counter`, `timer` (an ISO duration or seconds) or `gauge`."""
    name: Dynamic[str]
    """Its name."""
    value: Dynamic[Any]
    """A number; for a timer seconds or a duration."""
    description: Dynamic[str] | None = None
    """For people."""
    tags: Dynamic[dict[str, Any]] | None = None
    """Texts by name that tell values apart."""


class Publish(RunnableTask):
    """Store metrics of this task run."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.metric.Publish"
    queue: ClassVar[Queue] = Queue.ENGINE
    is_pure: ClassVar[bool] = True
    output: ClassVar[type[Output] | None] = PublishOutput

    metrics: Dynamic[list[MetricEntry]]
    """The metrics."""

    def run(self, ctx: RunContext) -> PublishOutput:
        """Raises TaskFailed for a metric that is none."""
        written = self.metrics if isinstance(self.metrics, list | tuple) else None
        if written is None:
            found = ctx.read(self.metrics, list) or []
        else:
            found = [ctx.render_typed(entry.model_dump(by_alias=True)) for entry in written]
        stored = [_checked(entry) for entry in found]
        for entry in stored:
            factor = 1000 if entry["type"] == "timer" else 1
            ctx.metric(entry["type"], entry["name"], entry["value"] * factor, entry["tags"])
        return PublishOutput(metrics=stored)


def _checked(entry: Any) -> dict[str, Any]:
    kind = str(entry.get("type") or "").lower() if isinstance(entry, dict) else ""
    if kind not in ("counter", "timer", "gauge") or not entry.get("name"):
        raise TaskFailed("a metric needs a `name` and a `type` of counter, timer or gauge")
    value = entry.get("value")
    try:
        if isinstance(value, timedelta):
            value = value.total_seconds()
        elif kind == "timer" and str(value).upper().startswith("P"):
            value = parse_duration(str(value)).total_seconds()
        number = float(value)
    except (TypeError, ValueError, Invalid):
        raise TaskFailed(f"the value of metric {entry['name']!r} is no number") from None
    tags = {str(key): str(item) for key, item in (entry.get("tags") or {}).items()}
    return {"type": kind, "name": str(entry["name"]), "value": number, "tags": tags}
