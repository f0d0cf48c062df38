"""Passwords at rest: argon2, and the same time spent whether the name is known or not."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

_hasher = PasswordHasher()


@cache
def _dummy() -> str:
    """Made when it is first needed: it takes as long as a login, and each process imports this."""
    return _hasher.hash("nobody")


def hash_password(password: str) -> str:
    """What is stored of a password."""
    return _hasher.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Whether a password is the stored one; None (no such account) takes as long and is False."""
    try:
        return _hasher.verify(stored or _dummy(), password) and stored is not None
    except (Argon2Error, InvalidHashError, UnicodeEncodeError):
        return False
