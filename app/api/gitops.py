"""Routes of GitOps: sources, bindings, their plans and history, webhook endpoints."""

import time
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from pydantic.alias_generators import to_camel
from sqlalchemy import Row

from app.api.auth import current_caller
from app.api.web import answer, flag, json_body, runtime, wire_moment, without_none
from app.errors import BadRequest, TooLarge
from app.service.gitops import hooks, overview, sources
from app.service.gitops.hooks import NewEndpoint
from app.service.gitops.sources import NewBinding, NewSource

bp = Blueprint("gitops", __name__, url_prefix="/gitops")
LONGEST_WAIT_S = 120.0


def _source(row: Row[Any], bindings: list[Row[Any]]) -> dict[str, Any]:
    auth = {to_camel(k): v for k, v in row.auth.items() if v}
    return without_none(
        {
            "id": row.id,
            "name": row.name,
            "url": row.url,
            "ref": row.ref,
            "pollInterval": row.poll_interval_s,
            "auth": auth or None,
            "suspended": row.suspended,
            "seenSha": row.seen_sha,
            "appliedSha": row.applied_sha,
            "fetchedAt": wire_moment(row.fetched_at),
            "nextPollAt": wire_moment(row.next_poll_at),
            "failCount": row.fail_count,
            "lastError": row.last_error,
            "working": row.requested > row.handled,
            "bindings": [_binding(binding) for binding in bindings],
        }
    )


def _binding(row: Row[Any]) -> dict[str, Any]:
    return without_none(
        {
            "id": row.id,
            "sourceId": row.source_id,
            "path": row.path,
            "namespace": row.namespace,
            "layout": row.layout,
            "policy": {to_camel(k): v for k, v in row.policy.items()},
            "appliedSha": row.applied_sha,
            "sync": row.sync_state,
            "health": row.health,
            "problems": row.problems,
        }
    )


def _sync(row: Row[Any]) -> dict[str, Any]:
    return without_none(
        {
            "id": row.id,
            "bindingId": row.binding_id,
            "status": row.status,
            "reason": row.reason,
            "actor": row.actor,
            "fromSha": row.from_sha,
            "toSha": row.to_sha,
            "author": row.author,
            "message": row.message,
            "counts": row.counts,
            "items": row.items,
            "error": row.error,
            "createdAt": wire_moment(row.created_at),
            "endedAt": wire_moment(row.ended_at),
        }
    )


@bp.get("/sources")
def list_sources() -> ResponseReturnValue:
    """Every source with its bindings."""
    found = sources.list_all(runtime())
    return answer({"results": [_source(*pair) for pair in found], "total": len(found)})


@bp.post("/sources")
def add_source() -> ResponseReturnValue:
    """Registers a source, with its first binding when the body has one."""
    row = sources.add(runtime(), sources.read(json_body(), NewSource))
    return answer(_source(*overview.source(runtime(), row.id)))


@bp.get("/sources/<source>")
def get_source(source: str) -> ResponseReturnValue:
    """One source, by id or name."""
    return answer(_source(*overview.source(runtime(), source)))


@bp.delete("/sources/<source>")
def delete_source(source: str) -> ResponseReturnValue:
    """Forgets a source; its flows stay."""
    sources.remove(runtime(), source)
    return Response(status=204)


@bp.post("/sources/<source>/fetch")
def fetch(source: str) -> ResponseReturnValue:
    """Asks for a look at the remote; with `wait=true` the answer comes when it was worked on."""
    row = sources.ask_fetch(runtime(), source)
    if flag("wait"):
        _wait(lambda: overview.is_idle(runtime(), row.id))
    return answer(_source(*overview.source(runtime(), row.id)), 200 if flag("wait") else 202)


@bp.post("/sources/<source>/<any(suspend, resume):what>")
def suspend(source: str, what: str) -> ResponseReturnValue:
    """Stops or continues following a source."""
    sources.suspend(runtime(), source, suspended=what == "suspend")
    return answer(_source(*overview.source(runtime(), source)))


@bp.post("/sources/<source>/bindings")
def add_binding(source: str) -> ResponseReturnValue:
    """Binds a further folder of a source."""
    return answer(_binding(sources.bind(runtime(), source, sources.read(json_body(), NewBinding))))


@bp.get("/bindings")
def list_bindings() -> ResponseReturnValue:
    """Every binding."""
    found = [b for _, bindings in sources.list_all(runtime()) for b in bindings]
    return answer({"results": [_binding(row) for row in found], "total": len(found)})


@bp.get("/bindings/<binding>")
def get_binding(binding: str) -> ResponseReturnValue:
    """One binding."""
    return answer(_binding(sources.find_binding(runtime(), binding)))


@bp.post("/bindings/<binding>/<any(plan, sync):what>")
def ask(binding: str, what: str) -> ResponseReturnValue:
    """A plan (what a sync would do) or a sync, done by a worker; the answer waits for its end."""
    actor = current_caller().username
    sync_id = sources.ask_sync(runtime(), binding, actor=actor, is_plan=what == "plan")
    if flag("wait", default=True):
        _wait(lambda: overview.sync(runtime(), sync_id).ended_at is not None)
    row = overview.sync(runtime(), sync_id)
    return answer(_sync(row), 200 if row.ended_at is not None else 202)


@bp.get("/bindings/<binding>/resources")
def resources(binding: str) -> ResponseReturnValue:
    """What a binding owns."""
    rows = overview.resources(runtime(), binding)
    names = ("kind", "key", "path", "blob", "hash", "commit")
    found = [{name: row._mapping[name] for name in names} for row in rows]
    return answer({"results": found, "total": len(found)})


@bp.get("/bindings/<binding>/history")
def history(binding: str) -> ResponseReturnValue:
    """A binding's syncs, the newest first."""
    rows = overview.history(runtime(), binding)
    return answer({"results": [_sync(row) for row in rows], "total": len(rows)})


@bp.get("/syncs/<sync_id>")
def get_sync(sync_id: str) -> ResponseReturnValue:
    """One sync or plan."""
    return answer(_sync(overview.sync(runtime(), sync_id)))


# -- webhooks


@bp.get("/webhooks")
def list_endpoints() -> ResponseReturnValue:
    """Every endpoint, without token and secret."""
    rows = hooks.list_endpoints(runtime())
    found = [
        {
            "id": row.id,
            "name": row.name,
            "allowUnsigned": row.allow_unsigned,
            "createdAt": wire_moment(row.created_at),
        }
        for row in rows
    ]
    return answer({"results": found, "total": len(found)})


@bp.post("/webhooks")
def open_endpoint() -> ResponseReturnValue:
    """Opens an endpoint; its address and secret are shown this once."""
    made = hooks.open_endpoint(runtime(), sources.read(json_body() or {}, NewEndpoint))
    base = runtime().settings.url.rstrip("/")
    path = f"/api/v1/main/gitops/webhooks/{made.token}"
    return answer(
        without_none(
            {"id": made.id, "token": made.token, "url": base + path, "secret": made.secret}
        )
    )


@bp.delete("/webhooks/<endpoint>")
def close_endpoint(endpoint: str) -> ResponseReturnValue:
    """Closes an endpoint, by its id."""
    hooks.close_endpoint(runtime(), endpoint)
    return Response(status=204)


@bp.get("/deliveries")
def deliveries() -> ResponseReturnValue:
    """The latest deliveries."""
    found = [
        {
            "endpointId": row.endpoint_id,
            "deliveryId": row.delivery_id,
            "provider": row.provider,
            "event": row.event,
            "pushes": row.pushes,
            "matched": row.matched,
            "receivedAt": wire_moment(row.received_at),
        }
        for row in hooks.list_deliveries(runtime())
    ]
    return answer({"results": found, "total": len(found)})


@bp.post("/webhooks/<token>")
def deliver(token: str) -> ResponseReturnValue:
    """Open: a Git host delivers. 202 when sources were woken, 200 for all that needs nothing."""
    endpoint = hooks.find_endpoint(runtime(), token)
    kind = request.mimetype
    if kind and kind not in ("application/json", "application/x-www-form-urlencoded"):
        raise BadRequest(f"a delivery is JSON or a form, not {kind[:60]!r}")
    body = request.stream.read(hooks.MOST_BODY_BYTES + 1)
    if len(body) > hooks.MOST_BODY_BYTES:
        raise TooLarge(f"the delivery is larger than {hooks.MOST_BODY_BYTES} bytes")
    done = hooks.deliver(runtime(), endpoint, dict(request.headers), body)
    shown = {"deliveryId": done.delivery_id, "matchedBindings": list(done.matched)}
    return answer(shown, 202 if done.is_new and done.matched else 200)


def _wait(is_done: Any) -> None:
    """Until a worker has done it, or the time is over."""
    ends = time.monotonic() + LONGEST_WAIT_S
    while not is_done() and time.monotonic() < ends:
        time.sleep(0.1)
