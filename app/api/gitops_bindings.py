"""Routes of bindings: settings, plans and syncs, pins, ownership, history."""

from typing import Any

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from app.api import gitops_wire as wire
from app.api.auth import current_caller
from app.api.web import answer, flag, json_body, runtime, wire_moment
from app.errors import Invalid
from app.service.gitops import bindings, overview, pins, sources
from app.service.gitops.models import NewBinding, read

bp = Blueprint("gitops_bindings", __name__, url_prefix="/gitops")


@bp.get("/bindings")
def list_bindings() -> ResponseReturnValue:
    """Every binding."""
    found = [row for _, rows in sources.list_all(runtime()) for row in rows]
    return answer({"results": [wire.binding(row) for row in found], "total": len(found)})


@bp.post("/bindings")
def add_binding() -> ResponseReturnValue:
    """Binds a folder of the source that the body names."""
    data = json_body()
    if not isinstance(data, dict) or not isinstance(data.get("source"), str):
        raise Invalid("`source` names the Git source")
    name = data.pop("source")
    return answer(wire.binding(sources.bind(runtime(), name, read(data, NewBinding))))


@bp.get("/bindings/<binding>")
def get_binding(binding: str) -> ResponseReturnValue:
    """One binding, by id or name."""
    return answer(wire.binding(bindings.find(runtime(), binding)))


@bp.put("/bindings/<binding>")
def change_binding(binding: str) -> ResponseReturnValue:
    """Replaces the settings of a binding."""
    return answer(wire.binding(bindings.change(runtime(), binding, read(json_body(), NewBinding))))


@bp.delete("/bindings/<binding>")
def delete_binding(binding: str) -> ResponseReturnValue:
    """Forgets a binding; what it owns stays, unless `cascade=true`."""
    bindings.remove(runtime(), binding, cascade=flag("cascade"))
    return Response(status=204)


@bp.post("/bindings/<binding>/<any(plan, sync):what>")
def ask(binding: str, what: str) -> ResponseReturnValue:
    """A plan (what a sync would do) or a sync, done by a worker; the answer waits for its end."""
    actor = current_caller().username
    sync_id = sources.ask_sync(runtime(), binding, actor=actor, is_plan=what == "plan")
    if flag("wait", default=True):
        wire.wait(lambda: overview.sync(runtime(), sync_id).ended_at is not None)
    row = overview.sync(runtime(), sync_id)
    return answer(wire.sync(row), 200 if row.ended_at is not None else 202)


@bp.get("/bindings/<binding>/diff")
def diff(binding: str) -> ResponseReturnValue:
    """What a sync would change, as one unified diff."""
    actor = current_caller().username
    sync_id = sources.ask_sync(runtime(), binding, actor=actor, is_plan=True)
    wire.wait(lambda: overview.sync(runtime(), sync_id).ended_at is not None)
    items = overview.sync(runtime(), sync_id).items
    return Response("".join(item.get("diff") or "" for item in items), mimetype="text/x-diff")


@bp.post("/bindings/<binding>/<any(suspend, resume):what>")
def suspend(binding: str, what: str) -> ResponseReturnValue:
    """Stops or continues applying what the folder holds."""
    return answer(wire.binding(bindings.suspend(runtime(), binding, suspended=what == "suspend")))


@bp.post("/bindings/<binding>/pin")
def pin(binding: str) -> ResponseReturnValue:
    """Holds a binding at a commit: `{sha, reason, autoUnpin}`."""
    data = json_body()
    if not isinstance(data, dict) or not isinstance(data.get("sha"), str):
        raise Invalid("`sha` names the commit")
    reason, auto = data.get("reason", ""), data.get("autoUnpin", False)
    if not isinstance(reason, str) or not isinstance(auto, bool):
        raise Invalid("`reason` is a text, `autoUnpin` true or false")
    actor = current_caller().username
    row = pins.pin(runtime(), binding, data["sha"], actor=actor, reason=reason, auto_unpin=auto)
    return answer(wire.binding(row))


@bp.post("/bindings/<binding>/unpin")
def unpin(binding: str) -> ResponseReturnValue:
    """Lets a binding follow its source again."""
    return answer(wire.binding(pins.unpin(runtime(), binding)))


@bp.post("/bindings/<binding>/release")
def release(binding: str) -> ResponseReturnValue:
    """Gives up the ownership of `{keys}`, of everything (and suspends) without them."""
    count = bindings.release(runtime(), binding, bindings.read_keys(json_body()))
    return answer({"count": count})


@bp.post("/bindings/<binding>/<any(adopt, take):what>")
def take(binding: str, what: str) -> ResponseReturnValue:
    """Git wins for `{keys}`: foreign resources are adopted, edited ones are set back."""
    bindings.take(runtime(), binding, bindings.read_keys(json_body()))
    return answer(wire.binding(bindings.find(runtime(), binding)), 202)


@bp.get("/bindings/<binding>/resources")
def resources(binding: str) -> ResponseReturnValue:
    """What a binding owns."""
    rows = overview.resources(runtime(), binding)
    names = ("kind", "key", "path", "blob", "hash", "commit", "revision", "state")
    found = [{name: row._mapping[name] for name in names} for row in rows]
    return answer({"results": found, "total": len(found)})


@bp.get("/bindings/<binding>/history")
def history(binding: str) -> ResponseReturnValue:
    """A binding's syncs, the newest first."""
    rows = overview.history(runtime(), binding)
    return answer({"results": [wire.sync(row) for row in rows], "total": len(rows)})


@bp.get("/bindings/<binding>/pulls")
def pulls(binding: str) -> ResponseReturnValue:
    """The pull requests against a binding."""
    found: list[dict[str, Any]] = [
        {
            "number": row.number,
            "sha": row.sha,
            "sourceRef": row.source_ref,
            "isFork": row.is_fork,
            "isOpen": row.is_open,
            "planned": row.planned_sha == row.sha,
            "updatedAt": wire_moment(row.updated_at),
        }
        for row in overview.pulls(runtime(), binding)
    ]
    return answer({"results": found, "total": len(found)})


@bp.get("/<any(syncs, plans):what>/<sync_id>")
def get_sync(what: str, sync_id: str) -> ResponseReturnValue:
    """One sync or plan."""
    return answer(wire.sync(overview.sync(runtime(), sync_id)))


@bp.post("/<any(syncs, plans):what>/<sync_id>/approve")
def approve(what: str, sync_id: str) -> ResponseReturnValue:
    """Lets a sync that waits for its approval go on."""
    return answer(wire.sync(overview.approve(runtime(), sync_id, current_caller().username)))
