"""Sessions of browsers: a signed cookie that names a row, and dies with it or with its account.

The cookie is signed with a key derived from the encryption key: the row alone makes none. Logging
out removes the row; a new password or a closed account raises the epoch of the account, which ends
every session of it. What has grown too old to be let in is purged.
"""

import hashlib
import hmac
import secrets
from functools import cache

from itsdangerous import BadSignature, URLSafeTimedSerializer

from app.database import browser_sessions, users
from app.model.access import Caller
from app.model.ids import new_id
from app.service.access import audit
from app.service.access.accounts import caller_of
from app.service.runtime import Runtime
from app.settings import Settings

_process_key = secrets.token_bytes(32)


@cache
def _key(encryption_key: str) -> bytes:
    """Without an encryption key sessions live as long as their process."""
    if not encryption_key:
        return _process_key
    return hmac.digest(encryption_key.encode(), b"trunkline sessions", "sha256")


def signer(settings: Settings, purpose: str) -> URLSafeTimedSerializer:
    """Signs small values that a browser keeps for us; `purpose` keeps them apart."""
    return URLSafeTimedSerializer(
        _key(settings.encryption_key),
        salt=purpose,
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )


def open_session(rt: Runtime, caller: Caller) -> str:
    """The cookie of a new session."""
    session_id = new_id()
    with rt.database.transaction() as tx:
        row = users.find(tx, caller.id)
        assert row is not None
        browser_sessions.add(tx, session_id, row, rt.clock())
    return str(signer(rt.settings, "session").dumps(session_id))


def check_session(rt: Runtime, cookie: str) -> Caller | None:
    """The caller of a cookie; None when it is forged, too old, logged out, or its account has
    moved on.
    """
    if (session_id := _named(rt, cookie)) is None:
        return None
    with rt.database.reading() as tx:
        row = browser_sessions.find_account(tx, session_id)
    return caller_of(rt, row) if row is not None else None


def csrf_of(rt: Runtime, cookie: str) -> str | None:
    """What a page of this session shows with each change; None for a cookie that names no session.

    Made from the session's id, so that no other session's is taken, and whoever plants a cookie in
    a browser cannot make one.
    """
    if (session_id := _named(rt, cookie)) is None:
        return None
    key = _key(rt.settings.encryption_key)
    return hmac.digest(key, f"csrf {session_id}".encode(), "sha256").hex()


def end_session(rt: Runtime, cookie: str, address: str | None) -> None:
    """Ends the session of a cookie, also for every copy of it, and notes who left from where.

    A cookie that opens nothing (forged, too old, ended before) changes nothing.
    """
    session_id = _named(rt, cookie)
    caller = check_session(rt, cookie)
    if session_id is None or caller is None:
        return
    act = audit.Act(
        actor=caller.username,
        action="logout",
        target="session",
        verdict=audit.DONE,
        address=address,
    )
    with rt.database.transaction() as tx:
        if browser_sessions.remove(tx, session_id):
            audit.note_in(tx, rt, act)


def _named(rt: Runtime, cookie: str) -> str | None:
    """The id of the session that a cookie of ours names; None when it is forged or too old."""
    span = int(rt.settings.session_hours * 3600)
    try:
        found = signer(rt.settings, "session").loads(cookie, max_age=span)
    except (BadSignature, ValueError, TypeError):
        return None
    return found if isinstance(found, str) else None
