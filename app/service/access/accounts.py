"""Users and service accounts: made, changed, closed; what is granted to them."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from app.database import grants as granted
from app.database import users
from app.database.ordering import Sort
from app.database.session import Session
from app.errors import Conflict, Invalid, NotFound
from app.model.access import Caller
from app.model.ids import new_id
from app.service.access import bindings, given
from app.service.access.passwords import hash_password
from app.service.runtime import Runtime

LEAST_PASSWORD = 8  #: characters
_KINDS = ("USER", "SERVICE_ACCOUNT")


def ensure_admin(rt: Runtime) -> str | None:
    """Creates the first user; its password when it was made up here, else None."""
    with rt.database.reading() as tx:
        if users.count(tx):
            return None
    password = rt.settings.admin_password or secrets.token_urlsafe(12)
    values = _new(rt, rt.settings.admin_username, "USER", hash_password(password))
    with rt.database.transaction() as tx:
        if users.count(tx) or not users.add_once(tx, values | {"is_admin": True}):
            return None  # another process was first
    return None if rt.settings.admin_password else password


def _new(rt: Runtime, username: str, kind: str, password_hash: str | None) -> dict[str, Any]:
    return {
        "id": new_id(),
        "username": username,
        "password_hash": password_hash,
        "kind": kind,
        "is_admin": False,
        "roles": [],
        "disabled": False,
        "profile": {},
        "epoch": 0,
        "created_at": rt.clock(),
    }


def create(
    rt: Runtime,
    username: str,
    *,
    kind: str = "USER",
    password: str | None = None,
    grants: Sequence[Any] = (),
    is_admin: bool = False,
    profile: Mapping[str, Any] | None = None,
) -> Row[Any]:
    """A new account. Raises Invalid (name, password, grants) or Conflict for a name in use."""
    assert kind in _KINDS
    if not username.strip() or len(username) > 200:
        raise Invalid("`username` must have 1 to 200 characters")
    values = _new(rt, username, kind, _checked(password) if password is not None else None)
    values |= {"is_admin": is_admin, "profile": dict(profile or {})}
    with rt.database.transaction() as tx:
        values["roles"] = given.read(tx, grants, "grants")
        if users.find_by_name(tx, username) is not None:
            raise Conflict(f"there is an account {username!r} already")
        users.add(tx, values)
    return get(rt, values["id"])


def change(rt: Runtime, user_id: str, changes: Mapping[str, Any]) -> Row[Any]:
    """Changes some of password, grants, is_admin, disabled, profile of an account.

    Open sessions end with a new password and with `disabled`. The last administrator stays one.
    Raises NotFound, Invalid, Conflict.
    """
    values = {k: v for k, v in changes.items() if k in ("is_admin", "disabled", "profile")}
    if changes.get("password") is not None:
        values["password_hash"] = _checked(changes["password"])
    with rt.database.transaction() as tx:
        row = _to_change(tx, user_id)
        if "grants" in changes:
            values["roles"] = given.read(tx, changes["grants"], "grants")
        if "password_hash" in values or values.get("disabled"):
            values["epoch"] = row.epoch + 1
        users.update(tx, user_id, values)
        _keep_an_admin(tx, row)
    return get(rt, user_id)


def remove(rt: Runtime, user_id: str) -> None:
    """Closes an account with its tokens and sessions. Raises NotFound, Conflict."""
    with rt.database.transaction() as tx:
        row = _to_change(tx, user_id)
        users.remove(tx, user_id)
        granted.forget_subject(tx, user_id)
        _keep_an_admin(tx, row)


def _to_change(tx: Session, user_id: str) -> Row[Any]:
    """An account that is about to be changed; of administrators one after the other."""
    row = users.find(tx, user_id)
    if row is not None and row.is_admin:
        users.lock_admins(tx)
        row = users.find(tx, user_id)
    if row is None:
        raise NotFound("no such account")
    return row


def _keep_an_admin(tx: Session, before: Row[Any]) -> None:
    if before.is_admin and not before.disabled and not users.count_admins(tx):
        raise Conflict("the last administrator has to stay one")


def get(rt: Runtime, user_id: str) -> Row[Any]:
    """An account. Raises NotFound."""
    with rt.database.reading() as tx:
        row = users.find(tx, user_id)
    if row is None:
        raise NotFound("no such account")
    return row


def find_page(
    rt: Runtime, kind: str, *, text: str = "", page: int = 1, size: int = 10, sort: Sort = ()
) -> tuple[Sequence[Row[Any]], int]:
    """A page of accounts of a kind, and how many there are. Raises BadRequest for the sort."""
    with rt.database.reading() as tx:
        return users.search(tx, kind, text, page, size, sort)


def load_caller(rt: Runtime, user_id: str) -> Caller | None:
    """An account as the maker of a request; None when it is gone or disabled."""
    with rt.database.reading() as tx:
        row = users.find(tx, user_id)
    return caller_of(rt, row) if row is not None else None


def epoch_of(rt: Runtime, user_id: str) -> int | None:
    """A number that grows when all sessions of an account end; None when it is gone."""
    with rt.database.reading() as tx:
        row = users.find(tx, user_id)
    return row.epoch if row is not None else None


def load_at(rt: Runtime, user_id: str, epoch: int | None) -> Caller | None:
    """As `load_caller`; None also when the account's epoch is another one."""
    with rt.database.reading() as tx:
        row = users.find(tx, user_id)
    return caller_of(rt, row) if row is not None and row.epoch == epoch else None


def caller_of(rt: Runtime, row: Row[Any]) -> Caller | None:
    """The caller of an account's row; None when it is disabled.

    They have the grants of the account, and what bindings give them and their groups.
    """
    if row.disabled:
        return None
    with rt.database.reading() as tx:
        found = given.grants_of(tx, row.roles)
        if not row.is_admin:  # who may all: what else is given changes nothing
            found += bindings.grants_of(tx, row.id)
    return Caller(row.id, row.username, row.is_admin, found)


def _checked(password: Any) -> str:
    if not isinstance(password, str) or len(password) < LEAST_PASSWORD:
        raise Invalid(f"`password` must have at least {LEAST_PASSWORD} characters")
    return hash_password(password)
