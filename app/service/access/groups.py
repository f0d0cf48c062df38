"""Groups of users: what is given to a group, each member has while they are in it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from app.database import grants, users
from app.database.ordering import Sort
from app.database.schema_instance import groups
from app.database.session import Session
from app.errors import Conflict, Invalid, NotFound
from app.model.ids import new_id
from app.service.access.roles import MOST_NAME
from app.service.runtime import Runtime


def create(
    rt: Runtime, name: str, description: str | None = None, members: Sequence[str] = ()
) -> Row[Any]:
    """A new group, with accounts by id. Raises Invalid, NotFound (an account), Conflict (name)."""
    values: dict[str, Any] = {
        "id": new_id(),
        "name": name,
        "description": description,
        "created_at": rt.clock(),
    }
    with rt.database.transaction() as tx:
        _check_name(tx, name, None)
        grants.add(tx, groups, values)
        for user_id in dict.fromkeys(members):
            _put(tx, values["id"], user_id)
    return get(rt, values["id"])


def rename(rt: Runtime, group_id: str, name: str, description: str | None = None) -> Row[Any]:
    """Another name and description. Raises Invalid, NotFound, Conflict."""
    with rt.database.transaction() as tx:
        _check_name(tx, name, group_id)
        if not grants.change(tx, groups, group_id, {"name": name, "description": description}):
            raise NotFound("no such group")
    return get(rt, group_id)


def remove(rt: Runtime, group_id: str) -> None:
    """Closes a group; its members lose what they had by it. Raises NotFound."""
    with rt.database.transaction() as tx:
        if not grants.remove_group(tx, group_id):
            raise NotFound("no such group")


def get(rt: Runtime, group_id: str) -> Row[Any]:
    """A group. Raises NotFound."""
    with rt.database.reading() as tx:
        return _get(tx, group_id)


def find_page(rt: Runtime, text: str, page: int, size: int, sort: Sort = ()) -> grants.Page:
    """A page of groups, by name unless sorted. Raises BadRequest for the sort."""
    with rt.database.reading() as tx:
        return grants.search_groups(tx, text, page, size, sort)


def find_members(
    rt: Runtime, group_id: str, text: str, page: int, size: int, sort: Sort = ()
) -> grants.Page:
    """A page of the accounts in a group. Raises NotFound, BadRequest for the sort."""
    with rt.database.reading() as tx:
        _get(tx, group_id)
        return grants.search_members(tx, group_id, text, page, size, sort)


def add_member(rt: Runtime, group_id: str, user_id: str) -> Row[Any]:
    """Puts an account into a group; once in it, nothing changes. Raises NotFound."""
    with rt.database.transaction() as tx:
        _get(tx, group_id)
        return _put(tx, group_id, user_id)


def drop_member(rt: Runtime, group_id: str, user_id: str) -> Row[Any]:
    """Takes an account out of a group. Raises NotFound, also when it was not in it."""
    with rt.database.transaction() as tx:
        account = users.find(tx, user_id)
        if account is None or not grants.drop_member(tx, group_id, user_id):
            raise NotFound("no such member")
        return account


def set_groups(rt: Runtime, user_id: str, group_ids: Sequence[str]) -> None:
    """Makes an account a member of exactly these groups. Raises NotFound."""
    with rt.database.transaction() as tx:
        grants.leave_all(tx, user_id)
        for group_id in dict.fromkeys(group_ids):
            _get(tx, group_id)
            _put(tx, group_id, user_id)


def of_user(rt: Runtime, user_id: str) -> Sequence[Row[Any]]:
    """The groups of an account, by name."""
    with rt.database.reading() as tx:
        return grants.groups_of(tx, user_id)


def _get(tx: Session, group_id: str) -> Row[Any]:
    row = grants.find(tx, groups, group_id)
    if row is None:
        raise NotFound("no such group")
    return row


def _put(tx: Session, group_id: str, user_id: str) -> Row[Any]:
    account = users.find(tx, user_id)
    if account is None:
        raise NotFound(f"no such account {user_id[:60]!r}")
    if not grants.is_member(tx, group_id, user_id):
        grants.add_member(tx, group_id, user_id)
    return account


def _check_name(tx: Session, name: str, group_id: str | None) -> None:
    if not name.strip() or len(name) > MOST_NAME:
        raise Invalid(f"`name` must have 1 to {MOST_NAME} characters")
    other = grants.find_by_name(tx, groups, name)
    if other is not None and other.id != group_id:
        raise Conflict(f"there is a group {name!r} already")
