"""Routes of what is set by hand for GitOps: connections, windows, pipelines, notifications."""

from typing import Any

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from app.api import gitops_wire as wire
from app.api.describe import takes
from app.api.short_lists import page_of
from app.api.web import answer, json_body, runtime, wire_moment, without_none
from app.service.gitops import overview, records

bp = Blueprint("gitops_records", __name__, url_prefix="/gitops")
_KINDS: dict[str, records.Records[Any]] = {
    "connections": records.connections,
    "windows": records.windows,
    "pipelines": records.pipelines,
    "notifications": records.notifications,
}
_ANY = f"<any({', '.join(_KINDS)}):kind>"


def _shown(pair: tuple[str, Any]) -> dict[str, Any]:
    return {"id": pair[0], **pair[1].model_dump(mode="json", by_alias=True, exclude_none=True)}


@bp.get(f"/{_ANY}")
@takes("page size sort", gives="Page<Git{kind}>", also=(400,))
def list_all(kind: str) -> ResponseReturnValue:
    """Every record of a kind."""
    found = [_shown(pair) for pair in _KINDS[kind].list_all(runtime())]
    return page_of(found, "id name")


@bp.post(f"/{_ANY}")
@takes(body="json:{kind}", gives="Git{kind}")
def add(kind: str) -> ResponseReturnValue:
    """A new record."""
    return answer(_shown(_KINDS[kind].put(runtime(), json_body())))


@bp.get(f"/{_ANY}/<name>")
@takes(gives="Git{kind}")
def get(kind: str, name: str) -> ResponseReturnValue:
    """One record, by name or id."""
    return answer(_shown(_KINDS[kind].get(runtime(), name)))


@bp.put(f"/{_ANY}/<name>")
@takes(body="json:{kind}", gives="Git{kind}")
def change(kind: str, name: str) -> ResponseReturnValue:
    """Replaces a record."""
    known = _KINDS[kind].get(runtime(), name)[1]
    return answer(_shown(_KINDS[kind].put(runtime(), json_body(), known.name)))


@bp.delete(f"/{_ANY}/<name>")
@takes(status=204)
def delete(kind: str, name: str) -> ResponseReturnValue:
    """Removes a record."""
    _KINDS[kind].drop(runtime(), name)
    return Response(status=204)


@bp.get("/events")
@takes("page size sort", gives="Page<GitEvent>", also=(400,))
def events() -> ResponseReturnValue:
    """What was told to the outside, or waits to be, the newest first; without `size` 100."""
    rows, total = overview.events(runtime(), wire.wanted(wire.LATEST))
    found = [
        without_none(
            {
                "key": row.key,
                "kind": row.kind,
                "payload": row.payload,
                "attempts": row.attempts,
                "error": row.error,
                "sentAt": wire_moment(row.sent_at),
                "createdAt": wire_moment(row.created_at),
            }
        )
        for row in rows
    ]
    return answer({"results": found, "total": total})
