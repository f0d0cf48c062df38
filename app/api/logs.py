"""Routes of logs."""

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from app.api import filters, wire
from app.api.describe import takes
from app.api.web import answer, attachment, flag, needed, number, page, runtime, sort
from app.errors import BadRequest, Invalid
from app.model.filter import LOGS
from app.service import downloads, histograms, log_windows, search
from app.service.log_windows import Find
from app.telemetry.plain import plain

bp = Blueprint("logs", __name__)
MOST_LINES = 200_000
_FLAT = "minLevel taskRunId taskId attempt"
_FIND = " q regex caseSensitive"


def _wanted(execution_id: str | None = None) -> dict[str, Any]:
    return {"execution_id": execution_id, "where": filters.read(LOGS)}


@bp.get("/logs/search")
@takes("page size sort cursor", filters=LOGS, gives="LogPage", also=(400,))
def find() -> ResponseReturnValue:
    """A page of lines, the newest first unless sorted otherwise."""
    at, size = page()
    wanted = _wanted()
    newest = True
    for name, down in sort():
        if name != "timestamp":
            raise BadRequest(f"cannot sort logs by {name[:40]!r}")
        newest = down
    rows, total = search.page_of_logs(runtime(), wanted, page=at, size=size, newest_first=newest)
    results = [wire.log_line(row) for row in rows]
    return answer({"results": results, "total": total, "type": "OFFSET"})


@bp.get("/logs/histogram")
@takes("bars", filters=LOGS, gives="Histogram", also=(400,))
def histogram() -> ResponseReturnValue:
    """Counts of lines by level in bars of time; the last day where no range is asked for."""
    found = histograms.of_logs(runtime(), filters.read(LOGS), number("bars") or 60)
    return answer(wire.histogram(found))


@bp.get("/logs/<execution_id>")
@takes(_FLAT, filters=LOGS, gives="LogEntry[]", also=(400,))
def of_execution(execution_id: str) -> ResponseReturnValue:
    """The lines of an execution, in order."""
    rows = search.list_logs(runtime(), _wanted(execution_id), limit=MOST_LINES)
    values = search.values_of(runtime(), rows)
    return answer([wire.log_line(row, values) for row in rows])


@bp.get("/logs/<execution_id>/download")
@takes(_FLAT + _FIND, filters=LOGS, gives="text/plain", also=(400,))
def download(execution_id: str) -> ResponseReturnValue:
    """The lines as a text file; `q` and `regex` narrow them too."""
    rows = downloads.log_lines(runtime(), _unsearched(execution_id), _looked_for())
    return attachment(map(_plain_line, rows), f"{execution_id}.log", "text/plain")


def _plain_line(row: Row[Any]) -> str:
    line = wire.log_line(row)
    return f"{line['timestamp']} {line['level']} {plain(line['message'])}\n"


@bp.get("/logs/<execution_id>/lines")
@takes(_FLAT + " from count" + _FIND, filters=LOGS, gives="LogWindow", also=(400,))
def window(execution_id: str) -> ResponseReturnValue:
    """A window of the filtered lines, by their number in it; `q` and `regex` narrow them too."""
    start, count = number("from") or 0, number("count")
    if count is not None and count > log_windows.MOST:
        raise Invalid(f"`count` must be at most {log_windows.MOST}")
    total, rows = log_windows.window(
        runtime(),
        _unsearched(execution_id),
        start=start,
        count=500 if count is None else count,
        find=_looked_for(),
    )
    lines = [wire.log_line(row) for row in rows]
    return answer({"total": total, "from": start, "lines": lines})


def _unsearched(execution_id: str) -> dict[str, Any]:
    """The lines of an execution without regard to `q`, which looks at messages only here."""
    return {"execution_id": execution_id, "where": filters.without(filters.read(LOGS), "q")}


def _looked_for() -> Find | None:
    """What `q` or `regex` asks for, None without either. Raises BadRequest for both."""
    text, pattern = request.args.get("q"), request.args.get("regex")
    if text and pattern:
        raise BadRequest("give `q` or `regex`, not both")
    if pattern:
        return Find(text=pattern, is_pattern=True, is_exact=flag("caseSensitive", True))
    return Find(text=text, is_exact=flag("caseSensitive")) if text else None


@bp.get("/logs/<execution_id>/summary")
@takes(_FLAT, filters=LOGS, gives="object", also=(400,))
def summary(execution_id: str) -> ResponseReturnValue:
    """How many lines there are, by level and by task run."""
    by_level, by_run = log_windows.summary(runtime(), _wanted(execution_id))
    total = sum(by_level.values())
    return answer({"total": total, "levels": by_level, "taskRuns": by_run})


@bp.get("/logs/<execution_id>/matches")
@takes(_FLAT + " errors after before from count" + _FIND, filters=LOGS, gives="object", also=(400,))
def matches(execution_id: str) -> ResponseReturnValue:
    """The numbers of the lines that hold `q` or fit `regex`, or of the errors, among all.

    Of the errors, `after` or `before` a line gives those from there on, the nearest first.
    """
    wanted = _unsearched(execution_id)
    start, count = number("from") or 0, min(number("count") or 1000, log_windows.MOST)
    if flag("errors"):
        near = {name: number(name) for name in ("after", "before")}
        total, found = log_windows.errors(runtime(), wanted, start=start, count=count, **near)
        return answer({"total": total, "from": start, "lines": found})
    find = _looked_for()
    if find is None:
        raise BadRequest("the parameter `q` is missing")
    total, found = log_windows.matches(runtime(), wanted, find, start=start, count=count)
    return answer({"total": total, "from": start, "lines": found})


@bp.delete("/logs/<execution_id>")
@takes(_FLAT, filters=LOGS, gives="Count", also=(400,))
def delete(execution_id: str) -> ResponseReturnValue:
    """Removes lines of an execution: all, or those that fit."""
    filters.check_overlooked(LOGS)
    return answer({"count": search.drop_logs(runtime(), _wanted(execution_id))})


@bp.delete("/logs/<namespace>/<flow_id>")
@takes("triggerId*", gives="Count", also=(400,))
def delete_of_trigger(namespace: str, flow_id: str) -> ResponseReturnValue:
    """Removes the lines of a trigger."""
    wanted = {"flow_id": flow_id, "exact_namespace": namespace, "trigger_id": needed("triggerId")}
    return answer({"count": search.drop_logs(runtime(), wanted)})
