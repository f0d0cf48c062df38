"""Routes of logs."""

import json
import time
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, request, stream_with_context
from flask.typing import ResponseReturnValue

from app.api import wire
from app.api.web import answer, bracket_filters, page, runtime
from app.model.state import State
from app.service import executions, search

bp = Blueprint("logs", __name__)
_NAMES = {"minLevel": "level", "taskRunId": "task_run_id", "taskId": "task_id",
          "namespace": "namespace", "flowId": "flow_id", "triggerId": "trigger_id",
          "q": "text", "level": "level", "executionId": "execution_id",
          "attempt": "attempt", "attemptNumber": "attempt"}  # fmt: skip


def _wanted(**more: Any) -> dict[str, Any]:
    found: dict[str, Any] = {_NAMES[k]: v for k, v in request.args.items() if k in _NAMES and v}
    for field, _, _, value in bracket_filters():
        if field in _NAMES:
            found[_NAMES[field]] = value
    if "attempt" in found:
        found["attempt"] = int(found["attempt"]) if str(found["attempt"]).isdecimal() else -1
    return found | more


@bp.get("/logs/search")
def find() -> ResponseReturnValue:
    """A page of lines, the newest first unless sorted otherwise."""
    number, size = page()
    wanted = _wanted()
    newest = "timestamp:asc" not in request.args.getlist("sort")
    rows = search.list_logs(
        runtime(), wanted, limit=size, offset=(number - 1) * size, newest_first=newest
    )
    total = search.count_logs(runtime(), wanted)
    results = [wire.log_line(row) for row in rows]
    return answer({"results": results, "total": total, "type": "OFFSET"})


@bp.get("/logs/<execution_id>")
def of_execution(execution_id: str) -> ResponseReturnValue:
    """The lines of an execution, in order."""
    rows = search.list_logs(runtime(), _wanted(execution_id=execution_id), limit=200_000)
    return answer([wire.log_line(row) for row in rows])


@bp.get("/logs/<execution_id>/download")
def download(execution_id: str) -> ResponseReturnValue:
    """The lines as a text file."""
    rows = search.list_logs(runtime(), _wanted(execution_id=execution_id), limit=1_000_000)
    lines = []
    for row in rows:
        line = wire.log_line(row)
        lines.append(f"{line['timestamp']} {line['level']} {line['message']}\n")
    headers = {"Content-Disposition": f'attachment; filename="{execution_id}.log"'}
    return Response("".join(lines), mimetype="text/plain", headers=headers)


@bp.delete("/logs/<execution_id>")
def delete(execution_id: str) -> ResponseReturnValue:
    """Removes lines of an execution."""
    return answer({"count": search.drop_logs(runtime(), _wanted(execution_id=execution_id))})


@bp.get("/logs/<execution_id>/follow")
def follow(execution_id: str) -> ResponseReturnValue:
    """Server-sent events: each line once, until the execution has ended."""
    wanted = _wanted(execution_id=execution_id)
    executions.get(runtime(), execution_id)

    def frames() -> Iterator[str]:
        last, spoke = -1, time.monotonic()
        while True:
            ended = State(executions.get(runtime(), execution_id).state).is_terminated
            rows = search.list_logs(runtime(), wanted | {"after_n": last}, limit=5000)
            for row in sorted(rows, key=lambda row: row.n):
                last, spoke = row.n, time.monotonic()
                yield f"id: progress\ndata: {json.dumps(wire.log_line(row))}\n\n"
            if ended and not rows:
                return
            if time.monotonic() - spoke > 15:
                spoke = time.monotonic()
                yield ": alive\n\n"
            time.sleep(0.25)

    return Response(stream_with_context(frames()), mimetype="text/event-stream")
