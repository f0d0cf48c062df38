"""Sources: registered, changed, looked at, asked for work, removed."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from app.database import git_bindings, git_sources
from app.database.session import Session
from app.errors import Conflict, Invalid, NotFound, Violation
from app.gitops.address import check_address, url_key
from app.gitops.layout import Kind
from app.gitops.mirror import Mirror
from app.gitops.plan import Key
from app.gitops.signature import Verify
from app.model.ids import new_id
from app.service import ownership
from app.service.gitops import bindings
from app.service.gitops.models import NewBinding, NewSource
from app.service.gitops.records import connections
from app.service.runtime import Runtime

PACE = timedelta(seconds=1)  #: between two looks that pushes ask for: ten in a second are two syncs


class SourceNotFound(NotFound):
    """No source has this name or id."""

    def __init__(self, source: str) -> None:
        super().__init__(f"no Git source {source!r}")


def add(rt: Runtime, new: NewSource) -> Row[Any]:
    """Registers a source and asks for its first fetch. Raises Invalid, Conflict."""
    with rt.database.transaction() as tx:
        row = add_in(tx, rt, new)
    rt.publisher.wake_source(row.id)
    return row


def add_in(tx: Session, rt: Runtime, new: NewSource) -> Row[Any]:
    """As `add`, in the caller's transaction, who wakes the source after it."""
    now = rt.clock()
    source_id = new_id()
    values = {
        **_settings(rt, new),
        "id": source_id,
        "suspended": False,
        "conditions": {},
        "next_poll_at": now + spread(new.poll_interval),
        "fail_count": 0,
        "requested": 1,
        "requested_at": now,
        "handled": 0,
        "created_at": now,
    }
    if git_sources.find(tx, new.name) is not None:
        again = f"`trunkline source sync {new.name}` looks again, `source remove` forgets it"
        raise Conflict(f"a Git source {new.name!r} exists already: {again}")
    _check_connection(tx, new)
    git_sources.add(tx, values)
    if new.binding is not None:
        made = bindings.add_in(tx, rt, find_in(tx, source_id), new.binding)
        if not new.sync:
            git_bindings.write(tx, made.id, suspended=True, health="Suspended")
    return find_in(tx, source_id)


def settings_of(row: Row[Any]) -> NewSource:
    """A source's settings as they were given."""
    names = ("name", "url", "ref", "ref_kind", "connection", "auth", "verify", "lfs")
    given = {name: row._mapping[name] for name in names}
    return NewSource.model_validate({**given, "poll_interval": row.poll_interval_s})


def _settings(rt: Runtime, new: NewSource) -> dict[str, Any]:
    check_address(new.url, allow_local=rt.settings.git_allow_file_protocol)
    return {
        "name": new.name,
        "url": new.url,
        "url_key": url_key(new.url),
        "ref": new.ref,
        "ref_kind": new.ref_kind.value,
        "connection": new.connection,
        "auth": new.auth.model_dump(mode="json"),
        "verify": new.verify.model_dump(mode="json"),
        "poll_interval_s": new.poll_interval,
        "lfs": new.lfs,
    }


def _check_connection(tx: Session, new: NewSource) -> None:
    if new.connection is not None:
        try:
            connections.get_in(tx, new.connection)
        except NotFound as error:
            raise Invalid(
                "Git source", (Violation(path="connection", message=str(error)),)
            ) from None
    if new.verify.policy is not Verify.OFF and not (new.verify.gpg + new.verify.ssh).strip():
        message = "needs `gpg` or `ssh` keys that may sign"
        raise Invalid("Git source", (Violation(path="verify", message=message),))


def change(rt: Runtime, source: str, new: NewSource) -> Row[Any]:
    """Replaces the settings of a source; its name stays. Raises SourceNotFound, Invalid."""
    with rt.database.transaction() as tx:
        row = find_in(tx, source)
        if new.name != row.name:
            raise Invalid("the name of a Git source stays as it is")
        if new.binding is not None:
            raise Invalid("`binding` is changed on its own: PUT /gitops/bindings/…")
        ownership.check(tx, rt.clock(), Kind.SOURCE, row.name)
        change_in(tx, rt, row, new)
    rt.publisher.wake_source(row.id)
    return find(rt, row.id)


def change_in(tx: Session, rt: Runtime, row: Row[Any], new: NewSource) -> None:
    """As `change`, in the caller's transaction. Raises Invalid."""
    _check_connection(tx, new)
    git_sources.write(tx, row.id, **_settings(rt, new), fail_count=0, seen_sha=None)
    git_sources.request(tx, row.id, rt.clock())


def bind(rt: Runtime, source: str, new: NewBinding) -> Row[Any]:
    """Binds a further folder of a source. Raises SourceNotFound, Invalid, Conflict."""
    with rt.database.transaction() as tx:
        row = find_in(tx, source)
        binding = bindings.add_in(tx, rt, row, new)
        git_sources.request(tx, row.id, rt.clock())
    rt.publisher.wake_source(row.id)
    return binding


def spread(seconds: int) -> timedelta:
    """An interval, up to a tenth shorter or longer: many sources do not poll at one moment."""
    return timedelta(seconds=seconds * random.uniform(0.9, 1.1))


def rest_s(rt: Runtime, looked_at: datetime | None) -> float:
    """Seconds that a push waits for, after a look at the remote at that moment."""
    if looked_at is None:
        return 0.0
    return max(0.0, (PACE - max(rt.clock() - looked_at, timedelta())).total_seconds())


def find_in(tx: Session, source: str) -> Row[Any]:
    """A source by id or name. Raises SourceNotFound."""
    row = git_sources.find(tx, source)
    if row is None:
        raise SourceNotFound(source)
    return row


def find(rt: Runtime, source: str) -> Row[Any]:
    """A source by id or name. Raises SourceNotFound."""
    with rt.database.reading() as tx:
        return find_in(tx, source)


def remove(rt: Runtime, source: str, *, cascade: bool = False) -> None:
    """Forgets a source with its bindings. Raises SourceNotFound.

    What they own stays and is nobody's, or is deleted with them (`cascade`).
    """
    with rt.database.transaction() as tx:
        row = find_in(tx, source)
        ownership.check(tx, rt.clock(), Kind.SOURCE, row.name)
        for binding in git_bindings.list_of(tx, row.id):
            ownership.check(tx, rt.clock(), Kind.BINDING, binding.name)
            bindings.drop_in(tx, rt, binding, cascade=cascade)
        git_sources.drop(tx, row.id)
    rt.publisher.wake_source(row.id)  # a worker removes its copy


def suspend(rt: Runtime, source: str, *, suspended: bool) -> Row[Any]:
    """Stops or continues following a source. Raises SourceNotFound."""
    with rt.database.transaction() as tx:
        row = find_in(tx, source)
        git_sources.write(tx, row.id, suspended=suspended)
        if not suspended:
            git_sources.request(tx, row.id, rt.clock())
    if not suspended:
        rt.publisher.wake_source(row.id)
    return find(rt, row.id)


def ask_fetch(rt: Runtime, source: str) -> Row[Any]:
    """Asks for a look at the remote now. Raises SourceNotFound, Conflict while suspended."""
    with rt.database.transaction() as tx:
        row = find_in(tx, source)
        check_active(row)
        for binding in git_bindings.list_of(tx, row.id):
            git_bindings.write(tx, binding.id, compare_at=rt.clock())
        git_sources.request(tx, row.id, rt.clock())
    rt.publisher.wake_source(row.id)
    return row


def ask_sync(
    rt: Runtime, binding: str, *, actor: str, is_plan: bool, keys: Sequence[Key] | None = None
) -> str:
    """Asks for a sync or a plan of one binding; the id of its row in the history.

    With keys the sync is of these resources only.

    Raises BindingNotFound, Conflict while the binding or its source is suspended.
    """
    sync_id = new_id()
    with rt.database.transaction() as tx:
        row = bindings.find_in(tx, binding)
        source = find_in(tx, row.source_id)
        check_active(source)
        if row.suspended and not is_plan:
            raise Conflict(f"the Git binding {row.name!r} is suspended: resume it first")
        values = {
            "id": sync_id,
            "source_id": row.source_id,
            "binding_id": row.id,
            "is_plan": is_plan,
            "status": "PENDING",
            "reason": "plan" if is_plan else "manual",
            "actor": actor,
            "part": {"keys": keys} if keys is not None else None,
            "counts": {},
            "items": [],
            "created_at": rt.clock(),
        }
        git_bindings.add_sync(tx, values)
        git_sources.request(tx, row.source_id, rt.clock())
    rt.publisher.wake_source(source.id)
    return sync_id


def check_active(source: Row[Any]) -> None:
    """Raises Conflict for a source that is suspended."""
    if source.suspended:
        raise Conflict(f"the Git source {source.name!r} is suspended: resume it first")


def mirror_of(rt: Runtime, source_id: str) -> Mirror:
    """This machine's copy of a source."""
    return Mirror(rt.settings.data_dir / "mirrors" / f"{source_id}.git")
