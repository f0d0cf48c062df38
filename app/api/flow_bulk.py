"""Routes for many flows: disable, enable, delete, export, import."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from app.api import filters
from app.api.auth import current_caller
from app.api.describe import takes
from app.api.errors import body_of
from app.api.execution_acts import labels_of
from app.api.flows import verdict
from app.api.web import (
    answer,
    attachment,
    came_with,
    csv_lines,
    flag,
    json_body,
    json_map,
    json_maps,
    runtime,
)
from app.errors import Invalid
from app.model.filter import FLOWS
from app.model.ids import new_id
from app.service import flow_bulk, flow_many, flow_transfer, operations, search
from app.service.flow_many import Refused

bp = Blueprint("flow_bulk", __name__)
_CSV = ("id", "namespace", "revision", "disabled", "description", "labels", "updated")

Ids = list[tuple[str, str]]


def _given() -> Ids:
    """The flows that a body names."""
    found = [(item["namespace"], item["id"]) for item in json_maps("namespace", "id")]
    return list(dict.fromkeys(found))


def _found() -> Ids:
    """The flows that the filters fit; bracket filters only."""
    rows = search.list_flows(runtime(), filters.read(FLOWS, changes=True))
    return [(row.namespace, row.id) for row in rows]


def _done(count: int) -> Response:
    return answer({"operationId": new_id(), "count": count, "totalItems": count})


def _switch(disabled: bool, ids: Callable[[], Ids]) -> Callable[[], ResponseReturnValue]:
    def switch() -> ResponseReturnValue:
        author = current_caller().username
        done = flow_many.switch(runtime(), ids(), disabled=disabled, author=author)
        return _told(done) if done[0] or not done[1] else _refused(done[1])

    switch.__doc__ = (
        f"Writes `disabled: {str(disabled).lower()}` into sources that say otherwise; those that "
        "cannot be changed are told, the others are."
    )
    return switch


for _name, _disabled in (("disable", True), ("enable", False)):
    _ids = takes(body="json:IdWithNamespace[]", gives="FlowsDone", also=(400,))(
        _switch(_disabled, _given)
    )
    _query = takes(filters=FLOWS, body="filters", gives="FlowsDone", also=(400,))(
        _switch(_disabled, _found)
    )
    bp.add_url_rule(f"/flows/{_name}/by-ids", f"{_name}_ids", _ids, methods=["POST"])
    bp.add_url_rule(f"/flows/{_name}/by-query", f"{_name}_query", _query, methods=["POST"])


def _deleted(ids: Ids) -> int:
    author = current_caller().username
    return flow_bulk.delete(runtime(), ids, author=author, via=came_with())


@bp.delete("/flows/delete/by-ids")
@takes(body="json:IdWithNamespace[]", gives="Count")
def delete_ids() -> ResponseReturnValue:
    """Deletes several flows, all or none."""
    return _done(_deleted(_given()))


@bp.delete("/flows/delete/by-query")
@takes(filters=FLOWS, body="filters", gives="Count", also=(400,))
def delete_query() -> ResponseReturnValue:
    """Deletes every flow that fits the filters."""
    return _done(_deleted(_found()))


@bp.post("/flows/export/by-ids")
@takes(body="json:IdWithNamespace[]", gives="application/octet-stream")
def export_ids() -> ResponseReturnValue:
    """A ZIP of sources."""
    return attachment(
        flow_bulk.export(runtime(), _given()), "flows.zip", "application/octet-stream"
    )


@bp.get("/flows/export/by-query")
@takes(filters=FLOWS, gives="application/octet-stream", also=(400,))
def export_query() -> ResponseReturnValue:
    """A ZIP of the sources that fit the filters."""
    rows = search.list_flows(runtime(), filters.read(FLOWS))
    ids = [(row.namespace, row.id) for row in rows]
    return attachment(flow_bulk.export(runtime(), ids), "flows.zip", "application/octet-stream")


@bp.get("/flows/export/by-query/csv")
@takes(filters=FLOWS, gives="text/csv", also=(400,))
def export_csv() -> ResponseReturnValue:
    """The flows that fit the filters as CSV."""
    rows = search.list_flows(runtime(), filters.read(FLOWS))
    return attachment(csv_lines(_CSV, [_cells(row) for row in rows]), "flows.csv", "text/csv")


def _cells(row: Any) -> list[Any]:
    labels = row.document.get("labels") or {}
    pairs = labels.items() if isinstance(labels, dict) else ((i["key"], i["value"]) for i in labels)
    text = ",".join(f"{key}:{value}" for key, value in pairs)
    return [row.id, row.namespace, row.revision, str(row.disabled).lower(),
            row.document.get("description"), text, row.created_at.isoformat()]  # fmt: skip


def _told(done: tuple[int, list[Refused]]) -> Response:
    count, refused = done
    failed = [{"namespace": r.namespace, "id": r.flow_id, "message": r.message} for r in refused]
    total = count + len(failed)
    return answer({"operationId": new_id(), "count": count, "totalItems": total, "failed": failed})


def _refused(refused: list[Refused]) -> Response:
    """Not one could be changed: who reads only the status must not take it for done."""
    invalids = [
        {"message": r.message, "path": "flow", "invalidValue": f"{r.namespace}.{r.flow_id}"}
        for r in refused
    ]
    detail = f"no flow was changed: {refused[0].message}"
    return body_of(400, "Bad Request", detail, message=detail, invalids=invalids)


@bp.post("/flows/run/by-ids")
@takes(body="json:IdWithNamespace[]", gives="FlowsDone")
def run_ids() -> ResponseReturnValue:
    """Starts several flows without inputs; those that do not start are told, the others run."""
    return _told(flow_many.run(runtime(), _given()))


@bp.post("/flows/run/by-query")
@takes(filters=FLOWS, body="filters", gives="FlowsDone", also=(400,))
def run_query() -> ResponseReturnValue:
    """Starts every flow that fits the filters, without inputs."""
    return _told(flow_many.run(runtime(), _found()))


@bp.post("/flows/labels/by-ids")
@takes(body="json:FlowLabels", gives="FlowsDone")
def label_ids() -> ResponseReturnValue:
    """Writes labels into the sources of several flows; those of other names stay."""
    data = json_map()
    listed = data.get("flows")
    if not isinstance(listed, list) or not all(_is_place(item) for item in listed):
        raise Invalid("`flows` must be a list of {namespace, id}")
    return _labelled([(item["namespace"], item["id"]) for item in listed], data.get("labels"))


def _is_place(item: Any) -> bool:
    return isinstance(item, dict) and all(isinstance(item.get(k), str) for k in ("namespace", "id"))


@bp.post("/flows/labels/by-query")
@takes(filters=FLOWS, body="json:Label[]", gives="FlowsDone", also=(400,))
def label_query() -> ResponseReturnValue:
    """Writes labels into the source of every flow that fits the filters."""
    return _labelled(_found(), json_body())


def _labelled(places: Ids, data: Any) -> Response:
    labels = labels_of(data)
    operations.check_labels(labels)
    author = current_caller().username
    return _told(flow_many.label(runtime(), list(dict.fromkeys(places)), labels, author=author))


@bp.post("/flows/import/report")
@takes(body="file:fileUpload", gives="ImportReport[]")
def import_report() -> ResponseReturnValue:
    """What an import of the file would do with each flow of it; nothing is written."""
    part = _uploaded()
    found = flow_transfer.report(runtime(), part.filename or "", part.stream)
    return answer(
        [{"name": r.name, "action": r.action, "verdict": verdict(r.verdict)} for r in found]
    )


def _uploaded() -> FileStorage:
    part = request.files.get("fileUpload")
    if part is None:
        raise Invalid("the form has no part `fileUpload`")
    return part


@bp.post("/flows/import")
@takes("failOnError", body="file:fileUpload", gives="string[]")
def import_() -> ResponseReturnValue:
    """Saves the flows of a YAML or ZIP file; the ones that could not be imported."""
    part = _uploaded()
    wrong = flow_transfer.import_file(
        runtime(),
        part.filename or "",
        part.stream,
        author=current_caller().username,
    )
    if wrong and flag("failOnError"):
        raise Invalid(f"not imported: {', '.join(wrong)[:500]}")
    return answer(wrong)
