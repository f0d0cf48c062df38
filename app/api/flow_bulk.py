"""Routes for many flows: disable, enable, delete, export, import."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from app.api import filters
from app.api.auth import current_caller
from app.api.describe import takes
from app.api.web import answer, attachment, csv_lines, flag, json_maps, runtime
from app.errors import Invalid
from app.model.filter import FLOWS
from app.model.ids import new_id
from app.service import flow_bulk, flow_transfer, search

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
        return _done(flow_bulk.switch(runtime(), ids(), disabled=disabled))

    switch.__doc__ = f"Writes `disabled: {str(disabled).lower()}` into sources that say otherwise."
    return switch


for _name, _disabled in (("disable", True), ("enable", False)):
    _ids = takes(body="json:IdWithNamespace[]", gives="Count")(_switch(_disabled, _given))
    _query = takes(filters=FLOWS, gives="Count", also=(400,))(_switch(_disabled, _found))
    bp.add_url_rule(f"/flows/{_name}/by-ids", f"{_name}_ids", _ids, methods=["POST"])
    bp.add_url_rule(f"/flows/{_name}/by-query", f"{_name}_query", _query, methods=["POST"])


@bp.delete("/flows/delete/by-ids")
@takes(body="json:IdWithNamespace[]", gives="Count")
def delete_ids() -> ResponseReturnValue:
    """Deletes several flows, all or none."""
    return _done(flow_bulk.delete(runtime(), _given()))


@bp.delete("/flows/delete/by-query")
@takes(filters=FLOWS, gives="Count", also=(400,))
def delete_query() -> ResponseReturnValue:
    """Deletes every flow that fits the filters."""
    return _done(flow_bulk.delete(runtime(), _found()))


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


@bp.post("/flows/import")
@takes("failOnError", body="file:fileUpload", gives="string[]")
def import_() -> ResponseReturnValue:
    """Saves the flows of a YAML or ZIP file; the ones that could not be imported."""
    part = request.files.get("fileUpload")
    if part is None:
        raise Invalid("the form has no part `fileUpload`")
    wrong = flow_transfer.import_file(
        runtime(),
        part.filename or "",
        part.stream,
        author=current_caller().username,
    )
    if wrong and flag("failOnError"):
        raise Invalid(f"not imported: {', '.join(wrong)[:500]}")
    return answer(wrong)
