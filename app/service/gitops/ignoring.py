"""Differences that somebody has decided to leave: each one by its two hashes, until one changes."""

from collections.abc import Sequence
from typing import Any

from pydantic import Field
from sqlalchemy import Row

from app.database import git_bindings
from app.database.session import Session
from app.errors import Conflict, Invalid, NotFound
from app.gitops.plan import IGNORABLE, Key, Sync
from app.service.gitops import bindings
from app.service.gitops.bindings import Keys
from app.service.gitops.states import live_hashes
from app.service.runtime import Runtime


class NewIgnore(Keys):
    """Resources whose differences are left alone."""

    reason: str = Field("", max_length=500)
    """Why, for those who find it later."""


def ignore(rt: Runtime, binding: str, keys: Sequence[Key], *, actor: str, reason: str) -> None:
    """Leaves what differs at resources, as it was seen last: it is neither drift nor set back.

    Raises BindingNotFound, NotFound for one that the binding does not own, Conflict for one that
    does not differ or that was changed since it was compared.
    """
    with rt.database.transaction() as tx:
        row, owned = _owned(tx, binding, keys)
        live = live_hashes(tx, set(keys))
        for key in keys:
            found = owned[key]
            if found.state not in IGNORABLE:
                raise Conflict(f"{key[1]} is {found.state}: there is no difference to ignore")
            if found.seen is None or live.get(key) != found.seen[0]:
                raise Conflict(f"{key[1]} was changed since it was compared: look at it again")
            difference = {"live": found.seen[0], "desired": found.seen[1], "state": found.state}
            who = {"by": actor, "at": rt.clock().isoformat(), "reason": reason}
            changes = {"ignored": difference | who, "state": Sync.IGNORED.value}
            git_bindings.write_resource(tx, key[0].value, key[1], **changes)
        names = {(kind.value, key) for kind, key in keys}
        taken = [pair for pair in row.taken if tuple(pair) not in names]
        git_bindings.write(tx, row.id, taken=taken)
        bindings.look_again(tx, rt, row)
    rt.publisher.wake_source(row.source_id)


def stop(rt: Runtime, binding: str, keys: Sequence[Key]) -> None:
    """Ignores resources no more. Raises as `ignore`, Conflict for one that is not ignored."""
    with rt.database.transaction() as tx:
        row, owned = _owned(tx, binding, keys)
        for key in keys:
            ignored = owned[key].ignored
            if ignored is None:
                raise Conflict(f"{key[1]} is not ignored")
            changes = {"ignored": None, "state": ignored["state"]}
            git_bindings.write_resource(tx, key[0].value, key[1], **changes)
        bindings.look_again(tx, rt, row)
    rt.publisher.wake_source(row.source_id)


def _owned(tx: Session, binding: str, keys: Sequence[Key]) -> tuple[Row[Any], dict[Key, Row[Any]]]:
    """A binding and its resources of some keys. Raises BindingNotFound, NotFound, Invalid."""
    if not keys:
        raise Invalid("`keys` names the resources")
    row, found = bindings.find_in(tx, binding), {}
    for kind, key in keys:
        resource = git_bindings.find_owned(tx, kind.value, key)
        if resource is None or resource.binding_id != row.id:
            raise NotFound(f"{row.name} does not own {key!r}")
        found[kind, key] = resource
    return row, found
