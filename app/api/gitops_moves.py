"""Routes of what moves: folders of a client, proposed changes, promotions."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from pydantic.alias_generators import to_camel
from sqlalchemy import Row

from app.api import gitops_wire as wire
from app.api.auth import current_caller
from app.api.describe import takes
from app.api.permissions import require
from app.api.short_lists import page_of
from app.api.web import answer, check_data, json_body, json_maps, runtime, wire_moment, without_none
from app.errors import BadRequest, Invalid, TooLarge
from app.gitops.layout import Kind
from app.gitops.plan import Plan
from app.gitops.plumbing import Person
from app.model.access import Permission
from app.model.json_text import decode
from app.service.gitops import changes, checks, declared, folder, origins, overview, pipelines
from app.service.gitops.changes import NewChange
from app.service.gitops.folder import Folder
from app.service.gitops.models import NewPromotion, read

bp = Blueprint("gitops_moves", __name__, url_prefix="/gitops")
MOST_FOLDER_BYTES = 50_000_000


def _folder() -> Folder:
    """A folder of flows is larger than one flow. Raises TooLarge, Invalid."""
    data = request.stream.read(MOST_FOLDER_BYTES + 1)
    if len(data) > MOST_FOLDER_BYTES:
        raise TooLarge(f"the folder is larger than {MOST_FOLDER_BYTES} bytes")
    try:
        found = decode(data)
    except ValueError as error:
        raise Invalid(f"malformed JSON: {error}") from None
    check_data(found)
    return read(found, Folder)


def _plan(found: Plan) -> dict[str, Any]:
    return without_none(
        {
            "status": "BLOCKED_GUARD" if found.blocked else "SUCCEEDED",
            "counts": found.counts(),
            "items": [item.to_wire() for item in found.items],
            "error": found.refusal if found.blocked else None,
        }
    )


@bp.post("/folder/plan")
@takes(body="json:Folder", gives="GitPlan")
def plan_folder() -> ResponseReturnValue:
    """What a folder of the client would change: differences show what runs."""
    for permission in (Permission.FLOW_READ, Permission.FILE_READ):
        require(current_caller(), permission, "")
    return answer(_plan(folder.plan(runtime(), _folder())))


@bp.post("/folder/apply")
@takes(body="json:Folder", gives="GitPlan")
def apply_folder() -> ResponseReturnValue:
    """Applies a folder of the client, all of it or nothing. It takes the right to write it, too."""
    caller = current_caller()
    for permission in (Permission.FLOW_WRITE, Permission.FILE_WRITE, Permission.DASHBOARD_WRITE):
        require(caller, permission, "")
    return answer(_plan(folder.apply(runtime(), _folder(), author=caller.username)))


def _change(row: Row[Any]) -> dict[str, Any]:
    return without_none(
        {
            "id": row.id,
            "bindingId": row.binding_id,
            "baseSha": row.base_sha,
            "sha": row.sha,
            "branch": row.branch,
            "paths": row.paths,
            "title": row.title,
            "actor": row.actor,
            "url": row.url,
            "number": row.number,
            "error": row.error,
            "checks": row.checks,
            "createdAt": wire_moment(row.created_at),
        }
    )


@bp.get("/origin")
@takes("kind key*", gives="Origin", also=(400,))
def origin() -> ResponseReturnValue:
    """Binding, repository, path and commit of a resource; `managed` is false where none owns it."""
    kind, key = request.args.get("kind", Kind.FLOW.value), request.args.get("key", "")
    if kind not in set(Kind):
        raise BadRequest(f"`kind`: {kind[:40]!r} is none of {', '.join(Kind)}")
    if not key:
        raise BadRequest("`key` names the resource: `namespace/id` of a flow, `namespace:path`")
    found = origins.find(runtime(), kind, key)
    if found is None:
        return answer({"kind": kind, "key": key, "managed": False})
    told = {to_camel(name): value for name, value in asdict(found).items()}
    return answer(without_none({"kind": kind, "key": key, "managed": True, **told}))


@bp.post("/origins/flows")
@takes(body="json:IdWithNamespace[]", gives="FlowOrigin[]")
def origins_of_flows() -> ResponseReturnValue:
    """Binding, state and commit of those flows that Git owns, in one call for a list."""
    places = [(item["namespace"], item["id"]) for item in json_maps("namespace", "id")]
    return answer(
        [
            {"namespace": n, "id": i, "binding": row.name, "state": row.state, "commit": row.commit}
            for (n, i), row in origins.of_flows(runtime(), places)
        ]
    )


@bp.post("/changes")
@takes(body="json:NewChange", gives="GitChange")
def propose() -> ResponseReturnValue:
    """Commits edits to a branch and opens a pull request.

    Who declares sources or bindings on the tracked branch itself is an administrator of Git.
    """
    name = current_caller().username
    email = name if "@" in name else f"{name}@localhost"
    author = Person(name=name.partition("@")[0] or name, email=email)
    new = read(json_body(), NewChange)
    if new.direct and any(edit.kind in declared.KINDS for edit in new.edits):
        require(current_caller(), Permission.GIT_ADMIN, "")
    return answer(_change(changes.propose(runtime(), new, author)))


@bp.get("/changes")
@takes("page size sort binding", gives="Page<GitChange>", also=(400, 404))
def list_changes() -> ResponseReturnValue:
    """What was proposed, the newest first; without `size` 100."""
    named = request.args.get("binding")
    rows, total = overview.changes(runtime(), named, wire.wanted(wire.LATEST))
    return answer({"results": [_change(row) for row in rows], "total": total})


@bp.get("/changes/<change>/checks")
@takes(gives="GitChecks")
def change_checks(change: str) -> ResponseReturnValue:
    """What the host's checks say of a change now: of the head of its pull request."""
    return answer(checks.of_change(runtime(), change))


@bp.post("/pipelines/<pipeline>/promote")
@takes(body="json:NewPromotion", gives="GitPromotion")
def promote(pipeline: str) -> ResponseReturnValue:
    """Moves a commit into a stage."""
    new, actor = read(json_body(), NewPromotion), current_caller().username
    row = pipelines.promote(runtime(), pipeline, new.stage, new.sha, actor=actor)
    return answer(wire.promotion(row))


@bp.get("/pipelines/<pipeline>/promotions")
@takes("page size sort", gives="Page<GitPromotion>", also=(400,))
def promotions(pipeline: str) -> ResponseReturnValue:
    """The promotions of a pipeline, the newest first."""
    found = [wire.promotion(row) for row in pipelines.list_of(runtime(), pipeline)]
    return page_of(found, "id stage status actor createdAt endedAt", 10)


@bp.get("/promotions/<promotion>")
@takes(gives="GitPromotion")
def promotion(promotion: str) -> ResponseReturnValue:
    """One promotion."""
    return answer(wire.promotion(pipelines.get(runtime(), promotion)))


@bp.post("/promotions/<promotion>/approve")
@takes(gives="GitPromotion")
def approve(promotion: str) -> ResponseReturnValue:
    """Opens the gate that waits for a person."""
    return answer(
        wire.promotion(pipelines.approve(runtime(), promotion, current_caller().username))
    )
