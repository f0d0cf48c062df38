"""API tokens: hashed, revocable, expiring, and no stronger than their owner."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.database import users
from app.errors import Invalid
from app.model.access import Caller
from app.model.ids import new_id
from app.service.access import given
from app.service.access.accounts import load_caller
from app.service.runtime import Runtime

PREFIX = "tk_"  #: of every API token
_USED_EVERY = timedelta(minutes=1)  #: how exactly the last use is kept


def create_token(
    rt: Runtime,
    user_id: str,
    name: str,
    description: str | None = None,
    max_age: timedelta | None = None,
    scopes: Sequence[Any] | None = None,
) -> tuple[dict[str, Any], str]:
    """A new API token; its full text is given here only.

    `scopes` are grants (`{role, namespace}`) that it is limited to; None: all that its owner may.
    Raises Invalid for an empty name, an age that is not positive, an unknown role.
    """
    if not name.strip():
        raise Invalid("`name` must not be empty")
    if max_age is not None and max_age <= timedelta(0):
        raise Invalid("`maxAge` must be positive")
    full = PREFIX + secrets.token_urlsafe(32)
    now = rt.clock()
    values: dict[str, Any] = {
        "id": new_id(),
        "user_id": user_id,
        "name": name,
        "description": description,
        "prefix": full[:7],
        "hash": _hash(full),
        "extended": False,
        "created_at": now,
        "expires_at": now + max_age if max_age is not None else None,
    }
    with rt.database.transaction() as tx:
        values["scopes"] = given.read(tx, scopes, "scopes") if scopes is not None else None
        users.add_token(tx, values)
    return values, full


def check_token(rt: Runtime, full: str) -> Caller | None:
    """The caller of a token; None when it is unknown or expired, or its owner is closed.

    That of a token with scopes or an end makes and revokes no tokens: it would get round both.
    """
    now = rt.clock()
    with rt.database.reading() as tx:
        row = users.find_token(tx, _hash(full))
    if row is None or (row.expires_at is not None and row.expires_at <= now):
        return None
    caller = load_caller(rt, row.user_id)
    if caller is None:
        return None
    if row.used_at is None or now - row.used_at > _USED_EVERY:
        with rt.database.transaction() as tx:
            users.token_used(tx, row.id, now)
    if row.scopes is None:
        return replace(caller, is_bounded=row.expires_at is not None)
    with rt.database.reading() as tx:
        return caller.limited_to(given.grants_of(tx, row.scopes))


def list_tokens(rt: Runtime, user_id: str) -> list[Any]:
    """The tokens of a user, without their secrets."""
    with rt.database.reading() as tx:
        return list(users.list_tokens(tx, user_id))


def revoke_token(rt: Runtime, user_id: str, token_id: str) -> bool:
    """Ends a token at once; False when the user has no such token."""
    with rt.database.transaction() as tx:
        return users.drop_token(tx, user_id, token_id)


def _hash(full: str) -> str:
    return hashlib.sha256(full.encode()).hexdigest()
