"""What is shown of sources, bindings and syncs."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from app.database import git_bindings
from app.errors import NotFound
from app.service.gitops import sources
from app.service.runtime import Runtime

MOST_HISTORY = 100


def source(rt: Runtime, name: str) -> tuple[Row[Any], list[Row[Any]]]:
    """A source with its bindings. Raises SourceNotFound."""
    with rt.database.reading() as tx:
        row = sources.find_in(tx, name)
        return row, list(git_bindings.list_of(tx, row.id))


def is_idle(rt: Runtime, source_id: str) -> bool:
    """Whether nothing is asked of a source any more."""
    row = sources.find(rt, source_id)
    return bool(row.handled >= row.requested)


def sync(rt: Runtime, sync_id: str) -> Row[Any]:
    """A sync or a plan. Raises NotFound."""
    with rt.database.reading() as tx:
        row = git_bindings.find_sync(tx, sync_id)
    if row is None:
        raise NotFound(f"no sync {sync_id!r}")
    return row


def resources(rt: Runtime, binding_id: str) -> Sequence[Row[Any]]:
    """What a binding owns. Raises BindingNotFound."""
    sources.find_binding(rt, binding_id)
    with rt.database.reading() as tx:
        return git_bindings.resources(tx, binding_id)


def history(rt: Runtime, binding_id: str) -> Sequence[Row[Any]]:
    """A binding's syncs, the newest first. Raises BindingNotFound."""
    sources.find_binding(rt, binding_id)
    with rt.database.reading() as tx:
        return git_bindings.history(tx, binding_id, MOST_HISTORY)
