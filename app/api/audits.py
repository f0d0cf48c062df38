"""Routes of the audit log: a page of it, and all of it as a file."""

import json
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, request, stream_with_context
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from app.api.describe import takes
from app.api.web import (
    answer,
    attachment,
    csv_rows,
    moment,
    page,
    runtime,
    sort,
    wire_moment,
    without_none,
)
from app.errors import BadRequest
from app.service.access import audit
from app.service.access.audit import AuditFilter

bp = Blueprint("audits", __name__)
_FILTERS = "actor action target verdict namespace startDate endDate"
_COLUMNS = ("id", "date", "actor", "action", "target", "verdict", "address", "namespace")
_MEDIA = {"csv": "text/csv", "jsonl": "application/jsonl"}


@bp.get("/auditlogs/search")
@takes(f"page size sort {_FILTERS}", gives="Page<Act>", also=(400,))
def search() -> ResponseReturnValue:
    """A page of the audit log, newest first; `action` and `target` are parts of theirs."""
    rows, total = audit.find_page(runtime(), _wanted(), *page(), sort())
    return answer({"results": [_act(row) for row in rows], "total": total})


@bp.get("/auditlogs/export")
@takes(f"format {_FILTERS}", gives="text/csv", also=(400,))
def export() -> ResponseReturnValue:
    """Every line that fits, newest first: `format=csv` (by default) or `jsonl`."""
    form = request.args.get("format", "csv").lower()
    if form not in _MEDIA:
        raise BadRequest("`format` must be csv or jsonl")
    lines = (_csv if form == "csv" else _jsonl)(audit.read_all(runtime(), _wanted()))
    return attachment(stream_with_context(lines), f"audit.{form}", _MEDIA[form])


def _wanted() -> AuditFilter:
    args = request.args
    texts = {name: args.get(name) for name in ("actor", "action", "target", "verdict", "namespace")}
    start, end = args.get("startDate"), args.get("endDate")
    return AuditFilter(
        **texts,
        after=moment(start, "startDate") if start else None,
        before=moment(end, "endDate") if end else None,
    )


def _csv(rows: Iterator[Row[Any]]) -> Iterator[str]:
    yield csv_rows([[*_COLUMNS, "detail"]])
    for row in rows:
        act = _act(row)
        cells = [act.get(name) for name in _COLUMNS]
        detail = json.dumps(act["detail"], ensure_ascii=False) if "detail" in act else ""
        yield csv_rows([[*cells, detail]])


def _jsonl(rows: Iterator[Row[Any]]) -> Iterator[str]:
    for row in rows:
        yield json.dumps(_act(row), ensure_ascii=False) + "\n"


def _act(row: Row[Any]) -> dict[str, Any]:
    return without_none(
        {
            "id": str(row.n),
            "date": wire_moment(row.at),
            "actor": row.actor,
            "action": row.action,
            "target": row.target,
            "verdict": row.verdict,
            "address": row.address,
            "namespace": row.namespace,
            "detail": row.detail or None,
        }
    )
