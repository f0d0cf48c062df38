"""Sessions of browsers: a signed cookie that names the account and dies with its password.

Nothing is stored: the cookie carries the account's id and epoch, signed with a key derived from the
encryption key. A new password or a closed account raises the epoch, which ends every session.
"""

import hashlib
import hmac
import secrets
from functools import cache

from itsdangerous import BadSignature, URLSafeTimedSerializer

from app.database import users
from app.model.access import Caller
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
    with rt.database.reading() as tx:
        row = users.find(tx, caller.id)
    assert row is not None
    return str(signer(rt.settings, "session").dumps([row.id, row.epoch]))


def check_session(rt: Runtime, cookie: str) -> Caller | None:
    """The caller of a cookie; None when it is forged, too old, or its account has moved on."""
    try:
        span = int(rt.settings.session_hours * 3600)
        user_id, epoch = signer(rt.settings, "session").loads(cookie, max_age=span)
    except (BadSignature, ValueError, TypeError):
        return None
    with rt.database.reading() as tx:
        row = users.find(tx, str(user_id))
    if row is None or row.epoch != epoch:
        return None
    return caller_of(rt, row)
