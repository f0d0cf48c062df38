"""Routes of what Home and the list of flows show at a glance (ours)."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.api import wire
from app.api.auth import current_caller
from app.api.describe import takes
from app.api.permissions import narrowed
from app.api.web import answer, json_maps, moment, number, runtime, wire_moment, without_none
from app.model.filter import Group
from app.service import glances
from app.service.glances import Failing
from app.service.kept import Shown
from app.service.search import Wanted

bp = Blueprint("glances", __name__)
DEFAULT_RUNS = 20


@bp.post("/executions/strips")
@takes("runs", body="json:IdWithNamespace[]", gives="RunStrip[]")
def strips() -> ResponseReturnValue:
    """The last executions of each flow, the newest first: 20, or `runs` up to 50."""
    places = [(item["namespace"], item["id"]) for item in json_maps("namespace", "id")]
    wanted = number("runs")
    found = glances.strips(runtime(), places, DEFAULT_RUNS if wanted is None else wanted)
    return answer(
        [
            {"namespace": namespace, "flowId": flow_id, "runs": [_run(row) for row in rows]}
            for namespace, flow_id, rows in found
        ]
    )


def _run(row: Any) -> dict[str, Any]:
    return without_none(
        {
            "id": row.id,
            "state": row.state,
            "startDate": wire_moment(row.created_at),
            "seconds": row.duration_us / 1e6 if row.duration_us is not None else None,
        }
    )


@bp.get("/executions/failing")
@takes("startDate", gives="FailingFlow[]")
def failing() -> ResponseReturnValue:
    """Flows whose latest ended execution failed, by default of the last 24 hours.

    Each with the execution, since when it has been failing, and the last line of its errors.
    """
    given = request.args.get("startDate")
    rt = runtime()
    start = moment(given, "startDate") if given else rt.clock() - timedelta(days=1)
    where = narrowed(current_caller(), "glances.failing", Group())
    return answer([_failing(item) for item in glances.failing(rt, Wanted(where=where), start)])


def _failing(item: Failing) -> dict[str, Any]:
    rt = runtime()
    return without_none(
        {
            "execution": wire.light(item.execution, rt.clock(), Shown(rt, 0)),
            "since": wire_moment(item.since),
            "failures": item.failures,
            "taskId": item.task_id,
            "error": item.error,
        }
    )
