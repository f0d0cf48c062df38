"""Routes of bindings: settings, plans and syncs, pins, ownership, history."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from app.api import gitops_wire as wire
from app.api.auditing import add_change, add_detail
from app.api.auth import current_caller
from app.api.describe import takes
from app.api.short_lists import page_of
from app.api.web import answer, flag, json_body, runtime, wire_moment
from app.errors import Invalid
from app.gitops.plan import Key
from app.service.gitops import bindings, ignoring, overview, pins, sources
from app.service.gitops.models import BindingOfSource, NewBinding, NewPin, read

bp = Blueprint("gitops_bindings", __name__, url_prefix="/gitops")


@bp.get("/bindings")
@takes("page size sort q state", gives="Page<GitBinding>", also=(400,))
def list_bindings() -> ResponseReturnValue:
    """Bindings by name, of one `state` (`Drifted`) or all; without `size` up to 10,000."""
    rows, total = overview.bindings_page(runtime(), wire.wanted())
    return answer({"results": [wire.binding(row) for row in rows], "total": total})


@bp.post("/bindings")
@takes(body="json:BindingOfSource", gives="GitBinding")
def add_binding() -> ResponseReturnValue:
    """Binds a folder of the source that the body names."""
    new = read(json_body(), BindingOfSource)
    return answer(wire.binding(sources.bind(runtime(), new.source, new)))


@bp.get("/bindings/<binding>")
@takes(gives="GitBinding")
def get_binding(binding: str) -> ResponseReturnValue:
    """One binding, by id or name."""
    return answer(wire.binding(bindings.find(runtime(), binding)))


@bp.put("/bindings/<binding>")
@takes(body="json:NewBinding", gives="GitBinding")
def change_binding(binding: str) -> ResponseReturnValue:
    """Replaces the settings of a binding."""
    before = bindings.settings_of(bindings.find(runtime(), binding))
    changed = bindings.change(runtime(), binding, read(json_body(), NewBinding))
    add_change(
        before.model_dump(mode="json"), bindings.settings_of(changed).model_dump(mode="json")
    )
    return answer(wire.binding(changed))


@bp.delete("/bindings/<binding>")
@takes("cascade", status=204)
def delete_binding(binding: str) -> ResponseReturnValue:
    """Forgets a binding; what it owns stays, unless `cascade=true`."""
    bindings.remove(runtime(), binding, cascade=flag("cascade"))
    return Response(status=204)


@bp.post("/bindings/<binding>/plan")
@takes("wait", gives="GitSync", also=(202,))
def plan(binding: str) -> ResponseReturnValue:
    """What a sync would do, asked of a worker; the answer waits for its end."""
    actor = current_caller().username
    return _done(sources.ask_sync(runtime(), binding, actor=actor, is_plan=True))


@bp.post("/bindings/<binding>/sync")
@takes("wait", body="json:NewSync", gives="GitSync", also=(202,))
def sync(binding: str) -> ResponseReturnValue:
    """A sync, of the whole plan or of its `{keys}`, done by a worker; the answer waits for its end.

    A key that the plan does not change is refused with 422, and nothing is applied.
    """
    keys = bindings.read_part(json_body())
    if keys is not None:
        _tell_keys(keys)
    actor = current_caller().username
    return _done(sources.ask_sync(runtime(), binding, actor=actor, is_plan=False, keys=keys))


def _done(sync_id: str) -> ResponseReturnValue:
    """Raises Invalid for a part that is not in the plan."""
    if flag("wait", default=True):
        wire.wait(lambda: overview.sync(runtime(), sync_id).ended_at is not None)
    row = overview.sync(runtime(), sync_id)
    if row.status == "REFUSED":
        raise Invalid(row.error)
    return answer(wire.sync(row), 200 if row.ended_at is not None else 202)


@bp.get("/bindings/<binding>/diff")
@takes(gives="text/x-diff")
def diff(binding: str) -> ResponseReturnValue:
    """What a sync would change, as one unified diff."""
    actor = current_caller().username
    sync_id = sources.ask_sync(runtime(), binding, actor=actor, is_plan=True)
    wire.wait(lambda: overview.sync(runtime(), sync_id).ended_at is not None)
    items = wire.items_of(overview.sync(runtime(), sync_id))
    return Response("".join(item.get("diff") or "" for item in items), mimetype="text/x-diff")


@bp.post("/bindings/<binding>/<any(suspend, resume):what>")
@takes(gives="GitBinding")
def suspend(binding: str, what: str) -> ResponseReturnValue:
    """Stops or continues applying what the folder holds."""
    return answer(wire.binding(bindings.suspend(runtime(), binding, suspended=what == "suspend")))


@bp.post("/bindings/<binding>/pin")
@takes(body="json:NewPin", gives="GitBinding")
def pin(binding: str) -> ResponseReturnValue:
    """Holds a binding at a commit."""
    new = read(json_body(), NewPin)
    given = {"actor": current_caller().username, "reason": new.reason}
    row = pins.pin(runtime(), binding, new.sha, **given, auto_unpin=new.auto_unpin)
    return answer(wire.binding(row))


@bp.post("/bindings/<binding>/unpin")
@takes(gives="GitBinding")
def unpin(binding: str) -> ResponseReturnValue:
    """Lets a binding follow its source again."""
    return answer(wire.binding(pins.unpin(runtime(), binding)))


@bp.post("/bindings/<binding>/release")
@takes(body="json:Keys", gives="GitCount")
def release(binding: str) -> ResponseReturnValue:
    """Gives up the ownership of `{keys}`, of everything (and suspends) without them."""
    count = bindings.release(runtime(), binding, bindings.read_keys(json_body()))
    return answer({"count": count})


@bp.post("/bindings/<binding>/<any(adopt, take):what>")
@takes(body="json:Keys", gives="GitBinding", status=202)
def take(binding: str, what: str) -> ResponseReturnValue:
    """Git wins for `{keys}`: foreign resources are adopted, edited ones are set back."""
    bindings.take(runtime(), binding, bindings.read_keys(json_body()))
    return answer(wire.binding(bindings.find(runtime(), binding)), 202)


@bp.post("/bindings/<binding>/ignore")
@takes(body="json:NewIgnore", gives="GitBinding", status=202, also=(409,))
def ignore(binding: str) -> ResponseReturnValue:
    """Leaves what differs at `{keys}` now: no drift, not set back, not pruned, until it changes."""
    new = read(json_body() or {}, ignoring.NewIgnore)
    keys = [(one.kind, one.key) for one in new.keys]
    _tell_keys(keys, reason=new.reason)
    actor = current_caller().username
    ignoring.ignore(runtime(), binding, keys, actor=actor, reason=new.reason)
    return answer(wire.binding(bindings.find(runtime(), binding)), 202)


@bp.post("/bindings/<binding>/unignore")
@takes(body="json:Keys", gives="GitBinding", status=202, also=(409,))
def unignore(binding: str) -> ResponseReturnValue:
    """Ignores what differs at `{keys}` no more."""
    keys = bindings.read_keys(json_body())
    _tell_keys(keys)
    ignoring.stop(runtime(), binding, keys)
    return answer(wire.binding(bindings.find(runtime(), binding)), 202)


def _tell_keys(keys: Sequence[Key], **facts: str) -> None:
    """Notes in the audit line which resources a request is about."""
    add_detail(keys=[f"{kind.value} {key}" for kind, key in keys], **facts)


@bp.get("/bindings/<binding>/resources")
@takes("page size sort q state kind", gives="Page<GitResource>", also=(400,))
def resources(binding: str) -> ResponseReturnValue:
    """What a binding owns, of one `state` and `kind` or all; without `size` up to 10,000."""
    rows, total = overview.resources_page(runtime(), binding, wire.wanted())
    names = ("kind", "key", "path", "blob", "hash", "commit", "revision", "state")
    found = [
        {name: row._mapping[name] for name in names} | wire.ignored(row.ignored) for row in rows
    ]
    return answer({"results": found, "total": total})


@bp.get("/bindings/<binding>/history")
@takes("page size sort state", gives="Page<GitSync>", also=(400,))
def history(binding: str) -> ResponseReturnValue:
    """A binding's syncs, the newest first, without their differences; without `size` 100."""
    rows, total = overview.history_page(runtime(), binding, wire.wanted(wire.LATEST))
    return answer({"results": [wire.sync_line(row) for row in rows], "total": total})


@bp.get("/bindings/<binding>/pulls")
@takes("page size sort", gives="Page<GitPull>", also=(400,))
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
    return page_of(found, "number updatedAt")


@bp.get("/<any(syncs, plans):what>/<sync_id>")
@takes(gives="GitSync")
def get_sync(what: str, sync_id: str) -> ResponseReturnValue:
    """One sync or plan."""
    return answer(wire.sync(overview.sync(runtime(), sync_id)))


@bp.post("/<any(syncs, plans):what>/<sync_id>/approve")
@takes(gives="GitSync")
def approve(what: str, sync_id: str) -> ResponseReturnValue:
    """Lets a sync that waits for its approval go on."""
    return answer(wire.sync(overview.approve(runtime(), sync_id, current_caller().username)))
