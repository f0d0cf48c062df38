"""Statistics: counts and durations in buckets of time, and what metrics add up to."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.database import filters, statistics
from app.database.logs import LEVELS
from app.errors import Invalid
from app.model.filter import Filter, Group, Operator
from app.service.runtime import Runtime
from app.service.search import Wanted, asked, log_conditions

DEFAULT_DAYS, MOST_BUCKETS = 30, 1000
AGGREGATIONS = ("sum", "avg", "min", "max", "count")
_SIZES = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=30),
}


GROUPS = tuple(_SIZES)


def grouping(start: datetime, end: datetime) -> str:
    """How fine the buckets of a range are: hour, day, week or month by its length."""
    length = end - start
    if length > timedelta(days=365):
        return "month"
    if length > timedelta(days=180):
        return "week"
    return "day" if length > timedelta(days=1) else "hour"


def floor(moment: datetime, group: str) -> datetime:
    """The beginning of the bucket that a moment lies in."""
    if group == "minute":
        return moment.replace(second=0, microsecond=0)
    hour = moment.replace(minute=0, second=0, microsecond=0)
    if group == "hour":
        return hour
    day = hour.replace(hour=0)
    if group == "day":
        return day
    return day - timedelta(days=day.weekday()) if group == "week" else day.replace(day=1)


def buckets(start: datetime, end: datetime, group: str) -> list[datetime]:
    """The beginnings of all buckets of a range. Raises Invalid when there are too many."""
    found, at = [], floor(start, group)
    while at <= end:
        found.append(at)
        at = floor(at + _SIZES[group] + timedelta(days=3 if group == "month" else 0), group)
        if len(found) > MOST_BUCKETS:
            raise Invalid("the range is too long")
    return found


@dataclass
class Bucket:
    """What happened in a stretch of time."""

    start: datetime
    group: str
    counts: Counter[str] = field(default_factory=Counter)
    durations: list[float] = field(default_factory=list)  #: seconds


@dataclass(frozen=True)
class Run:
    """One execution, as far as statistics care."""

    at: datetime
    seconds: float | None
    state: str
    namespace: str
    flow_id: str


def runs(rt: Runtime, wanted: Wanted, start: datetime, end: datetime) -> list[Run]:
    """The executions of a range that fit."""
    conditions = wanted.conditions(asked(rt))
    column = filters.E.created_at
    conditions += [column >= start, column <= end]
    with rt.database.reading() as tx:
        rows = statistics.executions_by(tx, conditions)
    return [
        Run(
            row.created_at,
            row.duration_us / 1e6 if row.duration_us is not None else None,
            row.state,
            row.namespace,
            row.flow_id,
        )
        for row in rows
    ]


def by_time(
    found: Sequence[Run], start: datetime, end: datetime, group: str | None = None
) -> list[Bucket]:
    """Executions in buckets, as fine as the range wants it or `group` says; empty ones too."""
    group = group or grouping(start, end)
    made = {at: Bucket(at, group) for at in buckets(start, end, group)}
    for run in found:
        bucket = made.get(floor(run.at, group))
        if bucket is not None:
            bucket.counts[run.state] += 1
            if run.seconds is not None:
                bucket.durations.append(run.seconds)
    return list(made.values())


def log_levels(
    rt: Runtime, given: Mapping[str, Any], start: datetime, end: datetime
) -> list[Bucket]:
    """Log lines in buckets, by level."""
    group = grouping(start, end)
    made = {at: Bucket(at, group) for at in buckets(start, end, group)}
    after = (
        Filter(field="startDate", operator=Operator.GREATER_THAN_OR_EQUAL_TO, value=str(start)),
        Filter(field="endDate", operator=Operator.LESS_THAN_OR_EQUAL_TO, value=str(end)),
    )
    conditions = log_conditions(rt, {**given, "where": Group(after)})
    with rt.database.reading() as tx:
        lines = statistics.logs_by_level(tx, conditions)
    for at, level in lines:
        bucket = made.get(floor(at, group))
        if bucket is not None:
            bucket.counts[LEVELS[level]] += 1
    return list(made.values())


def counts(rt: Runtime, *within: Sequence[str]) -> dict[str, int]:
    """How many flows, triggers and executions there are.

    Each of `within` leaves those of some namespaces and of what lies below them.
    """
    with rt.database.reading() as tx:
        return {
            what: statistics.count_of(tx, what, *within)
            for what in ("flows", "triggers", "executions")
        }


# -- metrics


def metrics_of(
    rt: Runtime,
    execution_id: str,
    *,
    task_run_id: str | None,
    task_id: str | None,
    page: int,
    size: int,
    down: bool = False,
    places: filters.Places = None,
) -> tuple[Sequence[Any], int]:
    """A page of an execution's metrics, those of some namespaces.

    They may outlast the execution, whose namespace nobody can ask for then.
    """
    where = [statistics.M.execution_id == execution_id]
    where += [filters.within(statistics.M.namespace, places)]
    where += [statistics.M.task_run_id == task_run_id] if task_run_id else []
    where += [statistics.M.task_id == task_id] if task_id else []
    with rt.database.reading() as tx:
        return statistics.page_of_metrics(
            tx, where, offset=(page - 1) * size, limit=size, down=down
        )


def metric_names(
    rt: Runtime, namespace: str, flow_id: str, task_id: str | None = None
) -> list[str]:
    """The names of a flow's or a task's metrics."""
    with rt.database.reading() as tx:
        return statistics.metric_names(tx, namespace, flow_id, task_id)


def metric_tasks(rt: Runtime, namespace: str, flow_id: str) -> list[str]:
    """The tasks of a flow that sent metrics."""
    with rt.database.reading() as tx:
        return statistics.metric_tasks(tx, namespace, flow_id)


def aggregate(
    rt: Runtime,
    place: tuple[str, str, str | None, str],
    start: datetime,
    end: datetime,
    how: str,
) -> tuple[str, list[tuple[datetime, float]]]:
    """A metric in buckets: (namespace, flow, task or None, name). Raises Invalid."""
    if how not in AGGREGATIONS:
        raise Invalid(f"`aggregation` must be one of {', '.join(AGGREGATIONS)}")
    group = grouping(start, end)
    made: dict[datetime, list[float]] = {at: [] for at in buckets(start, end, group)}
    namespace, flow_id, task_id, name = place
    columns = statistics.M
    where = [columns.namespace == namespace, columns.flow_id == flow_id, columns.name == name]
    where += [columns.task_id == task_id] if task_id else []
    where += [columns.at >= start, columns.at <= end]
    with rt.database.reading() as tx:
        values = statistics.metric_values(tx, where)
    for at, value in values:
        made.setdefault(floor(at, group), []).append(value)
    return group, [(at, reduce(found, how)) for at, found in sorted(made.items())]


def reduce(values: Sequence[float], how: str) -> float:
    """One number of several; 0 of none."""
    if not values or how == "count":
        return float(len(values))
    if how == "avg":
        return sum(values) / len(values)
    if how == "sum":
        return sum(values)
    return min(values) if how == "min" else max(values)
