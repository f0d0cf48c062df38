"""Routes of one flow, and of the flows of a namespace."""

import re
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from app.api import filters, gitops_wire, wire
from app.api.auditing import add_change
from app.api.auth import current_caller
from app.api.describe import takes
from app.api.permissions import narrowed
from app.api.web import (
    answer,
    came_with,
    flag,
    json_map,
    json_maps,
    needed,
    number,
    page,
    paged,
    runtime,
    sort,
    text_body,
    without_none,
)
from app.errors import Conflict, Forbidden, Invalid, NotFound, Violation
from app.model.access import Permission
from app.model.filter import FLOWS
from app.service import flow_bulk, flow_reads, flows, search, validation
from app.service.flows import SavedFlow
from app.service.gitops import pipelines
from app.service.validation import Verdict

bp = Blueprint("flows", __name__)
MOST_CONTEXT = 5  #: lines before and after one that is found


def force() -> bool:
    """Whether an owned flow is written behind Git's back (`force=true`). Raises Forbidden."""
    if flag("force") and not current_caller().is_admin:
        raise Forbidden("only an administrator may change what Git manages with `force`")
    return flag("force")


@bp.post("/flows")
@takes("draft force", body="yaml", gives="FlowWithSource", also=(409,))
def create() -> ResponseReturnValue:
    """Creates a flow from YAML or JSON."""
    _no_draft()
    saved = flows.save(
        runtime(),
        text_body(),
        author=current_caller().username,
        via=came_with(),
        create=True,
        force=force(),
    )
    return answer(wire.flow(saved))


def _no_draft() -> None:
    if flag("draft"):
        raise Invalid("`draft`: drafts are not kept; save the flow with `disabled: true`")


@bp.get("/flows/<namespace>/<flow_id>")
@takes("source revision allowDeleted", gives="FlowWithSource")
def get(namespace: str, flow_id: str) -> ResponseReturnValue:
    """One revision, the latest by default."""
    saved = flows.get(
        runtime(), namespace, flow_id, number("revision"), deleted_too=flag("allowDeleted")
    )
    return answer(wire.flow(saved, source=flag("source")))


@bp.put("/flows/<namespace>/<flow_id>")
@takes("draft force", body="yaml", gives="FlowWithSource", also=(409,), headers=("If-Match",))
def update(namespace: str, flow_id: str) -> ResponseReturnValue:
    """A new revision, or the same one when nothing changed.

    With `If-Match: REVISION` it is refused when another revision is the latest by now.
    """
    _no_draft()
    text = text_body()
    present = flows.get(runtime(), namespace, flow_id)
    expected = request.headers.get("If-Match", "").strip('" ')
    if expected and expected != "*" and expected != str(present.revision):
        raise Conflict(f"the flow has revision {present.revision} by now, not {expected[:20]}")
    saved = flows.save(
        runtime(),
        text,
        author=current_caller().username,
        via=came_with(),
        expect=(namespace, flow_id),
        force=force(),
    )
    add_change({"revision": present.revision}, {"revision": saved.revision})
    return answer(wire.flow(saved))


@bp.delete("/flows/<namespace>/<flow_id>")
@takes("force", status=204, also=(409,))
def delete(namespace: str, flow_id: str) -> ResponseReturnValue:
    """A tombstone; revisions stay."""
    who = {"author": current_caller().username, "via": came_with()}
    flows.delete(runtime(), namespace, flow_id, **who, force=force())
    return Response(status=204)


@bp.get("/flows/<namespace>")
@takes(gives="Flow[]")
def list_namespace(namespace: str) -> ResponseReturnValue:
    """Every flow of exactly this namespace."""
    rows = search.list_flows(runtime(), exact=namespace)
    return answer([wire.flow(SavedFlow.of(row), source=False) for row in rows])


@bp.post("/flows/<namespace>")
@takes("delete override", body="yaml", gives="FlowWithSource[]")
def put_namespace(namespace: str) -> ResponseReturnValue:
    """Makes the flows of a namespace equal to the body."""
    changed = flow_bulk.replace(
        runtime(),
        text_body(),
        namespace=namespace,
        delete=flag("delete", True),
        override=flag("override"),
        author=current_caller().username,
        via=came_with(),
    )
    return answer([wire.flow(saved) for saved in changed])


@bp.post("/flows/bulk")
@takes("delete namespace allowNamespaceChild", body="yaml", gives="FlowWithSource[]")
def put_bulk() -> ResponseReturnValue:
    """Creates and updates flows of several namespaces; with `delete` the others go."""
    changed = flow_bulk.replace(
        runtime(),
        text_body(),
        namespace=request.args.get("namespace") or None,
        delete=flag("delete", True),
        children=flag("allowNamespaceChild"),
        author=current_caller().username,
        via=came_with(),
    )
    return answer([wire.flow(saved) for saved in changed])


@bp.get("/flows/<namespace>/<flow_id>/promotions")
@takes("page size", gives="Page<GitPromotion>")
def promotions(namespace: str, flow_id: str) -> ResponseReturnValue:
    """What pipelines have moved into the Git binding that owns a flow, the newest first."""
    flows.get(runtime(), namespace, flow_id)
    return paged(pipelines.list_of_flow(runtime(), namespace, flow_id), gitops_wire.promotion)


@bp.get("/flows/search")
@takes("page size sort", filters=FLOWS, gives="Page<Flow>", also=(400,))
def find() -> ResponseReturnValue:
    """A page of flows."""
    at, size = page()
    rows, total = search.page_of_flows(
        runtime(), filters.read(FLOWS), page=at, size=size, sort=sort()
    )
    results = [wire.flow(SavedFlow.of(row), source=False) for row in rows]
    return answer({"results": results, "total": total})


@bp.get("/flows/source")
@takes("page size sort q namespace isRegex context", gives="Page<SourceMatch>", also=(400,))
def find_in_source() -> ResponseReturnValue:
    """A page of flows whose source holds a text, with the lines that do.

    With `isRegex` the text is a regular expression; `context` is how many lines before and after
    come with each line in `around`, at most 5.
    """
    at, size = page()
    context = min(max(number("context") or 0, 0), MOST_CONTEXT)
    where = flow_reads.within(request.args.get("namespace"))
    where = narrowed(current_caller(), "flows.find_in_source", where)
    found = flow_reads.in_source(
        runtime(), request.args.get("q", ""), where, is_regex=flag("isRegex"), context=context
    )
    part = found[(at - 1) * size : at * size]
    results = [
        {
            "model": wire.flow(match.flow, source=False),
            "fragments": [text for _, text in match.lines],
            "namespace": match.flow.namespace,
            "id": match.flow.id,
            "lines": [{"line": line, "text": text} for line, text in match.lines],
            "count": match.count,
            "around": [{"line": line, "text": text} for line, text in match.around],
        }
        for match in part
    ]
    return answer({"results": results, "total": len(found)})


@bp.get("/flows/distinct-namespaces")
@takes("q", gives="string[]")
def namespaces() -> ResponseReturnValue:
    """Namespaces that hold flows."""
    text = request.args.get("q", "").lower()
    return answer([n for n in search.list_namespaces(runtime()) if text in n.lower()])


@bp.post("/flows/validate")
@takes(body="yaml", gives="Verdict[]")
def validate() -> ResponseReturnValue:
    """One verdict a document; never an error for a wrong flow."""
    texts = [text_body()] if not request.files else _uploaded()
    found = [verdict(_told(v)) for text in texts for v in validation.validate(runtime(), text)]
    return answer([item | {"index": i} for i, item in enumerate(found)])


def _told(found: Verdict) -> Verdict:
    """What a caller may know: not which revision a flow has that they may not read."""
    may_read = current_caller().may(Permission.FLOW_READ, found.namespace)
    return found if may_read else replace(found, outdated=False)


def _uploaded() -> list[str]:
    texts = []
    for file in request.files.values():
        try:
            texts.append(file.stream.read().decode("utf-8"))
        except UnicodeDecodeError:
            raise Invalid(f"the file {file.filename!r} is not UTF-8") from None
    return texts


@bp.post("/flows/validate/task")
@takes("section", body="yaml", gives="Verdict")
def validate_task() -> ResponseReturnValue:
    """Validates one task, or with `section=TRIGGERS` one trigger."""
    section = request.args.get("section", "TASKS").upper()
    if section not in ("TASKS", "TRIGGERS"):
        raise Invalid("`section` must be TASKS or TRIGGERS")
    return answer(verdict(validation.validate_part(runtime(), text_body(), section)))


@bp.post("/flows/validate/trigger")
@takes(body="yaml", gives="Verdict")
def validate_trigger() -> ResponseReturnValue:
    """Validates one trigger."""
    return answer(verdict(validation.validate_part(runtime(), text_body(), "TRIGGERS")))


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
            "violations": [_violation(each) for each in found.violations] or None,
        }
    )


def _violation(found: Violation) -> dict[str, Any]:
    meant = re.search(r'did you mean "([^"]+)"\?', found.message)
    return without_none(
        {
            "path": found.path,
            "message": found.message,
            "line": found.line,
            "column": found.column,
            "endLine": found.line if found.end_column is not None else None,
            "endColumn": found.end_column,
            "severity": "WARNING" if found.is_warning else "ERROR",
            "suggestion": meant[1] if meant else None,
        }
    )


@bp.get("/flows/<namespace>/<flow_id>/revisions")
@takes("allowDelete", gives="FlowWithSource[]")
def revisions(namespace: str, flow_id: str) -> ResponseReturnValue:
    """Every revision with its source, the first one first."""
    return answer([wire.flow(s) for s in flows.list_revisions(runtime(), namespace, flow_id)])


@bp.get("/flows/<namespace>/<flow_id>/history")
@takes("page size", gives="Page<Revision>")
def history(namespace: str, flow_id: str) -> ResponseReturnValue:
    """When, by whom and from where each revision came, the latest first; without their sources."""
    rows, total = flow_reads.history(runtime(), namespace, flow_id, *page())
    return answer({"results": [wire.revision(row) for row in rows], "total": total})


@bp.delete("/flows/<namespace>/<flow_id>/revisions")
@takes("revisions*", gives="Count", also=(400,))
def forget_revisions(namespace: str, flow_id: str) -> ResponseReturnValue:
    """Forgets revisions; never the latest."""
    needed("revisions")
    texts = [t for part in request.args.getlist("revisions") for t in part.split(",") if t]
    if not texts or not all(t.isascii() and t.isdecimal() and len(t) < 10 for t in texts):
        raise Invalid("`revisions` must be a list of numbers")
    count = flow_reads.forget(runtime(), namespace, flow_id, [int(text) for text in texts])
    return answer({"count": count})


@bp.get("/flows/<namespace>/<flow_id>/tasks/<task_id>")
@takes("revision", gives="object")
def task(namespace: str, flow_id: str, task_id: str) -> ResponseReturnValue:
    """One task, at any depth."""
    saved = flows.get(runtime(), namespace, flow_id, number("revision"))
    found = flow_bulk.find_task(saved.document, task_id)
    if found is None:
        raise NotFound(f"no task {task_id!r} in flow {flow_id!r}")
    return answer(found)


@bp.get("/flows/deprecated")
@takes("namespace", gives="DeprecatedFlow[]")
def deprecated() -> ResponseReturnValue:
    """Flows that use deprecated types."""
    found = flow_reads.deprecated(runtime(), request.args.get("namespace"))
    return answer(
        [
            {"namespace": flow.namespace, "id": flow.id, "revision": flow.revision, "tasks": tasks}
            for flow, tasks in found
        ]
    )


@bp.post("/flows/expressions")
@takes("taskId", body="yaml", gives="object")
def expressions() -> ResponseReturnValue:
    """What an expression in a task of an unsaved flow could use."""
    return answer(flow_reads.context_of(runtime(), text_body(), request.args.get("taskId")))


@bp.post("/flows/hashes/by-ids")
@takes(body="json:IdWithNamespace[]", gives="object[]")
def hashes() -> ResponseReturnValue:
    """Hashes of flows' documents: equal for flows that mean the same."""
    places = [(item["namespace"], item["id"]) for item in json_maps("namespace", "id")]
    found = flow_reads.hashes(runtime(), places)
    return answer([{"namespace": n, "id": i, "hash": h, "revision": r} for n, i, h, r in found])


@bp.get("/concurrency-limit/search")
@takes("namespace flowId", gives="Page<ConcurrencyLimit>")
def limits() -> ResponseReturnValue:
    """How many executions run of each flow that declares a limit; of a namespace, of one flow."""
    place = (request.args.get("namespace"), request.args.get("flowId"))
    found = [_limit(flow, count) for flow, count in flow_reads.running(runtime(), *place)]
    return answer({"results": found, "total": len(found)})


@bp.put("/concurrency-limit/<namespace>/<flow_id>")
@takes(body="json:ConcurrencyLimit", gives="ConcurrencyLimit")
def set_limit(namespace: str, flow_id: str) -> ResponseReturnValue:
    """Counts again. The count is read from the executions, so there is nothing to overwrite."""
    running = json_map().get("running")
    if not isinstance(running, int):
        raise Invalid("Invalid body", (Violation(path="running", message="must be a number"),))
    flow = flows.get(runtime(), namespace, flow_id)
    return answer(_limit(flow, flow_reads.count_running(runtime(), namespace, flow_id)))


def _limit(flow: SavedFlow, count: int) -> dict[str, Any]:
    place = {"tenantId": "main", "namespace": flow.namespace, "flowId": flow.id}
    return {**place, "running": count}
