"""Routes of the queues: what waits in each, and which are paused."""

from typing import Any

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from app.api.describe import takes
from app.api.web import paged, runtime, wire_moment, without_none
from app.errors import NotFound
from app.service import queue_pauses
from app.service import queues as queue_service

bp = Blueprint("queues", __name__)


@bp.get("/instance/queues")
@takes("page size", gives="Page<WorkQueue>")
def find() -> ResponseReturnValue:
    """The queues with what waits and runs, by name, and which of them are paused."""
    return paged(queue_service.list_queues(runtime()), _shown)


def _shown(queue: queue_service.Standing) -> dict[str, Any]:
    depth = queue.depth
    steps = None
    if depth is not None and depth.background is not None:
        steps = {"normal": depth.total - depth.background, "background": depth.background}
    optional = {"pausedSince": wire_moment(queue.paused_since)}
    return {
        "name": queue.name,
        "waiting": queue.waiting,
        "running": queue.running,
        "oldestSeconds": round(queue.oldest_s, 1),
        "depth": depth.total if depth is not None else None,
        "depthByPriority": steps,
        "canBePaused": queue.can_be_paused,
        "begunPerMinute": queue.begun_per_minute,
        **without_none(optional),
    }


@bp.put("/instance/queues/paused/<name>")
@takes(status=204)
def pause(name: str) -> ResponseReturnValue:
    """Pauses a queue: within 5 s no worker begins anything of it; what runs goes on.

    What waits in it waits on, whatever is restarted. 422 for `engine` and `git`, and queues of
    workers with tags that are named after them.
    """
    queue_pauses.pause(runtime(), name)
    return Response(status=204)


@bp.delete("/instance/queues/paused/<name>")
@takes(status=204)
def resume(name: str) -> ResponseReturnValue:
    """Lets workers take from a paused queue again, within 5 s."""
    if not queue_pauses.resume(runtime(), name):
        raise NotFound(f"the queue {name[:100]!r} is not paused")
    return Response(status=204)
