"""Routes of keys and values (HTTP API 3.6)."""

from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from app.api import filters
from app.api.describe import takes
from app.api.web import (
    answer,
    check_data,
    check_text,
    json_map,
    page,
    runtime,
    sort,
    text_body,
    wire_moment,
    without_none,
)
from app.errors import Invalid
from app.model.filter import KEYS
from app.service import kv, kv_text

bp = Blueprint("kv", __name__)


def _entry(row: Any) -> dict[str, Any]:
    return without_none(
        {
            "namespace": row.namespace,
            "key": row.key,
            "type": row.type,
            "revision": row.version,
            "version": row.version,
            "preview": kv_text.preview(row),
            "description": row.description,
            "creationDate": wire_moment(row.created_at),
            "updateDate": wire_moment(row.updated_at),
            "expirationDate": wire_moment(row.expires_at),
        }
    )


@bp.get("/namespaces/<namespace>/kv")
@takes(gives="KVEntry[]")
def keys(namespace: str) -> ResponseReturnValue:
    """The keys of a namespace."""
    return answer([_entry(row) for row in kv.list_keys(runtime(), namespace)])


@bp.get("/namespaces/<namespace>/kv/inheritance")
@takes(gives="KVEntry[]")
def inherited(namespace: str) -> ResponseReturnValue:
    """The keys of a namespace and of its parents; the nearest one of a name counts."""
    return answer([_entry(row) for row in kv.list_inherited(runtime(), namespace)])


@bp.get("/kv")
@takes("page size sort", filters=KEYS, gives="Page<KVEntry>", also=(400,))
def all_keys() -> ResponseReturnValue:
    """A page over all namespaces."""
    at, size = page()
    rows, total = kv.page(runtime(), filters.read(KEYS), page=at, size=size, sort=sort())
    return answer({"results": [_entry(row) for row in rows], "total": total})


@bp.get("/namespaces/<namespace>/kv/<path:key>")
@takes(gives="KVDetail", also=(410,))
def get(namespace: str, key: str) -> ResponseReturnValue:
    """A value with its type."""
    row = kv.get(runtime(), namespace, key)
    return answer(
        {
            "type": row.type,
            "value": row.value,
            "revision": row.version,
            "updated": wire_moment(row.updated_at),
        }
    )


@bp.put("/namespaces/<namespace>/kv/<path:key>")
@takes(body="text", headers=("ttl", "description"))
def put(namespace: str, key: str) -> ResponseReturnValue:
    """Stores the JSON value of the body."""
    value, kind = kv_text.read(check_text(text_body()))
    check_data(value)
    data = {
        "namespace": namespace,
        "key": key,
        "value": value,
        "kind": kind,
        "ttl": request.headers.get("ttl"),
        "description": request.headers.get("description"),
    }
    kv.put(runtime(), data)
    return Response(status=200)


@bp.delete("/namespaces/<namespace>/kv/<path:key>")
@takes(gives="boolean")
def delete(namespace: str, key: str) -> ResponseReturnValue:
    """Whether it was there."""
    return answer(kv.delete(runtime(), namespace, key))


@bp.delete("/namespaces/<namespace>/kv")
@takes(body="json:KeyList", gives="KeyList")
def delete_many(namespace: str) -> ResponseReturnValue:
    """Removes several keys."""
    listed = json_map().get("keys")
    if not isinstance(listed, list) or not all(isinstance(key, str) for key in listed):
        raise Invalid("`keys` must be a list of texts")
    return answer({"keys": kv.delete_many(runtime(), namespace, listed)})
