"""Users and API tokens: who may come in."""

import hashlib
import hmac
import os
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from app.database import users
from app.errors import Busy, Invalid
from app.model.ids import new_id
from app.service.runtime import Runtime

_hasher = PasswordHasher()
_DUMMY = _hasher.hash("nobody")
_PEPPER = os.urandom(32)
_CACHE_S, _CACHE_SIZE = 60.0, 1000
_MOST_FAILURES, _WINDOW_S = 20, 60.0
_verified: "OrderedDict[bytes, tuple[float, str]]" = OrderedDict()
_failures: dict[str, list[float]] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class User:
    """Who makes a request."""

    id: str
    username: str
    is_admin: bool


def ensure_admin(rt: Runtime) -> str | None:
    """Creates the first user; its password when it was made up here, else None."""
    with rt.database.transaction() as tx:
        if users.count(tx):
            return None
        password = rt.settings.admin_password or secrets.token_urlsafe(12)
        values = {
            "id": new_id(),
            "username": rt.settings.admin_username,
            "password_hash": _hasher.hash(password),
            "kind": "USER",
            "is_admin": True,
            "roles": [],
            "disabled": False,
            "profile": {},
            "created_at": rt.clock(),
        }
        users.add(tx, values)
    return None if rt.settings.admin_password else password


def check_password(rt: Runtime, username: str, password: str, address: str) -> User | None:
    """The user of a name and a password, None for a wrong pair.

    A good pair is remembered for a minute (hashed), since Basic sends it with each request.
    Raises Busy after 20 failures in a minute from one address or for one name.
    """
    key = hmac.digest(_PEPPER, f"{rt.database.url}\n{username}\n{password}".encode(), "sha256")
    with _lock:
        known = _verified.get(key)
    if known is None or time.monotonic() - known[0] > _CACHE_S:
        _throttle(username, address)
        with rt.database.reading() as tx:
            row = users.find_by_name(tx, username)
        if not _verify(row.password_hash if row is not None else None, password):
            _failed(username, address)
            return None
        assert row is not None
        known = (time.monotonic(), row.id)
        with _lock:
            _verified[key] = known
            while len(_verified) > _CACHE_SIZE:
                _verified.popitem(last=False)
    return _load(rt, known[1])


def _verify(stored: str | None, password: str) -> bool:
    try:
        return _hasher.verify(stored or _DUMMY, password) and stored is not None
    except (Argon2Error, InvalidHashError):
        return False


def _throttle(username: str, address: str) -> None:
    now = time.monotonic()
    with _lock:
        for key in (f"u:{username}", f"a:{address}"):
            recent = [at for at in _failures.get(key, []) if now - at < _WINDOW_S]
            _failures[key] = recent
            if len(recent) >= _MOST_FAILURES:
                raise Busy("too many failed logins", retry_after_s=int(_WINDOW_S))


def _failed(username: str, address: str) -> None:
    with _lock:
        for key in (f"u:{username}", f"a:{address}"):
            _failures.setdefault(key, []).append(time.monotonic())


def _load(rt: Runtime, user_id: str) -> User | None:
    with rt.database.reading() as tx:
        row = users.find(tx, user_id)
    if row is None or row.disabled:
        return None
    return User(row.id, row.username, row.is_admin)


def create_token(
    rt: Runtime, user: User, name: str, description: str | None, max_age: timedelta | None
) -> tuple[dict[str, Any], str]:
    """A new API token; its full text is given here only. Raises Invalid without a name."""
    if not name.strip():
        raise Invalid("`name` must not be empty")
    full = "tk_" + secrets.token_urlsafe(32)
    now = rt.clock()
    values = {
        "id": new_id(),
        "user_id": user.id,
        "name": name,
        "description": description,
        "prefix": full[:7],
        "hash": _token_hash(full),
        "extended": False,
        "created_at": now,
        "expires_at": now + max_age if max_age is not None else None,
    }
    with rt.database.transaction() as tx:
        users.add_token(tx, values)
    return values, full


def check_token(rt: Runtime, full: str) -> User | None:
    """The user of a token; None for an unknown or expired one."""
    with rt.database.reading() as tx:
        row = users.find_token(tx, _token_hash(full))
    if row is None or (row.expires_at is not None and row.expires_at <= rt.clock()):
        return None
    return _load(rt, row.user_id)


def list_tokens(rt: Runtime, user: User) -> list[Any]:
    """The tokens of a user, without their secrets."""
    with rt.database.reading() as tx:
        return list(users.list_tokens(tx, user.id))


def revoke_token(rt: Runtime, user: User, token_id: str) -> bool:
    """Ends a token at once; False when the user has no such token."""
    with rt.database.transaction() as tx:
        return users.drop_token(tx, user.id, token_id)


def _token_hash(full: str) -> str:
    return hashlib.sha256(full.encode()).hexdigest()
