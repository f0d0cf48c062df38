"""Routes of metrics and statistics (HTTP API 3.8)."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.api import wire
from app.api.auth import current_caller
from app.api.describe import takes
from app.api.permissions import narrowed
from app.api.web import (
    answer,
    json_body,
    moment,
    page,
    runtime,
    sort,
    wire_moment,
    without_none,
)
from app.errors import BadRequest, Invalid
from app.model.access import Permission
from app.model.duration import format_duration
from app.model.filter import Filter, Group, Operator
from app.model.moment import earlier
from app.model.state import State
from app.service import execution_lists, glances, search, statistics
from app.service.glances import Spread
from app.service.kept import Shown
from app.service.search import Wanted
from app.service.statistics import Bucket, Run

bp = Blueprint("statistics", __name__)


def _metric(row: Any) -> dict[str, Any]:
    return without_none(
        {
            "namespace": row.namespace,
            "flowId": row.flow_id,
            "executionId": row.execution_id,
            "taskId": row.task_id,
            "taskRunId": row.task_run_id,
            "type": row.kind,
            "name": row.name,
            "value": row.value,
            "timestamp": wire_moment(row.at),
            "tags": row.tags or None,
        }
    )


@bp.get("/metrics/<execution_id>")
@takes("page size sort taskRunId taskId", gives="Page<MetricEntry>", also=(400,))
def metrics(execution_id: str) -> ResponseReturnValue:
    """A page of an execution's metrics."""
    at, size = page()
    down = False
    for name, is_down in sort():
        if name != "timestamp":
            raise BadRequest(f"cannot sort by {name[:40]!r}")
        down = is_down
    rows, total = statistics.metrics_of(
        runtime(),
        execution_id,
        task_run_id=request.args.get("taskRunId"),
        task_id=request.args.get("taskId"),
        page=at,
        size=size,
        down=down,
        places=current_caller().visible(Permission.EXECUTION_READ),
    )
    return answer({"results": [_metric(row) for row in rows], "total": total})


@bp.get("/metrics/names/<namespace>/<flow_id>")
@bp.get("/metrics/names/<namespace>/<flow_id>/<task_id>")
@takes(gives="string[]")
def names(namespace: str, flow_id: str, task_id: str | None = None) -> ResponseReturnValue:
    """The names of a flow's or a task's metrics."""
    return answer(statistics.metric_names(runtime(), namespace, flow_id, task_id))


@bp.get("/metrics/tasks/<namespace>/<flow_id>")
@takes(gives="string[]")
def tasks(namespace: str, flow_id: str) -> ResponseReturnValue:
    """The tasks that sent metrics."""
    return answer(statistics.metric_tasks(runtime(), namespace, flow_id))


@bp.get("/metrics/aggregates/<namespace>/<flow_id>/<metric>")
@bp.get("/metrics/aggregates/<namespace>/<flow_id>/<task_id>/<metric>")
@takes("startDate endDate aggregation", gives="MetricAggregations")
def aggregates(
    namespace: str, flow_id: str, metric: str, task_id: str | None = None
) -> ResponseReturnValue:
    """A metric in buckets of time; 30 days by default."""
    start, end = _range(request.args)
    how = request.args.get("aggregation") or "sum"
    place = (namespace, flow_id, task_id, metric)
    group, found = statistics.aggregate(runtime(), place, start, end, how.lower())
    listed = [{"name": metric, "value": value, "date": wire_moment(at)} for at, value in found]
    return answer({"groupBy": group, "aggregations": listed})


def _range(given: Any) -> tuple[datetime, datetime]:
    """`startDate` and `endDate`. Raises Invalid."""
    last, first = given.get("endDate"), given.get("startDate")
    end = moment(str(last), "endDate") if last else runtime().clock()
    days = timedelta(days=statistics.DEFAULT_DAYS)
    start = moment(str(first), "startDate") if first else end - days
    if start > end:
        raise Invalid("`startDate` must not be after `endDate`")
    return start, end


# -- statistics of 0.2x


def _question() -> dict[str, Any]:
    data = json_body() or {}
    if not isinstance(data, dict):
        raise Invalid("the body must be a JSON object")
    return data


def _wanted(data: dict[str, Any]) -> Wanted:
    found: list[Filter] = []
    for name, target, operator in (
        ("q", "q", Operator.EQUALS),
        ("namespace", "namespace", Operator.PREFIX),
        ("flowId", "flowId", Operator.EQUALS),
    ):
        value = data.get(name)
        if value is not None:
            if not isinstance(value, str):
                raise Invalid(f"`{name}` must be a text")
            found.append(Filter(field=target, operator=operator, value=value))
    states = data.get("state") or []
    listed = [states] if isinstance(states, str) else states
    if not isinstance(listed, list) or any(text not in State.__members__ for text in listed):
        raise Invalid("`state` must be a list of states")
    if listed:
        found.append(Filter(field="state", operator=Operator.IN, value=",".join(listed)))
    seen = narrowed(current_caller(), str(request.endpoint), Group(tuple(found)))
    return Wanted(where=seen)


def _bucket(bucket: Bucket) -> dict[str, Any]:
    seconds = bucket.durations
    duration: dict[str, Any] = {"count": len(seconds)}
    if seconds:
        for name, value in (("min", min(seconds)), ("max", max(seconds)), ("sum", sum(seconds))):
            duration[name] = format_duration(timedelta(seconds=value))
        duration["avg"] = format_duration(timedelta(seconds=sum(seconds) / len(seconds)))
    return {
        "startDate": wire_moment(bucket.start),
        "groupBy": bucket.group,
        "executionCounts": {state.value: bucket.counts.get(state.value, 0) for state in State},
        "duration": duration,
    }


def _found(data: dict[str, Any]) -> tuple[list[Run], datetime, datetime]:
    start, end = _range(data)
    return statistics.runs(runtime(), _wanted(data), start, end), start, end


@bp.post("/stats/summary")
@takes(body="json:StatisticsQuestion", gives="object")
def summary() -> ResponseReturnValue:
    """Counts of flows, triggers and executions, of the namespaces that the caller may read."""
    data = _question()
    states = glances.counts(runtime(), _wanted(data), *_range(data))
    asked, seen = data.get("namespace"), current_caller().visible(Permission.EXECUTION_READ)
    within = [[asked]] if asked else []
    counts = statistics.counts(runtime(), *within, *([] if seen is None else [seen]))
    return answer({**counts, "executions": sum(states.values()), "states": states})


@bp.post("/stats/executions/durations")
@takes(body="json:StatisticsQuestion", gives="Durations")
def durations() -> ResponseReturnValue:
    """How long executions took in a range, and in the one of the same length before it."""
    data = _question()
    (start, end), wanted = _range(data), _wanted(data)
    before = (earlier(start, end - start), start)
    spread = glances.spread
    return answer(
        {
            "current": _spread(spread(runtime(), wanted, start, end)),
            "previous": _spread(spread(runtime(), wanted, *before)),
        }
    )


def _spread(found: Spread) -> dict[str, Any]:
    return without_none({"count": found.count, "p50": found.p50, "p95": found.p95})


@bp.post("/stats/executions/daily")
@takes(body="json:StatisticsQuestion", gives="object[]")
def daily() -> ResponseReturnValue:
    """Executions in buckets of time, as fine as the range wants it or `groupBy` says."""
    data = _question()
    group = data.get("groupBy")
    if group is not None and group not in statistics.GROUPS:
        raise Invalid(f"`groupBy` must be one of {', '.join(statistics.GROUPS)}")
    return answer([_bucket(bucket) for bucket in statistics.by_time(*_found(data), group)])


@bp.post("/stats/executions/daily/group-by-flow")
@takes(body="json:StatisticsQuestion", gives="object")
def daily_by_flow() -> ResponseReturnValue:
    """Executions in buckets of time, by namespace and flow."""
    data = _question()
    found, start, end = _found(data)
    groups: dict[tuple[str, str], list[Run]] = {}
    for run in found:
        flow_id = "*" if data.get("namespaceOnly") else run.flow_id
        groups.setdefault((run.namespace, flow_id), []).append(run)
    result: dict[str, dict[str, Any]] = {}
    for (namespace, flow_id), some in groups.items():
        listed = [_bucket(bucket) for bucket in statistics.by_time(some, start, end)]
        result.setdefault(namespace, {})[flow_id] = listed
    return answer(result)


@bp.post("/stats/executions/daily/group-by-namespace")
@takes(body="json:StatisticsQuestion", gives="object")
def by_namespace() -> ResponseReturnValue:
    """Counts of states by namespace."""
    found, _, _ = _found(_question())
    groups: dict[str, Counter[str]] = {}
    for run in found:
        groups.setdefault(run.namespace, Counter())[run.state] += 1
    return answer({n: {"counts": c, "total": c.total()} for n, c in groups.items()})


@bp.post("/stats/executions/latest/group-by-flow")
@takes(body="json:FlowList", gives="LightExecution[]")
def latest() -> ResponseReturnValue:
    """The last execution of each flow asked for whose executions the caller may read."""
    listed = _question().get("flows") or []
    if not isinstance(listed, list):
        raise Invalid("`flows` must be a list of {namespace, id}")
    places = []
    for i, item in enumerate(listed):
        place = (item.get("namespace"), item.get("id")) if isinstance(item, dict) else (None, None)
        if not all(isinstance(part, str) for part in place):
            raise Invalid(f"`flows[{i}]` must be {{namespace, id}}")
        if current_caller().may(Permission.EXECUTION_READ, str(place[0])):
            places.append((str(place[0]), str(place[1])))
    now, kept = runtime().clock(), Shown(runtime())
    rows = execution_lists.latest(runtime(), places)
    return answer([wire.light(row, now, kept) for row in rows])


@bp.post("/stats/logs/daily")
@takes(body="json:StatisticsQuestion", gives="object[]")
def logs_daily() -> ResponseReturnValue:
    """Log lines in buckets of time, by level."""
    data = _question()
    start, end = _range(data)
    given = {
        "text": data.get("q"),
        "namespace": data.get("namespace"),
        "flow_id": data.get("flowId"),
        "level": data.get("logLevel"),
    }
    if any(value is not None and not isinstance(value, str) for value in given.values()):
        raise Invalid("`q`, `namespace`, `flowId` and `logLevel` must be texts")
    found = statistics.log_levels(runtime(), given, start, end)
    return answer(
        [{"timestamp": wire_moment(b.start), "groupBy": b.group, "counts": b.counts} for b in found]
    )


@bp.get("/usages/all")
@takes(gives="object")
def usages() -> ResponseReturnValue:
    """Counts of what the installation holds."""
    counts = statistics.counts(runtime())
    spaces = len(search.list_namespaces(runtime()))
    return answer(
        {
            "flows": {"count": counts["flows"], "namespacesCount": spaces},
            "triggers": {"count": counts["triggers"]},
            "executions": {"totalCount": counts["executions"]},
        }
    )
