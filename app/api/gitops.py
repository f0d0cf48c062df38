"""Routes of Git sources, of the endpoints that Git hosts call and of what they delivered."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from app.api import gitops_wire as wire
from app.api.auditing import add_change
from app.api.describe import takes
from app.api.short_lists import page_of
from app.api.web import answer, flag, json_body, runtime, wire_moment, without_none
from app.errors import BadRequest, TooLarge
from app.service.gitops import deliveries as kept
from app.service.gitops import hooks, overview, sources, trying
from app.service.gitops.hooks import NewEndpoint, NewSecret
from app.service.gitops.models import NewBinding, NewSource, read
from app.service.gitops.trying import Tried

bp = Blueprint("gitops", __name__, url_prefix="/gitops")


@bp.get("/sources")
@takes("page size sort q", gives="Page<GitSource>", also=(400,))
def list_sources() -> ResponseReturnValue:
    """Sources by name, each with its bindings; without `size` up to 10,000."""
    found, total = overview.sources_page(runtime(), wire.wanted())
    return answer({"results": [wire.source(*pair) for pair in found], "total": total})


@bp.post("/sources")
@takes(body="json:NewSource", gives="GitSource")
def add_source() -> ResponseReturnValue:
    """Registers a source, with its first binding when the body has one."""
    row = sources.add(runtime(), read(json_body(), NewSource))
    return answer(wire.source(*overview.source(runtime(), row.id)))


@bp.get("/sources/<source>")
@takes(gives="GitSource")
def get_source(source: str) -> ResponseReturnValue:
    """One source, by id or name."""
    return answer(wire.source(*overview.source(runtime(), source)))


@bp.delete("/sources/<source>")
@takes("cascade", status=204)
def delete_source(source: str) -> ResponseReturnValue:
    """Forgets a source; what it owns stays, unless `cascade=true`."""
    sources.remove(runtime(), source, cascade=flag("cascade"))
    return Response(status=204)


@bp.post("/sources/<source>/fetch")
@takes("wait", gives="GitSource", also=(202,))
def fetch(source: str) -> ResponseReturnValue:
    """Asks for a look at the remote; with `wait=true` the answer comes when it was worked on."""
    row = sources.ask_fetch(runtime(), source)
    if flag("wait"):
        wire.wait(lambda: overview.is_idle(runtime(), row.id))
    return answer(wire.source(*overview.source(runtime(), row.id)), 200 if flag("wait") else 202)


@bp.post("/sources/<source>/<any(suspend, resume):what>")
@takes(gives="GitSource")
def suspend(source: str, what: str) -> ResponseReturnValue:
    """Stops or continues following a source."""
    sources.suspend(runtime(), source, suspended=what == "suspend")
    return answer(wire.source(*overview.source(runtime(), source)))


@bp.post("/sources/test")
@takes(body="json:NewSource", gives="GitTried")
def try_source() -> ResponseReturnValue:
    """Asks a remote whether it answers: nothing is registered, `error` says why it does not."""
    new = read(json_body(), NewSource)
    return answer(_tried(trying.try_source(runtime(), new, with_files=True)))


@bp.get("/sources/<source>/branches")
@takes(gives="GitTried")
def branches(source: str) -> ResponseReturnValue:
    """The branches of a source's repository, up to 1,000, as the remote has them now."""
    return answer(_tried(trying.branches_of(runtime(), source)))


def _tried(found: Tried) -> dict[str, Any]:
    shown = {**asdict(found), "branches": list(found.branches)}
    shown["hostKey"] = shown.pop("host_key")
    return without_none(shown)


@bp.put("/sources/<source>")
@takes(body="json:NewSource", gives="GitSource")
def change_source(source: str) -> ResponseReturnValue:
    """Replaces the settings of a source."""
    data, row = json_body(), sources.find(runtime(), source)
    named = {"name": row.name, **data} if isinstance(data, dict) else data
    before = _settings(row)
    row = sources.change(runtime(), source, read(named, NewSource))
    add_change(before, _settings(row))
    return answer(wire.source(*overview.source(runtime(), row.id)))


def _settings(row: Row[Any]) -> dict[str, Any]:
    return sources.settings_of(row).model_dump(mode="json", by_alias=True)


@bp.post("/sources/<source>/bindings")
@takes(body="json:NewBinding", gives="GitBinding")
def add_binding(source: str) -> ResponseReturnValue:
    """Binds a further folder of a source."""
    return answer(wire.binding(sources.bind(runtime(), source, read(json_body(), NewBinding))))


# -- webhooks


@bp.get("/webhooks")
@takes("page size sort", gives="Page<GitEndpoint>", also=(400,))
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
    return page_of(found, "id name createdAt")


@bp.post("/webhooks")
@takes(body="json:NewEndpoint", gives="OpenedEndpoint")
def open_endpoint() -> ResponseReturnValue:
    """Opens an endpoint; its address and secret are shown this once."""
    data = json_body()
    made = hooks.open_endpoint(runtime(), read({} if data is None else data, NewEndpoint))
    base = runtime().settings.url.rstrip("/")
    path = f"/api/v1/main/gitops/webhooks/{made.token}"
    return answer(
        without_none(
            {"id": made.id, "token": made.token, "url": base + path, "secret": made.secret}
        )
    )


@bp.delete("/webhooks/<endpoint>")
@takes(status=204)
def close_endpoint(endpoint: str) -> ResponseReturnValue:
    """Closes an endpoint, by its id."""
    hooks.close_endpoint(runtime(), endpoint)
    return Response(status=204)


@bp.post("/webhooks/<endpoint>/rotate")
@takes(body="json:NewSecret", gives="RotatedEndpoint")
def rotate_endpoint(endpoint: str) -> ResponseReturnValue:
    """Another secret for an endpoint, shown this once; the one before is taken beside it."""
    data = json_body()
    new = read({} if data is None else data, NewSecret)
    return answer({"id": endpoint, "secret": hooks.rotate(runtime(), endpoint, new)})


@bp.get("/deliveries")
@takes("page size sort state", gives="Page<GitDelivery>", also=(400,))
def deliveries() -> ResponseReturnValue:
    """Deliveries, the newest first; without `size` 100. `state` is ACCEPTED or REFUSED."""
    rows, total = overview.deliveries(runtime(), wire.wanted(wire.LATEST))
    applied = overview.applied_at(runtime(), rows)
    shown = [_delivery(row, at) for row, at in zip(rows, applied, strict=True)]
    return answer({"results": shown, "total": total})


@bp.get("/deliveries/<endpoint>/<path:delivery>")
@takes(gives="GitDeliveryContent")
def get_delivery(endpoint: str, delivery: str) -> ResponseReturnValue:
    """The headers of a delivery and the first 64 KiB of its body, without secrets."""
    row = kept.get(runtime(), endpoint, delivery)
    found = {"headers": row.headers or {}, "body": row.body, "sizeBytes": row.size_bytes}
    return answer(without_none({**found, "refused": row.refused}))


@bp.post("/deliveries/<endpoint>/<path:delivery>/replay")
@takes(gives="Delivered", status=202, also=(409,))
def replay(endpoint: str, delivery: str) -> ResponseReturnValue:
    """Does again what a delivery asked for."""
    done = hooks.replay(runtime(), endpoint, delivery)
    return answer({"deliveryId": done.delivery_id, "matchedBindings": list(done.matched)}, 202)


def _delivery(row: Row[Any], applied_at: datetime | None) -> dict[str, Any]:
    found = {
        "endpointId": row.endpoint_id,
        "deliveryId": row.delivery_id,
        "provider": row.provider,
        "event": row.event,
        "pushes": [{"ref": p["ref"], "sha": p["sha"]} for p in row.pushes],
        "pulls": [{"number": p["number"], "sha": p["sha"]} for p in row.pulls],
        "matched": row.matched,
        "refused": row.refused,
        "sizeBytes": row.size_bytes,
        "receivedAt": wire_moment(row.received_at),
        "appliedAt": wire_moment(applied_at),
    }
    return without_none(found)


@bp.post("/webhooks/<token>")
@takes(body="json:object", gives="Delivered", also=(202, 401))
def deliver(token: str) -> ResponseReturnValue:
    """Open: a Git host delivers. 202 when sources were woken, 200 for all that needs nothing."""
    endpoint, headers = hooks.find_endpoint(runtime(), token), dict(request.headers)
    with kept.noting_refusals(runtime(), endpoint, headers):
        done = hooks.deliver(runtime(), endpoint, headers, _delivered_body())
    shown = {"deliveryId": done.delivery_id, "matchedBindings": list(done.matched)}
    return answer(shown, 202 if done.is_new and done.matched else 200)


def _delivered_body() -> bytes:
    kind = request.mimetype
    if kind and kind not in ("application/json", "application/x-www-form-urlencoded"):
        raise BadRequest(f"a delivery is JSON or a form, not {kind[:60]!r}")
    body = request.stream.read(hooks.MOST_BODY_BYTES + 1)
    if len(body) > hooks.MOST_BODY_BYTES:
        raise TooLarge(f"the delivery is larger than {hooks.MOST_BODY_BYTES} bytes")
    return body
