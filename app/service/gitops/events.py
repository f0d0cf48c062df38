"""What the outside is told: commit statuses, notifications, triggers. Rows first, sent later."""

import hashlib
from fnmatch import fnmatchcase
from typing import Any

from sqlalchemy import Row

from app.database import git_outside, git_records, triggers
from app.database.session import Session
from app.gitops.address import commit_url
from app.gitops.provider.base import CheckState
from app.service.gitops.records import notifications
from app.service.runtime import Runtime
from app.trigger.git_event import GitEvent


def digest(*parts: Any) -> str:
    """A short text that is equal for equal facts."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:16]


def status(
    tx: Session,
    rt: Runtime,
    source: Row[Any],
    binding: Row[Any],
    sha: str,
    state: CheckState,
    description: str,
    what: str = "sync",
) -> None:
    """Shows at a commit how it fares; nothing for a source without a connection."""
    if source.connection is None:
        return
    payload = {
        "sha": sha,
        "name": f"trunkline/{what}/{binding.name}",
        "state": state.value,
        "description": description,
        "url": page_of(rt, binding),
    }
    key = f"status/{binding.id}/{sha}/{what}/{digest(state, description, rt.clock())}"
    git_outside.tell(tx, source.id, key, "status", payload, rt.clock())


def page_of(rt: Runtime, binding: Row[Any]) -> str:
    """The binding's page; empty while the server does not know its own address."""
    base = rt.settings.url.rstrip("/")
    return f"{base}/ui/main/gitops/bindings/{binding.name}" if base else ""


def notify(
    tx: Session,
    rt: Runtime,
    event: str,
    source: Row[Any],
    binding: Row[Any] | None,
    sha: str | None,
    message: str,
    *facts: Any,
) -> None:
    """Tells of an event, each subscriber once for the same facts, and starts what waits for it."""
    name = binding.name if binding is not None else ""
    payload = {
        "event": event,
        "source": source.name,
        "repository": source.url,
        "binding": name or None,
        "namespace": binding.namespace if binding is not None else None,
        "commit": sha,
        "commitUrl": commit_url(source.url, sha) if sha else None,
        "message": message[:4000],
        "url": page_of(rt, binding) if binding is not None else None,
        "at": rt.clock().isoformat(),
    }
    key = f"{event}/{source.id}/{name}/{sha}/{digest(*facts)}"
    for row in git_records.list_all(tx, notifications.kind):
        told = notifications.read_row(row)
        concerns = not told.bindings or any(fnmatchcase(name, glob) for glob in told.bindings)
        if event in told.events and concerns:
            content = {**payload, "notification": told.name}
            git_outside.tell(tx, source.id, f"notify/{row.id}/{key}", "notify", content, rt.clock())
    if triggers.list_of_type(tx, GitEvent.type_name):
        git_outside.tell(tx, source.id, f"trigger/{key}", "trigger", payload, rt.clock())
