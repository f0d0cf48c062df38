"""What is shown of sources, bindings and syncs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from app.database import git_bindings, git_lists, git_outside
from app.database.git_lists import Wanted
from app.errors import Conflict, NotFound
from app.service.gitops import bindings, sources
from app.service.runtime import Runtime

MOST_HISTORY = 100
Found = git_lists.Found
Pairs = list[tuple[Row[Any], list[Row[Any]]]]  #: sources with their bindings


def source(rt: Runtime, name: str) -> tuple[Row[Any], list[Row[Any]]]:
    """A source with its bindings. Raises SourceNotFound."""
    with rt.database.reading() as tx:
        row = sources.find_in(tx, name)
        return row, list(git_bindings.list_of(tx, row.id))


def sources_page(rt: Runtime, wanted: Wanted) -> tuple[Pairs, int]:
    """A page of sources, each with its bindings; and how many there are."""
    with rt.database.reading() as tx:
        rows, total = git_lists.sources(tx, wanted)
        return [(row, list(git_bindings.list_of(tx, row.id))) for row in rows], total


def bindings_page(rt: Runtime, wanted: Wanted) -> Found:
    """A page of bindings."""
    with rt.database.reading() as tx:
        return git_lists.bindings(tx, wanted)


def resources_page(rt: Runtime, binding: str, wanted: Wanted) -> Found:
    """A page of what a binding owns. Raises BindingNotFound."""
    with rt.database.reading() as tx:
        return git_lists.resources(tx, bindings.find_in(tx, binding).id, wanted)


def history_page(rt: Runtime, binding: str, wanted: Wanted) -> Found:
    """A page of a binding's syncs, the newest first. Raises BindingNotFound."""
    with rt.database.reading() as tx:
        return git_lists.history(tx, bindings.find_in(tx, binding).id, wanted)


def deliveries(rt: Runtime, wanted: Wanted) -> Found:
    """A page of deliveries, the newest first."""
    with rt.database.reading() as tx:
        return git_lists.deliveries(tx, wanted)


def applied_at(rt: Runtime, deliveries: Sequence[Row[Any]]) -> list[datetime | None]:
    """For each delivery: when a source that it woke had applied what was pushed first.

    None as long as none has, and where the commit was applied before it was delivered.
    """
    with rt.database.reading() as tx:
        rows = git_lists.applied(tx, {p["sha"] for row in deliveries for p in row.pushes})
    return [
        min(
            (
                found.ended_at
                for found in rows
                if found.name in row.matched
                and found.to_sha in {p["sha"] for p in row.pushes}
                and found.ended_at >= row.received_at
            ),
            default=None,
        )
        for row in deliveries
    ]


def changes(rt: Runtime, binding: str | None, wanted: Wanted) -> Found:
    """A page of what was proposed, the newest first. Raises BindingNotFound."""
    with rt.database.reading() as tx:
        row = bindings.find_in(tx, binding) if binding else None
        return git_lists.changes(tx, row.id if row is not None else None, wanted)


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
    with rt.database.reading() as tx:
        return git_bindings.resources(tx, bindings.find_in(tx, binding_id).id)


def history(rt: Runtime, binding_id: str) -> Sequence[Row[Any]]:
    """A binding's syncs, the newest first. Raises BindingNotFound."""
    with rt.database.reading() as tx:
        return git_bindings.history(tx, bindings.find_in(tx, binding_id).id, MOST_HISTORY)


def approve(rt: Runtime, sync_id: str, actor: str) -> Row[Any]:
    """Lets a sync that waits for it go on. Raises NotFound, Conflict for one that does not wait.

    It is applied only if it still means the same: the same commit over the same live state.
    """
    with rt.database.transaction() as tx:
        row = git_bindings.find_sync(tx, sync_id)
        if row is None:
            raise NotFound(f"no sync {sync_id!r}")
        if row.status != "AWAITING_APPROVAL":
            raise Conflict(f"the sync is {row.status}, it waits for no approval")
        now = rt.clock()
        git_bindings.write_sync(tx, sync_id, approved_by=actor, approved_at=now)
        bindings.look_again(tx, rt, bindings.find_in(tx, row.binding_id))
    rt.publisher.wake_source(row.source_id)
    return sync(rt, sync_id)


def pulls(rt: Runtime, binding_id: str) -> Sequence[Row[Any]]:
    """The pull requests against a binding. Raises BindingNotFound."""
    with rt.database.reading() as tx:
        return git_outside.pulls_of(tx, bindings.find_in(tx, binding_id).id)


def events(rt: Runtime, wanted: Wanted) -> Found:
    """A page of what was told to the outside, or is to be, the newest first."""
    with rt.database.reading() as tx:
        return git_lists.events(tx, wanted)
