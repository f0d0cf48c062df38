"""Who may change what Git manages: every write of a flow, a namespace file or a dashboard asks."""

import logging
from datetime import datetime

from app.database import git_bindings, git_sources
from app.database.session import Session
from app.errors import Conflict

log = logging.getLogger(__name__)


class ManagedByGit(Conflict):
    """The resource belongs to a binding that is LOCKED."""

    def __init__(self, kind: str, key: str, binding: str, path: str) -> None:
        what = kind.lower()
        super().__init__(
            f"the {what} {key!r} is managed by the Git binding {binding!r} ({path}): "
            "change it in Git, or propose the change from here"
        )
        self.binding = binding


def check(
    tx: Session,
    now: datetime,
    kind: str,
    key: str,
    *,
    writer: str | None = None,
    force: bool = False,
) -> bool:
    """Whether this write leaves Git behind; the binding is then compared again at once.

    False where nothing is owned, and for the owner itself (`writer`, the binding's id). Raises
    ManagedByGit for a LOCKED binding unless `force`.
    """
    row = git_bindings.find_owned(tx, kind, key)
    if row is None or row.binding_id == writer:
        return False
    mode = row.policy.get("edit_mode", "LOCKED")
    if mode == "LOCKED" and not force:
        raise ManagedByGit(kind, key, row.name, row.path)
    state = "Conflict" if mode == "BLOCK" else "Drifted"
    log.warning("changed behind Git", extra={"kind": kind, "key": key, "binding": row.name})
    git_bindings.write_resource(tx, kind, key, state=state)
    git_bindings.write(tx, row.binding_id, sync_state=state, compare_at=now)
    git_sources.request(tx, row.source_id, now)
    return True
