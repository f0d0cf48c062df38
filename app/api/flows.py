"""Routes of flows."""

from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from app.api import wire
from app.api.auth import current_caller
from app.api.web import (
    answer,
    flag,
    json_body,
    label_pairs,
    page,
    runtime,
    text_body,
    without_none,
)
from app.errors import Invalid, NotFound
from app.service import flow_bulk, flows, search
from app.service.flows import SavedFlow, Verdict

bp = Blueprint("flows", __name__)


def _source() -> str:
    """A flow's YAML; a JSON object is YAML too."""
    return text_body()


@bp.post("/flows")
def create() -> ResponseReturnValue:
    """Creates a flow from YAML or JSON."""
    saved = flows.save(runtime(), _source(), author=current_caller().username, create=True)
    return answer(wire.flow(saved))


@bp.get("/flows/<namespace>/<flow_id>")
def get(namespace: str, flow_id: str) -> ResponseReturnValue:
    """One revision, the latest by default."""
    revision = request.args.get("revision", type=int)
    saved = flows.get(runtime(), namespace, flow_id, revision, deleted_too=flag("allowDeleted"))
    return answer(wire.flow(saved, source=flag("source", True)))


@bp.put("/flows/<namespace>/<flow_id>")
def update(namespace: str, flow_id: str) -> ResponseReturnValue:
    """A new revision, or the same one when nothing changed."""
    text = _source()
    flows.get(runtime(), namespace, flow_id)
    saved = flows.save(
        runtime(), text, author=current_caller().username, expect=(namespace, flow_id)
    )
    return answer(wire.flow(saved))


@bp.delete("/flows/<namespace>/<flow_id>")
def delete(namespace: str, flow_id: str) -> ResponseReturnValue:
    """A tombstone; revisions stay."""
    flows.delete(runtime(), namespace, flow_id)
    return Response(status=204)


@bp.get("/flows/<namespace>")
def list_namespace(namespace: str) -> ResponseReturnValue:
    """Every flow of exactly this namespace."""
    rows = search.list_flows(runtime(), exact=namespace)
    return answer([wire.flow(SavedFlow.of(row), source=False) for row in rows])


@bp.post("/flows/<namespace>")
def put_namespace(namespace: str) -> ResponseReturnValue:
    """Makes the flows of a namespace equal to the body."""
    changed = flow_bulk.replace(
        runtime(),
        text_body(),
        namespace=namespace,
        delete=flag("delete", True),
        override=flag("override"),
    )
    return answer([wire.flow(saved) for saved in changed])


@bp.post("/flows/bulk")
def put_bulk() -> ResponseReturnValue:
    """Creates and updates flows of several namespaces."""
    changed = flow_bulk.replace(
        runtime(), text_body(), namespace=request.args.get("namespace"), delete=flag("delete", True)
    )
    return answer([wire.flow(saved) for saved in changed])


@bp.get("/flows/search")
def find() -> ResponseReturnValue:
    """A page of flows."""
    number, size = page()
    labels = label_pairs(request.args.getlist("labels"))
    exact = None
    text, prefix = request.args.get("q"), request.args.get("namespace")
    for key, value in request.args.items(multi=True):
        if key.startswith("filters[labels][EQUALS]["):
            labels[key[len("filters[labels][EQUALS][") : -1]] = value
        elif key.startswith("filters[labels]"):
            labels |= label_pairs(value.strip("[]").split(","))
        elif key == "filters[namespace][EQUALS]":
            exact = value
        elif key in ("filters[namespace][PREFIX]", "filters[namespace][STARTS_WITH]"):
            prefix = value
        elif key == "filters[q][EQUALS]":
            text = value
    rows = search.list_flows(runtime(), namespace=prefix, exact=exact, text=text, labels=labels)
    part = rows[(number - 1) * size : number * size]
    results = [wire.flow(SavedFlow.of(row), source=False) for row in part]
    return answer({"results": results, "total": len(rows)})


@bp.get("/flows/distinct-namespaces")
def namespaces() -> ResponseReturnValue:
    """Namespaces that hold flows."""
    text = request.args.get("q", "").lower()
    return answer([n for n in search.list_namespaces(runtime()) if text in n.lower()])


@bp.post("/flows/validate")
def validate() -> ResponseReturnValue:
    """One verdict a document; never an error for a wrong flow."""
    return answer([verdict(v) for v in flows.validate(runtime(), text_body())])


@bp.post("/flows/validate/<kind>")
def validate_part(kind: str) -> ResponseReturnValue:
    """Validates one task or one trigger."""
    section = "TRIGGERS" if kind == "trigger" else request.args.get("section", "TASKS").upper()
    return answer(verdict(flow_bulk.validate_part(runtime(), text_body(), section)))


def verdict(found: Verdict) -> dict[str, Any]:
    """A verdict on the wire; never a null."""
    return without_none(
        {
            "index": found.index,
            "flow": found.flow_id,
            "namespace": found.namespace,
            "constraints": found.constraints,
            "outdated": found.outdated,
            "infos": list(found.infos) or None,
            "warnings": list(found.warnings) or None,
            "deprecationPaths": list(found.deprecations) or None,
        }
    )


@bp.get("/flows/<namespace>/<flow_id>/revisions")
def revisions(namespace: str, flow_id: str) -> ResponseReturnValue:
    """Every revision with its source."""
    return answer([wire.flow(s) for s in flows.list_revisions(runtime(), namespace, flow_id)])


@bp.get("/flows/<namespace>/<flow_id>/tasks/<task_id>")
def task(namespace: str, flow_id: str, task_id: str) -> ResponseReturnValue:
    """One task, at any depth."""
    saved = flows.get(runtime(), namespace, flow_id, request.args.get("revision", type=int))
    found = flow_bulk.find_task(saved.document, task_id)
    if found is None:
        raise NotFound(f"no task {task_id!r} in flow {flow_id!r}")
    return answer(found)


def _ids() -> list[tuple[str, str]]:
    data = json_body()
    try:
        return [(item["namespace"], item["id"]) for item in data]
    except (TypeError, KeyError):
        raise Invalid("the body must be a list of {namespace, id}") from None


@bp.post("/flows/<any(disable, enable):act>/by-ids")
def switch(act: str) -> ResponseReturnValue:
    """Writes `disabled` into the sources."""
    count = flow_bulk.switch(runtime(), _ids(), disabled=act == "disable")
    return answer({"count": count, "totalItems": count})


@bp.delete("/flows/delete/by-ids")
def delete_many() -> ResponseReturnValue:
    """Deletes several flows."""
    ids = _ids()
    for namespace, flow_id in ids:
        flows.delete(runtime(), namespace, flow_id)
    return answer({"count": len(ids), "totalItems": len(ids)})


@bp.post("/flows/export/by-ids")
def export() -> ResponseReturnValue:
    """A ZIP of sources."""
    data = flow_bulk.export(runtime(), _ids())
    headers = {"Content-Disposition": 'attachment; filename="flows.zip"'}
    return Response(data, mimetype="application/octet-stream", headers=headers)
