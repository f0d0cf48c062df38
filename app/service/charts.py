"""The data of a chart: rows of its source, narrowed, grouped, ordered."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from app.database import charts
from app.database.filters import Places
from app.database.logs import LEVELS
from app.expression.values import instant_text
from app.model.access import Caller, Permission
from app.model.dashboard import DATES, Chart, Column, Data, Where
from app.model.pattern import Search
from app.service.runtime import Runtime
from app.service.statistics import floor, grouping

Values = Mapping[str, Any]  #: a row: field -> value
Patterns = dict[str, Search]  #: those of one question


@dataclass(frozen=True)
class Asked:
    """What narrows a chart besides its own conditions."""

    start: datetime
    end: datetime
    where: tuple[Where, ...] = ()
    page: int = 1
    size: int | None = None  #: rows of a page; None: all
    patterns: Patterns = field(default_factory=dict)


@dataclass
class Found:
    """A page of rows, and how many there are."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    total: int = 0


#: what somebody must be allowed to read of a namespace to see its rows
PERMISSIONS = {
    "Triggers": Permission.TRIGGER_READ,
    "Flows": Permission.FLOW_READ,
}


def data_of(rt: Runtime, chart: Chart, asked: Asked, caller: Caller) -> Found:
    """The rows of a chart that the caller may see.

    Raises Invalid for a condition that cannot be computed.
    """
    if chart.data is None:
        text = chart.content or (chart.source or {}).get("content") or ""
        return Found([{"value": text}], 1)
    permission = PERMISSIONS.get(chart.data.source, Permission.EXECUTION_READ)
    known = _rows(rt, chart.data.source, asked, caller.visible(permission))
    fields = set(known[0]) if known else set()
    extra = [w for w in asked.where if w.field in fields or w.field is None]
    kept = [row for row in known if _all_hold((*chart.data.where, *extra), row, asked.patterns)]
    if chart.kind == "KPI":
        return Found([{"value": _figure(chart.data, kept, asked.patterns)}], 1)
    rows = _grouped(chart.data, kept, grouping(asked.start, asked.end))
    _order(chart.data, rows)
    size = len(rows) if asked.size is None else asked.size
    shown = rows[(asked.page - 1) * size : asked.page * size] if size else []
    return Found([_shown(row) for row in shown], len(rows))


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: instant_text(value.astimezone(UTC)) if isinstance(value, datetime) else value
        for name, value in row.items()
        if value is not None
    }


# -- rows of each source


def _rows(rt: Runtime, source: str, asked: Asked, places: Places) -> list[Values]:
    span = (asked.start, asked.end, places)
    with rt.database.reading() as tx:
        if source == "Executions":
            return [_execution(r) for r in charts.executions_between(tx, *span)]
        if source == "Logs":
            return [_log(r) for r in charts.logs_between(tx, *span)]
        if source == "Metrics":
            return [_metric(r) for r in charts.metrics_between(tx, *span)]
        if source == "Triggers":
            return [_trigger(r) for r in charts.all_triggers(tx, places)]
        return [
            {"ID": r.id, "NAMESPACE": r.namespace, "REVISION": r.revision}
            for r in charts.all_flows(tx, places)
        ]


def _labels(value: Any) -> dict[str, str]:
    if isinstance(value, Mapping):
        return {str(k): str(v) for k, v in value.items()}
    return {item["key"]: item["value"] for item in value or () if isinstance(item, Mapping)}


def _execution(row: Any) -> Values:
    variables = (row.trigger or {}).get("variables") or {}
    return {
        "ID": row.id,
        "NAMESPACE": row.namespace,
        "FLOW_ID": row.flow_id,
        "FLOW_REVISION": row.revision,
        "STATE": row.state,
        "DURATION": row.duration_us / 1e6 if row.duration_us is not None else None,
        "LABELS": _labels(row.labels),
        "START_DATE": row.created_at,
        "END_DATE": row.ended_at,
        "TRIGGER_EXECUTION_ID": variables.get("executionId"),
    }


def _run(row: Any) -> dict[str, Any]:
    return {
        "NAMESPACE": row.namespace,
        "FLOW_ID": row.flow_id,
        "EXECUTION_ID": row.execution_id,
        "TASK_ID": row.task_id,
        "TASK_RUN_ID": row.task_run_id,
        "ATTEMPT_NUMBER": row.attempt,
        "DATE": row.at,
    }


def _log(row: Any) -> Values:
    more = {"TRIGGER_ID": row.trigger_id, "LEVEL": LEVELS[row.level], "MESSAGE": row.message}
    return _run(row) | more


def _metric(row: Any) -> Values:
    return _run(row) | {"NAME": row.name, "TYPE": row.kind, "VALUE": row.value}


def _trigger(row: Any) -> Values:
    return {
        "ID": row.trigger_id,
        "TRIGGER_ID": row.trigger_id,
        "NAMESPACE": row.namespace,
        "FLOW_ID": row.flow_id,
        "TYPE": row.type,
        "DISABLED": row.disabled,
        "NEXT_EXECUTION_DATE": row.next_at,
        "LAST_TRIGGERED_DATE": row.last_triggered_at,
    }


# -- conditions


def _value(row: Values, name: str | None, key: str | None) -> Any:
    value = row.get(name or "")
    if isinstance(value, Mapping):
        return value.get(key) if key else value
    return value


def _all_hold(conditions: Iterable[Where], row: Values, patterns: Patterns) -> bool:
    return all(_holds(condition, row, patterns) for condition in conditions)


def _holds(condition: Where, row: Values, patterns: Patterns) -> bool:
    if condition.type == "OR":
        inner = [w for w in condition.values if isinstance(w, Where)]
        return any(_holds(w, row, patterns) for w in inner)
    value = _value(row, condition.field, condition.label_key)
    if condition.type in _JUDGED:
        return _JUDGED[condition.type](value)
    if isinstance(value, Mapping):
        value = ",".join(f"{k}:{v}" for k, v in value.items())
    if condition.type in ("IN", "NOT_IN"):
        listed = condition.values or condition.value or ()
        texts = {str(v) for v in (listed if isinstance(listed, list | tuple) else [listed])}
        return (str(value) in texts) == (condition.type == "IN")
    if condition.type == "EQUAL_TO":
        return str(value) == str(condition.value)
    if condition.type == "NOT_EQUAL_TO":
        return str(value) != str(condition.value)
    return value is not None and _compares(condition, value, patterns)


_JUDGED: Mapping[str, Callable[[Any], bool]] = {
    "IS_NULL": lambda value: value is None or value == {},
    "IS_NOT_NULL": lambda value: value is not None and value != {},
    "IS_TRUE": lambda value: value is True,
    "IS_FALSE": lambda value: value is False,
}


def _compares(condition: Where, value: Any, patterns: Patterns) -> bool:
    wanted = condition.value
    text = str(wanted)
    if condition.type == "REGEX":
        if text not in patterns:
            patterns[text] = Search(text)
        return patterns[text].found_in(str(value)[:10_000])
    if condition.type in _TEXTUAL:
        return _TEXTUAL[condition.type](str(value), text)
    if isinstance(value, datetime):
        value = instant_text(value.astimezone(UTC))
        return _ordered(condition.type, value, text)
    try:
        return _ordered(condition.type, float(value), float(wanted))
    except (TypeError, ValueError):
        return _ordered(condition.type, str(value), text)


_TEXTUAL: Mapping[str, Callable[[str, str], bool]] = {
    "STARTS_WITH": str.startswith,
    "ENDS_WITH": str.endswith,
    "CONTAINS": lambda value, part: part in value,
}


def _ordered(operator: str, left: Any, right: Any) -> bool:
    if operator == "GREATER_THAN":
        return bool(left > right)
    if operator == "GREATER_THAN_OR_EQUAL_TO":
        return bool(left >= right)
    return bool(left < right) if operator == "LESS_THAN" else bool(left <= right)


# -- groups


def _grouped(data: Data, rows: Sequence[Values], group: str) -> list[dict[str, Any]]:
    """One row for each set of values of the columns that do not aggregate."""
    columns = data.named()
    keys = {name: c for name, c in columns.items() if c.agg is None}
    sums = {name: c for name, c in columns.items() if c.agg is not None}
    if not sums:
        return [{name: _key(row, c, None) for name, c in keys.items()} for row in rows]
    found: dict[tuple[Any, ...], list[Values]] = {}
    for row in rows:
        key = tuple(_key(row, c, group) for c in keys.values())
        found.setdefault(key, []).append(row)
    return [
        dict(zip(keys, key, strict=True)) | {n: aggregate(c, some) for n, c in sums.items()}
        for key, some in found.items()
    ]


def _key(row: Values, column: Column, group: str | None) -> Any:
    value = _value(row, column.field, column.label_key)
    if group is not None and column.field in DATES and value is not None:
        return floor(value, group)
    if isinstance(value, Mapping):
        return ", ".join(f"{k}:{v}" for k, v in sorted(value.items()))
    return value


def aggregate(column: Column, rows: Sequence[Values]) -> Any:
    """What the values of a column add up to; nothing of none."""
    if column.field is None:
        return len(rows)
    values = [_value(row, column.field, column.label_key) for row in rows]
    values = [value for value in values if value is not None]
    if column.agg == "COUNT":
        return len(values)
    if column.agg == "COUNT_DISTINCT":
        return len({str(value) for value in values})
    if column.agg in ("SUM", "AVG"):
        numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
        total = sum(numbers)
        return total if column.agg == "SUM" else (total / len(numbers) if numbers else None)
    comparable = [str(v) if isinstance(v, Mapping) else v for v in values]
    if not comparable:
        return None
    return min(comparable) if column.agg == "MIN" else max(comparable)


def _figure(data: Data, rows: Sequence[Values], patterns: Patterns) -> Any:
    column = next(iter(data.named().values()))
    whole = aggregate(column, rows) or 0
    if not data.numerator:
        return whole
    fitting = [row for row in rows if _all_hold(data.numerator, row, patterns)]
    part = aggregate(column, fitting) or 0
    return round(100 * part / whole, 2) if whole else 0


def _order(data: Data, rows: list[dict[str, Any]]) -> None:
    """The values of one column are all of one kind, or nothing."""
    for order in reversed(data.order_by):
        empty = [row for row in rows if row[order.column] is None]
        rest = [row for row in rows if row[order.column] is not None]
        rest.sort(key=itemgetter(order.column), reverse=order.order == "DESC")
        rows[:] = [*rest, *empty]
