"""Rows of GitOps as the API shows them."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import request
from pydantic.alias_generators import to_camel
from sqlalchemy import Row

from app.api.auth import current_caller
from app.api.short_lists import WHOLE
from app.api.web import page, sort, wire_moment, without_none
from app.database.git_lists import Wanted
from app.gitops.layout import Kind
from app.model.access import Caller, Permission

LONGEST_WAIT_S = 120.0
LATEST = 100
#: what a difference shows, by what it is of
_READS = {
    Kind.FLOW: Permission.FLOW_READ,
    Kind.FILE: Permission.FILE_READ,
    Kind.DASHBOARD: Permission.DASHBOARD_READ,
    Kind.SOURCE: Permission.GIT_READ,
    Kind.BINDING: Permission.GIT_READ,
}


def wanted(size: int = WHOLE) -> Wanted:
    """The page that a request asks for: `page`, `size`, `sort`, `q`, `state`, `kind`.

    Raises Invalid.
    """
    at, size = page(size)
    narrowed = {name: request.args.get(name, "")[:200] for name in ("q", "state", "kind")}
    return Wanted(page=at, size=size, sort=sort(), **narrowed)


def source(row: Row[Any], bindings: Sequence[Row[Any]]) -> dict[str, Any]:
    """A source with its bindings."""
    auth = {to_camel(k): v for k, v in row.auth.items() if v}
    is_signed = row.verify.get("policy", "off") != "off"
    return without_none(
        {
            "id": row.id,
            "name": row.name,
            "url": row.url,
            "ref": row.ref,
            "refKind": row.ref_kind,
            "connection": row.connection,
            "pollInterval": row.poll_interval_s,
            "lfs": row.lfs or None,
            "auth": auth or None,
            "verify": row.verify if is_signed else None,
            "suspended": row.suspended,
            "conditions": row.conditions,
            "seenSha": row.seen_sha,
            "appliedSha": row.applied_sha,
            "fetchedAt": wire_moment(row.fetched_at),
            "nextPollAt": wire_moment(row.next_poll_at),
            "failCount": row.fail_count,
            "lastError": row.last_error,
            "working": row.requested > row.handled,
            "bindings": [binding(one) for one in bindings],
        }
    )


def binding(row: Row[Any]) -> dict[str, Any]:
    """A binding and how it stands."""
    return without_none(
        {
            "id": row.id,
            "name": row.name,
            "sourceId": row.source_id,
            "path": row.path,
            "namespace": row.namespace,
            "layout": row.layout,
            "policy": _camel(row.policy),
            "suspended": row.suspended,
            "desiredSha": row.desired_sha,
            "appliedSha": row.applied_sha,
            "behind": row.behind,
            "pinnedSha": row.pin["sha"] if row.pin else None,
            "pin": row.pin,
            "preview": row.preview,
            "sync": row.sync_state,
            "health": "Suspended" if row.suspended else row.health,
            "conditions": row.conditions,
            "problems": row.problems,
            "syncedAt": wire_moment(row.synced_at),
        }
    )


def _camel(values: Mapping[str, Any]) -> dict[str, Any]:
    return {to_camel(k): _camel(v) if isinstance(v, dict) else v for k, v in values.items()}


def ignored(found: Mapping[str, Any] | None) -> dict[str, Any]:
    """Who has decided to leave a difference, when and why; nothing where nobody did."""
    return {"ignored": {name: found[name] for name in ("by", "at", "reason")}} if found else {}


def sync(row: Row[Any]) -> dict[str, Any]:
    """A sync or a plan."""
    return without_none(
        {
            "id": row.id,
            "bindingId": row.binding_id,
            "status": row.status,
            "reason": row.reason,
            "actor": row.actor,
            "approvedBy": row.approved_by,
            "fromSha": row.from_sha,
            "toSha": row.to_sha,
            "author": row.author,
            "message": row.message,
            "counts": row.counts,
            "items": items_of(row),
            "part": _part(row.part) if row.part else None,
            "digest": row.digest,
            "error": row.error,
            "createdAt": wire_moment(row.created_at),
            "endedAt": wire_moment(row.ended_at),
        }
    )


def items_of(row: Row[Any]) -> list[dict[str, Any]]:
    """What a sync changes, each with its difference where the caller may read what it shows."""
    caller = current_caller()
    return [item if _may_read(caller, item) else _without_diff(item) for item in row.items]


def _may_read(caller: Caller, item: Mapping[str, Any]) -> bool:
    kind = Kind(item["kind"])
    place = str(item["key"]).partition("/" if kind is Kind.FLOW else ":")[0]
    return caller.may(_READS[kind], None if kind.is_global else place)


def _without_diff(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name != "diff"}


def _part(part: Mapping[str, Any]) -> dict[str, Any]:
    keys = [{"kind": kind, "key": key} for kind, key in part["keys"]]
    return without_none({"keys": keys, "of": part.get("of")})


def sync_line(row: Row[Any]) -> dict[str, Any]:
    """A sync in a list: what it changed is named, the differences are left out."""
    return {**sync(row), "items": [_without_diff(item) for item in row.items]}


def wait(is_done: Callable[[], bool]) -> None:
    """Until a worker has done it, or the time is over."""
    ends = time.monotonic() + LONGEST_WAIT_S
    while not is_done() and time.monotonic() < ends:
        time.sleep(0.1)


def promotion(row: Row[Any]) -> dict[str, Any]:
    """A commit on its way into a stage."""
    return without_none(
        {
            "id": row.id,
            "pipeline": row.pipeline,
            "stage": row.stage,
            "sha": row.sha,
            "status": row.status,
            "gates": row.gates,
            "actor": row.actor,
            "approvedBy": row.approved_by,
            "url": row.url,
            "error": row.error,
            "createdAt": wire_moment(row.created_at),
            "endedAt": wire_moment(row.ended_at),
        }
    )
