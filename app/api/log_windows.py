"""Routes that read the log of an execution in parts (UI 6)."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.api import wire
from app.api.web import answer, runtime
from app.database.log_windows import LinesFilter
from app.database.logs import LEVELS
from app.errors import Invalid
from app.service import executions, log_windows

bp = Blueprint("log_windows", __name__)


def _number(name: str, default: int | None) -> int | None:
    text = request.args.get(name)
    if text is None or text == "":
        return default
    if not text.isdecimal() or len(text) > 9:
        raise Invalid(f"`{name}` must be a number from 0, not {text[:20]!r}")
    return int(text)


def _wanted(execution_id: str) -> LinesFilter:
    executions.get(runtime(), execution_id)
    level = request.args.get("minLevel", "TRACE").upper()
    if level not in LEVELS:
        raise Invalid(f"`minLevel` must be one of {', '.join(LEVELS)}")
    return LinesFilter(
        execution_id=execution_id,
        least_level=LEVELS.index(level),
        task_id=request.args.get("taskId") or None,
        task_run_id=request.args.get("taskRunId") or None,
        attempt=_number("attempt", None),
        text=request.args.get("q") or None,
    )


@bp.get("/logs/<execution_id>/lines")
def lines(execution_id: str) -> ResponseReturnValue:
    """Some lines from a number on, counted in the filtered order."""
    start, count = _number("from", 0) or 0, _number("count", 1_000) or 0
    total, rows = log_windows.read_window(runtime(), _wanted(execution_id), start, count)
    found = [wire.log_line(row) for row in rows]
    return answer({"total": total, "from": start, "lines": found})


@bp.get("/logs/<execution_id>/summary")
def summary(execution_id: str) -> ResponseReturnValue:
    """How many lines there are, by level and task run."""
    executions.get(runtime(), execution_id)
    return answer(log_windows.summarise(runtime(), execution_id))


@bp.get("/logs/<execution_id>/matches")
def matches(execution_id: str) -> ResponseReturnValue:
    """The numbers of the lines that hold a text, among those that the other filters leave."""
    text = request.args.get("text", "")
    if not text:
        raise Invalid("`text` must not be empty")
    start, count = _number("from", 0) or 0, _number("count", 1_000) or 0
    wanted = _wanted(execution_id)
    total, numbers = log_windows.find_places(runtime(), wanted, text, start, count)
    return answer({"total": total, "from": start, "lines": numbers})
