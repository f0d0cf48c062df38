"""Routes of find and replace in the sources of flows (HTTP API 6)."""

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.api import wire
from app.api.auth import current_caller
from app.api.describe import takes
from app.api.permissions import narrowed
from app.api.web import answer, json_map, runtime, without_none
from app.errors import Invalid, Violation
from app.service import flow_reads, source_replace
from app.service.source_replace import Wanted

bp = Blueprint("source_replace", __name__)


def _wanted(data: dict[str, Any]) -> Wanted:
    flags = {}
    for name in ("caseSensitive", "wholeWord", "regex"):
        flags[name] = data.get(name, False)
        if not isinstance(flags[name], bool):
            raise _wrong(name, "must be true or false")
    if not isinstance(data.get("replacement"), str):
        raise _wrong("replacement", "must be a text")
    if data.get("scope") not in (None, "ALL"):
        raise _wrong("scope", "can only be ALL")
    return Wanted(data["query"], data["replacement"], *flags.values())


def _wrong(path: str, message: str) -> Invalid:
    return Invalid("Invalid body", (Violation(path=path, message=message),))


def _number(data: dict[str, Any], name: str, least: int) -> int | None:
    value = data.get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise _wrong(name, "must be a whole number")
    if value is not None and value < least:
        raise _wrong(name, f"must be at least {least}")
    return value


@bp.post("/flows/source/replace/preview")
@takes(body="json:SourceReplace", gives="SourceReplacePreview")
def preview() -> ResponseReturnValue:
    """The lines that would change, before and after; nothing is written."""
    data = json_map("query")
    where = flow_reads.within(str(data.get("namespace") or ""))
    where = narrowed(current_caller(), "source_replace.preview", where)
    found = source_replace.preview(runtime(), _wanted(data), where)
    shown = [
        {
            "namespace": flow.namespace,
            "id": flow.flow_id,
            "editable": True,
            "matches": [
                {"line": line.number, "before": line.before, "after": line.after}
                for line in flow.lines
            ],
        }
        for flow in found
    ]
    total = sum(len(flow.lines) for flow in found)
    counts = {"totalMatches": total, "totalFlows": len(found), "editableFlowCount": len(found)}
    return answer({**counts, "flows": shown})


@bp.post("/flows/source/replace/apply")
@takes(body="json:SourceReplaceFlows", gives="SourceReplaced")
def apply() -> ResponseReturnValue:
    """Replaces every match in the flows of the body; each that changes gets a revision."""
    data = json_map("query")
    listed = data.get("flows")
    if not isinstance(listed, list):
        raise _wrong("flows", "must be a list of {namespace, id}")
    for i, item in enumerate(listed):
        for name in ("namespace", "id"):
            if not isinstance(item, dict) or not isinstance(item.get(name), str):
                raise _wrong(f"flows[{i}].{name}", "must be a text")
    places = list(dict.fromkeys((item["namespace"], item["id"]) for item in listed))
    return _apply(_wanted(data), places)


@bp.post("/flows/source/replace/line")
@takes(body="json:SourceReplaceLine", gives="SourceReplaced")
def apply_line() -> ResponseReturnValue:
    """Replaces the matches in one line of one flow, or the one at a column."""
    data = json_map("query", "namespace", "id")
    line = _number(data, "line", 1)
    if line is None:
        raise _wrong("line", "must be a whole number")
    place = (data["namespace"], data["id"])
    return _apply(_wanted(data), [place], line, _number(data, "column", 0))


def _apply(
    wanted: Wanted,
    places: list[tuple[str, str]],
    line: int | None = None,
    column: int | None = None,
) -> ResponseReturnValue:
    author = current_caller().username
    updated, skipped = source_replace.apply(runtime(), wanted, places, author, line, column)
    left = [
        without_none(
            {
                "namespace": one.namespace,
                "id": one.flow_id,
                "reason": one.reason,
                "message": one.message or None,
            }
        )
        for one in skipped
    ]
    return answer({"updated": [wire.flow(saved) for saved in updated], "skipped": left})
