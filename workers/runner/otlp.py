"""OTLP/JSON records that a script prints: its log records and metrics."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.plugin.context import RunContext

_LEVELS = ((4, "TRACE"), (8, "DEBUG"), (12, "INFO"), (16, "WARN"))
_DELTA = (1, "AGGREGATION_TEMPORALITY_DELTA")


def take(ctx: RunContext, record: Any) -> None:
    """Logs and metrics of a record; what is no OTLP is left out."""
    for entry in _each(record, "resourceLogs", "scopeLogs", "logRecords"):
        number = entry.get("severityNumber")
        number = number if isinstance(number, int) else 9
        level = next((name for most, name in _LEVELS if number <= most), "ERROR")
        ctx.log.log(level, str(_value(entry.get("body"))))
    for metric in _each(record, "resourceMetrics", "scopeMetrics", "metrics"):
        gauge, total = metric.get("gauge"), metric.get("sum")
        is_delta = isinstance(total, Mapping) and total.get("aggregationTemporality") in _DELTA
        for point in _each(gauge or total, "dataPoints"):
            _point(ctx, "counter" if is_delta else "gauge", str(metric.get("name")), point)


def _point(ctx: RunContext, kind: str, name: str, point: Mapping[str, Any]) -> None:
    value = point.get("asDouble", point.get("asInt"))
    try:
        number = float(value)
    except (TypeError, ValueError):
        return
    tags = {str(a.get("key")): str(_value(a.get("value"))) for a in _each(point, "attributes")}
    ctx.metric(kind, name, number, tags)


def _each(record: Any, *names: str) -> Iterator[Mapping[str, Any]]:
    """The maps at the end of nested lists."""
    if not names:
        if isinstance(record, Mapping):
            yield record
        return
    inner = record.get(names[0]) if isinstance(record, Mapping) else None
    for one in inner if isinstance(inner, list) else []:
        yield from _each(one, *names[1:])


def _value(value: Any) -> Any:
    """The value of `{stringValue: …}` and its like."""
    return next(iter(value.values()), "") if isinstance(value, Mapping) else value
