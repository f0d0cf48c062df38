"""Bindings: a role for a user or a group, in a namespace and below it, or everywhere."""

from typing import Any

from sqlalchemy import Row

from app.database import grants, users
from app.database.grants import BindingFilter
from app.database.ordering import Sort
from app.database.schema_instance import bindings, groups
from app.database.session import Session
from app.errors import Conflict, Invalid, NotFound
from app.model.access import Grant, held_by
from app.model.ids import new_id
from app.service.access import roles
from app.service.runtime import Runtime

USER, GROUP = "USER", "GROUP"


def create(rt: Runtime, kind: str, subject_id: str, role_id: str, namespace: str = "") -> Row[Any]:
    """Gives a role to a user (or service account) or a group.

    Raises Invalid (kind), NotFound (subject, role), Conflict (given already).
    """
    if kind not in (USER, GROUP):
        raise Invalid(f"`type` must be {USER} or {GROUP}, not {kind[:40]!r}")
    values: dict[str, Any] = {
        "id": new_id(),
        "type": kind,
        "subject_id": subject_id,
        "role_id": role_id,
        "namespace": namespace,
        "created_at": rt.clock(),
    }
    with rt.database.transaction() as tx:
        _check_parts(tx, kind, subject_id, role_id)
        if grants.find_same(tx, subject_id, role_id, namespace) is not None:
            raise Conflict("this role is given there already")
        grants.add(tx, bindings, values)
    return get(rt, values["id"])


def _check_parts(tx: Session, kind: str, subject_id: str, role_id: str) -> None:
    if kind == USER and users.find(tx, subject_id) is None:
        raise NotFound("no such account")
    if kind == GROUP and grants.find(tx, groups, subject_id) is None:
        raise NotFound("no such group")
    if roles.find_in(tx, role_id) is None:
        raise NotFound("no such role")


def get(rt: Runtime, binding_id: str) -> Row[Any]:
    """A binding with the names of what it joins. Raises NotFound."""
    with rt.database.reading() as tx:
        row = grants.find_binding(tx, binding_id)
    if row is None:
        raise NotFound("no such binding")
    return row


def remove(rt: Runtime, binding_id: str) -> None:
    """Takes back what a binding gave. Raises NotFound."""
    with rt.database.transaction() as tx:
        if not grants.drop_binding(tx, binding_id):
            raise NotFound("no such binding")


def find_page(
    rt: Runtime, wanted: BindingFilter, page: int, size: int, sort: Sort = ()
) -> grants.Page:
    """A page of bindings, the oldest first unless sorted. Raises BadRequest for the sort."""
    with rt.database.reading() as tx:
        return grants.search_bindings(tx, wanted, page, size, sort)


def grants_of(tx: Session, user_id: str) -> tuple[Grant, ...]:
    """What bindings give a user, by themselves and by their groups."""
    found = []
    for row in grants.of_user(tx, user_id):
        own = held_by(row.permissions) if row.name is not None else None
        found.append(Grant(row.name or row.role_id, row.namespace, own))
    return tuple(found)
