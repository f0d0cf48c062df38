"""Rows of roles that users make, of groups with their members, and of bindings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Table,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
)
from sqlalchemy import update as sql_update

from app.database.ordering import Sort, ordered
from app.database.schema_instance import (
    bindings,
    group_members,
    groups,
    roles,
    users,
)
from app.database.session import Session

Page = tuple[Sequence[Row[Any]], int]
_GROUPS_OF = select(group_members.c.group_id).where(group_members.c.user_id == bindparam("id"))
_OF_USER = (
    select(
        bindings.c.role_id,
        bindings.c.namespace,
        roles.c.name,
        roles.c.permissions,
        groups.c.name.label("group_name"),
    )
    .join_from(bindings, roles, roles.c.id == bindings.c.role_id, isouter=True)
    .join(groups, groups.c.id == bindings.c.subject_id, isouter=True)
    .where(or_(bindings.c.subject_id == bindparam("id"), bindings.c.subject_id.in_(_GROUPS_OF)))
)
_SHOWN = (
    select(
        bindings,
        roles.c.name.label("role_name"),
        groups.c.name.label("group_name"),
        users.c.username,
        users.c.kind,
    )
    .join_from(bindings, roles, roles.c.id == bindings.c.role_id, isouter=True)
    .join(groups, groups.c.id == bindings.c.subject_id, isouter=True)
    .join(users, users.c.id == bindings.c.subject_id, isouter=True)
)


def of_user(tx: Session, user_id: str) -> Sequence[Row[Any, Any, Any, Any, Any]]:
    """What bindings give a user, by themselves and by their groups."""
    return tx.execute(_OF_USER, {"id": user_id}).all()


# -- roles and groups: things with an id and a name


def add(tx: Session, table: Table, values: Mapping[str, Any]) -> None:
    """A new row of `roles`, `groups` or `bindings`."""
    tx.execute(insert(table), dict(values))


def change(tx: Session, table: Table, row_id: str, values: Mapping[str, Any]) -> bool:
    """Changes columns of a role or group; False when it is not there."""
    return tx.execute(sql_update(table).where(table.c.id == row_id).values(**values)).rowcount == 1


def find(tx: Session, table: Table, row_id: str) -> Row[Any] | None:
    """A role or group by id."""
    return tx.execute(select(table).where(table.c.id == row_id)).first()


def find_by_name(tx: Session, table: Table, name: str) -> Row[Any] | None:
    """A role or group by name."""
    return tx.execute(select(table).where(table.c.name == name)).first()


def list_all(tx: Session, table: Table) -> Sequence[Row[Any]]:
    """All roles or groups by name."""
    return tx.execute(select(table).order_by(table.c.name)).all()


_GROUPS = {"id": groups.c.id, "name": groups.c.name, "description": groups.c.description}


def search_groups(tx: Session, text: str, page: int, size: int, sort: Sort = ()) -> Page:
    """A page of groups, by name unless sorted."""
    where = [groups.c.name.icontains(text, autoescape=True)] if text else []
    total = tx.execute(select(func.count()).select_from(groups).where(*where)).scalar_one()
    statement = select(groups).where(*where).order_by(*ordered(sort, _GROUPS, groups.c.name))
    return tx.execute(statement.limit(size).offset((page - 1) * size)).all(), int(total)


def find_roles(tx: Session, asked: Sequence[str]) -> Sequence[Row[Any]]:
    """The roles that users made whose id or name is among those asked for."""
    where = or_(roles.c.id.in_(asked), roles.c.name.in_(asked))
    return tx.execute(select(roles).where(where)).all()


def remove_role(tx: Session, role_id: str) -> bool:
    """Removes a role with the bindings that give it; False when it is not there."""
    tx.execute(delete(bindings).where(bindings.c.role_id == role_id))
    return tx.execute(delete(roles).where(roles.c.id == role_id)).rowcount == 1


def remove_group(tx: Session, group_id: str) -> bool:
    """Removes a group with its members and bindings; False when it is not there."""
    forget_subject(tx, group_id)
    tx.execute(delete(group_members).where(group_members.c.group_id == group_id))
    return tx.execute(delete(groups).where(groups.c.id == group_id)).rowcount == 1


def forget_subject(tx: Session, subject_id: str) -> None:
    """Removes what was given to a user or group, and a user from all groups."""
    tx.execute(delete(bindings).where(bindings.c.subject_id == subject_id))
    tx.execute(delete(group_members).where(group_members.c.user_id == subject_id))


# -- members


def add_member(tx: Session, group_id: str, user_id: str) -> None:
    """Puts a user into a group that they are not in."""
    tx.execute(insert(group_members), {"group_id": group_id, "user_id": user_id})


def is_member(tx: Session, group_id: str, user_id: str) -> bool:
    """Whether a user is in a group."""
    where = (group_members.c.group_id == group_id) & (group_members.c.user_id == user_id)
    return tx.execute(select(group_members.c.user_id).where(where)).first() is not None


def drop_member(tx: Session, group_id: str, user_id: str) -> bool:
    """Takes a user out of a group; False when they were not in it."""
    where = (group_members.c.group_id == group_id) & (group_members.c.user_id == user_id)
    return tx.execute(delete(group_members).where(where)).rowcount == 1


def leave_all(tx: Session, user_id: str) -> None:
    """Takes a user out of every group."""
    tx.execute(delete(group_members).where(group_members.c.user_id == user_id))


def groups_of(tx: Session, user_id: str) -> Sequence[Row[Any]]:
    """The groups of a user, by name."""
    statement = select(groups).join(group_members, group_members.c.group_id == groups.c.id)
    return tx.execute(
        statement.where(group_members.c.user_id == user_id).order_by(groups.c.name)
    ).all()


_MEMBERS = {"id": users.c.id, "username": users.c.username, "displayName": users.c.username}


def search_members(
    tx: Session, group_id: str, text: str, page: int, size: int, sort: Sort = ()
) -> Page:
    """A page of the users in a group, by name unless sorted."""
    where = [group_members.c.group_id == group_id]
    if text:
        where.append(users.c.username.icontains(text, autoescape=True))
    both = users.join(group_members, group_members.c.user_id == users.c.id)
    total = tx.execute(select(func.count()).select_from(both).where(*where)).scalar_one()
    order = ordered(sort, _MEMBERS, users.c.username)
    statement = select(users).select_from(both).where(*where).order_by(*order)
    return tx.execute(statement.limit(size).offset((page - 1) * size)).all(), int(total)


# -- bindings


@dataclass(frozen=True, kw_only=True)
class BindingFilter:
    """What to find; None is no limit."""

    type: str | None = None
    subject_id: str | None = None
    role_id: str | None = None
    namespace: str | None = None


def find_binding(tx: Session, binding_id: str) -> Row[Any] | None:
    """A binding by id, with the names of what it joins."""
    return tx.execute(_SHOWN.where(bindings.c.id == binding_id)).first()


def find_same(tx: Session, subject_id: str, role_id: str, namespace: str) -> Row[Any] | None:
    """The binding that gives exactly this."""
    where = (
        bindings.c.subject_id == subject_id,
        bindings.c.role_id == role_id,
        bindings.c.namespace == namespace,
    )
    return tx.execute(select(bindings).where(*where)).first()


def drop_binding(tx: Session, binding_id: str) -> bool:
    """Takes back what a binding gave; False when it is not there."""
    return tx.execute(delete(bindings).where(bindings.c.id == binding_id)).rowcount == 1


_BINDINGS = {
    "id": bindings.c.id,
    "type": bindings.c.type,
    "namespace": bindings.c.namespace,
    "roleId": bindings.c.role_id,
}


def search_bindings(
    tx: Session, wanted: BindingFilter, page: int, size: int, sort: Sort = ()
) -> Page:
    """A page of bindings with the names of what they join, the oldest first unless sorted."""
    where: list[ColumnElement[bool]] = [
        bindings.c[name] == value for name, value in vars(wanted).items() if value is not None
    ]
    total = tx.execute(select(func.count()).select_from(bindings).where(*where)).scalar_one()
    order = ordered(sort, _BINDINGS, bindings.c.created_at, bindings.c.id)
    statement = _SHOWN.where(*where).order_by(*order)
    return tx.execute(statement.limit(size).offset((page - 1) * size)).all(), int(total)
