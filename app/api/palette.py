"""Routes of our UI: the palette, the run grid of a flow."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.api.auth import current_caller
from app.api.describe import takes
from app.api.web import answer, moment, number, runtime, wire_moment, without_none
from app.errors import BadRequest
from app.service import grids, palette

bp = Blueprint("palette", __name__)
DEFAULT_RUNS = 25


@bp.get("/search")
@takes("q kinds page size", gives="Page<object>", also=(400,))
def find() -> ResponseReturnValue:
    """What has a name that holds a text, of each kind at most `size` (8, at most 2,000).

    Kinds: flow, execution, namespace, plugin (a type), file, resource (what Git owns).
    """
    text = request.args.get("q", "").strip()[:200]
    given = ",".join(request.args.getlist("kinds"))
    kinds = frozenset(part.strip() for part in given.split(",") if part.strip())
    unknown = sorted(kinds - set(palette.KINDS))
    if unknown:
        raise BadRequest(f"`kinds`: {unknown[0][:40]!r} is none of {', '.join(palette.KINDS)}")
    size = min(max(number("size") or palette.MOST_EACH, 1), palette.MOST_NAMES)
    question = palette.Question(text, current_caller(), max(number("page") or 1, 1), size)
    found = palette.find(runtime(), question, kinds or frozenset(palette.KINDS))
    results = [
        without_none({"kind": h.kind, "id": h.id, "namespace": h.namespace, "title": h.title})
        for h in found
    ]
    return answer({"results": results, "total": len(results)})


@bp.get("/flows/<namespace>/<flow_id>/grid")
@takes("runs before", gives="RunGrid")
def grid(namespace: str, flow_id: str) -> ResponseReturnValue:
    """The last executions side by side: `states[task][run]`, empty where the task did not run."""
    wanted = number("runs")
    before = request.args.get("before")
    found = grids.of_flow(
        runtime(),
        namespace,
        flow_id,
        runs=DEFAULT_RUNS if wanted is None else max(wanted, 1),
        before=moment(before, "before") if before else None,
    )
    nothing = ("", 0)
    cells = [
        [found.cells.get((task_id, run.id), nothing) for run in found.runs]
        for task_id, _ in found.tasks
    ]
    runs = [
        without_none(
            {
                "id": run.id,
                "state": run.state,
                "revision": run.revision,
                "startDate": wire_moment(run.created_at),
                "endDate": wire_moment(run.ended_at),
            }
        )
        for run in found.runs
    ]
    return answer(
        {
            "tasks": [{"id": task_id, "type": kind} for task_id, kind in found.tasks],
            "runs": runs,
            "states": [[state for state, _ in row] for row in cells],
            "counts": [[count for _, count in row] for row in cells],
        }
    )
