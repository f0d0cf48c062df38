"""Coming in by name and password, throttled by name and by address."""

import hmac
import os
import threading
import time
from collections import OrderedDict
from typing import Any

from sqlalchemy import Row

from app.database import users
from app.errors import Busy
from app.model.access import Caller
from app.service.access.accounts import caller_of
from app.service.access.passwords import verify_password
from app.service.runtime import Runtime

_PEPPER = os.urandom(32)
_CACHE_S, _CACHE_SIZE = 60.0, 1000
_MOST_FAILURES, _WINDOW_S, _MOST_KEYS = 20, 60.0, 100_000
_verified: "OrderedDict[bytes, tuple[float, str, int]]" = OrderedDict()
_failures: "OrderedDict[str, list[float]]" = OrderedDict()
_lock = threading.Lock()


def check_password(rt: Runtime, username: str, password: str, address: str) -> Caller | None:
    """The caller of a name and a password, None for a wrong pair.

    A good pair is remembered for a minute (hashed), since Basic sends it with each request; a new
    password ends that. Raises Busy after 20 failures in a minute from one address or for one name.
    """
    pair = f"{rt.database.url}\0{username}\0{password}"
    key = hmac.digest(_PEPPER, pair.encode("utf-8", "surrogatepass"), "sha256")
    with _lock:
        known = _verified.get(key)
    with rt.database.reading() as tx:
        row = users.find_by_name(tx, username)
    if row is not None and known is not None and _is_fresh(known, row):
        return caller_of(rt, row)
    counted = _counted(rt, username, address)
    _throttle(counted)
    if not verify_password(row.password_hash if row is not None else None, password):
        _failed(counted)
        return None
    assert row is not None
    with _lock:
        _verified[key] = (time.monotonic(), row.id, row.epoch)
        while len(_verified) > _CACHE_SIZE:
            _verified.popitem(last=False)
    return caller_of(rt, row)


def _is_fresh(known: tuple[float, str, int], row: Row[Any]) -> bool:
    at, user_id, epoch = known
    return (user_id, epoch) == (row.id, row.epoch) and time.monotonic() - at <= _CACHE_S


def _counted(rt: Runtime, username: str, address: str) -> tuple[str, str]:
    """Under what a failure counts; the accounts of one database say nothing of another's."""
    of = rt.database.url
    return f"{of}\0u:{username}", f"{of}\0a:{address}"


def _throttle(counted: tuple[str, str]) -> None:
    now = time.monotonic()
    with _lock:
        for key in counted:
            recent = [at for at in _failures.get(key, ()) if now - at < _WINDOW_S]
            if recent:
                _failures[key] = recent
            else:
                _failures.pop(key, None)
            if len(recent) >= _MOST_FAILURES:
                raise Busy("too many failed logins", retry_after_s=int(_WINDOW_S))


def _failed(counted: tuple[str, str]) -> None:
    with _lock:
        for key in counted:
            _failures.setdefault(key, []).append(time.monotonic())
        while len(_failures) > _MOST_KEYS:
            _failures.popitem(last=False)
