"""Routes of dashboards and the data of their charts (HTTP API 3.8)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.api.auth import current_caller
from app.api.describe import takes
from app.api.web import (
    answer,
    attachment,
    csv_lines,
    json_body,
    json_map,
    moment,
    page,
    runtime,
    sort,
    text_body,
    wire_moment,
    without_none,
)
from app.errors import Invalid, NotFound
from app.language.dashboard import parse_chart, parse_dashboard
from app.model.dashboard import Chart, TimeWindow, Where
from app.model.duration import format_duration, parse_duration
from app.model.moment import earlier
from app.service import charts, dashboards
from app.service.charts import Asked
from app.service.dashboards import Kept

bp = Blueprint("dashboards", __name__, url_prefix="/dashboards")
_FIELDS = {
    "namespace": "NAMESPACE",
    "flowId": "FLOW_ID",
    "state": "STATE",
    "labels": "LABELS",
    "level": "LEVEL",
}
_COMPARISONS = {
    "EQUALS": "EQUAL_TO",
    "NOT_EQUALS": "NOT_EQUAL_TO",
    **{name: name for name in ("IN", "NOT_IN", "STARTS_WITH", "ENDS_WITH", "CONTAINS", "REGEX")},
}


def _shown(kept: Kept) -> dict[str, Any]:
    window = kept.parsed.time_window
    return without_none(
        {
            **{k: v for k, v in kept.document.items() if k in ("description", "charts")},
            "id": kept.id,
            "title": kept.parsed.title,
            "timeWindow": {
                "default": format_duration(window.default),
                "max": format_duration(window.max),
            },
            "deleted": False,
            "created": wire_moment(kept.created),
            "updated": wire_moment(kept.updated),
            "sourceCode": kept.source,
        }
    )


@bp.get("")
@takes("page size q sort", gives="Page<Dashboard>", also=(400,))
def find() -> ResponseReturnValue:
    """A page of dashboards."""
    at, size = page()
    text = request.args.get("q", "")
    found, total = dashboards.page(runtime(), text, page=at, size=size, sort=sort())
    return answer({"results": [_shown(kept) for kept in found], "total": total})


@bp.post("")
@takes(body="yaml", gives="Dashboard")
def create() -> ResponseReturnValue:
    """Creates a dashboard from YAML."""
    return answer(_shown(dashboards.create(runtime(), text_body(), current_caller().username)))


@bp.get("/<dashboard_id>")
@takes(gives="Dashboard")
def get(dashboard_id: str) -> ResponseReturnValue:
    """A dashboard; `default` is always there."""
    return answer(_shown(dashboards.get(runtime(), dashboard_id)))


@bp.put("/<dashboard_id>")
@takes(body="yaml", gives="Dashboard")
def replace(dashboard_id: str) -> ResponseReturnValue:
    """Replaces a dashboard."""
    author = current_caller().username
    return answer(_shown(dashboards.replace(runtime(), dashboard_id, text_body(), author)))


@bp.delete("/<dashboard_id>")
@takes(status=204)
def delete(dashboard_id: str) -> ResponseReturnValue:
    """Removes a dashboard."""
    dashboards.delete(runtime(), dashboard_id)
    return "", 204


def _verdict(parse: Callable[[str], Any]) -> ResponseReturnValue:
    found: dict[str, Any] = {"index": 0, "outdated": False}
    try:
        parse(text_body())
    except Invalid as error:
        listed = ", ".join(str(v) for v in error.violations) or str(error)
        found["constraints"] = listed
        found["violations"] = [
            without_none({"path": v.path, "line": v.line, "column": v.column, "message": v.message})
            for v in error.violations
        ]
    return answer(found)


@bp.post("/validate")
@takes(body="yaml", gives="Verdict")
def validate() -> ResponseReturnValue:
    """The verdict on a dashboard; never an error for a wrong one."""
    return _verdict(parse_dashboard)


@bp.post("/validate/chart")
@takes(body="yaml", gives="Verdict")
def validate_chart() -> ResponseReturnValue:
    """The verdict on one chart."""
    return _verdict(parse_chart)


# -- data


def _text(data: dict[str, Any], name: str) -> str | None:
    value = data.get(name)
    if value is not None and not isinstance(value, str):
        raise Invalid(f"`{name}` must be a text")
    return value


def _whole(data: dict[str, Any], name: str) -> int | None:
    value = data.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        raise Invalid(f"`{name}` must be a whole number of at least 1")
    return value


def _asked(data: Any, window: TimeWindow) -> Asked:
    """What the body of a question narrows. Raises Invalid."""
    if not isinstance(data, dict):
        raise Invalid("the body must be a JSON object")
    given = data.get("filters") or []
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise Invalid("`filters` must be a list of {field, operation, value}")
    times = {name: _text(data, name) for name in ("startDate", "endDate", "timeRange")}
    where = [_filter("namespace", "PREFIX", value) for value in [_text(data, "namespace")] if value]
    for item in given:
        name, value = item.get("field"), item.get("value")
        if name in times:
            times[name] = _text(item, "value")
        elif name not in ("q", "scope"):
            where.append(_filter(str(name), str(item.get("operation", "EQUALS")), value))
    end = moment(times["endDate"], "endDate") if times["endDate"] else runtime().clock()
    length = _length(times["timeRange"]) or window.default
    start = moment(times["startDate"], "startDate") if times["startDate"] else earlier(end, length)
    if start > end:
        raise Invalid("`startDate` must not be after `endDate`")
    if end - start > window.max:
        raise Invalid(f"the range is longer than {format_duration(window.max)}")
    size = _whole(data, "pageSize")
    return Asked(start, end, tuple(where), _whole(data, "pageNumber") or 1, size)


def _length(text: str | None) -> timedelta | None:
    return parse_duration(text) if text else None


def _filter(name: str, operation: str, value: Any) -> Where:
    column = _FIELDS.get(name)
    if column is None:
        raise Invalid(f"cannot filter by {name[:40]!r}; known are {', '.join(_FIELDS)}")
    if name == "labels" and isinstance(value, dict):
        key, wanted = next(iter(value.items()), ("", None))
        return Where(type="EQUAL_TO", field=column, label_key=str(key), value=wanted)
    if operation == "PREFIX":
        inside = Where(type="STARTS_WITH", field=column, value=f"{value}.")
        return Where(type="OR", values=(Where(type="EQUAL_TO", field=column, value=value), inside))
    comparison = _COMPARISONS.get(operation)
    if comparison is None:
        raise Invalid(f"`{name}` cannot be compared by {operation[:40]!r}")
    return Where.model_validate({"type": comparison, "field": column, "value": value})


@bp.post("/<dashboard_id>/charts/<chart_id>")
@takes(body="json:ChartRequest", gives="Page<object>")
def chart(dashboard_id: str, chart_id: str) -> ResponseReturnValue:
    """The data of a chart."""
    kept = dashboards.get(runtime(), dashboard_id)
    found = next((c for c in kept.parsed.charts if c.id == chart_id), None)
    if found is None:
        raise NotFound(f"no chart {chart_id[:100]!r} in dashboard {dashboard_id[:100]!r}")
    asked = _asked(json_body() or {}, kept.parsed.time_window)
    data = charts.data_of(runtime(), found, asked, current_caller())
    return answer({"results": data.rows, "total": data.total})


def _previewed() -> tuple[Chart, Asked]:
    data = json_map("chart")
    found, _ = parse_chart(data["chart"])
    return found, _asked(data.get("globalFilter") or {}, TimeWindow())


@bp.post("/charts/preview")
@takes(body="json:ChartPreview", gives="Page<object>")
def preview() -> ResponseReturnValue:
    """The data of a chart that is not saved."""
    data = charts.data_of(runtime(), *_previewed(), current_caller())
    return answer({"results": data.rows, "total": data.total})


@bp.post("/charts/export")
@bp.post("/charts/export/to-csv")
@takes(body="json:ChartPreview", gives="text/csv")
def export() -> ResponseReturnValue:
    """The same as CSV."""
    found, asked = _previewed()
    rows = charts.data_of(runtime(), found, asked, current_caller()).rows
    header = list(found.data.named()) if found.data is not None else ["value"]
    lines = csv_lines(header, [[row.get(name) for name in header] for row in rows])
    return attachment(lines, f"{found.id}.csv", "text/csv")
