"""Recognises credentials of this server where they do not belong: in what is kept as data."""

import base64
import binascii

from app.database import users
from app.service.access.tokens import PREFIX
from app.service.runtime import Runtime


def is_of_this_server(rt: Runtime, authorization: str) -> bool:
    """Whether an `Authorization` header names an account, or an API token, of this server.

    The password is not looked at: that would let anybody who knows a webhook's address guess it.
    """
    scheme, _, rest = authorization.strip().partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip().startswith(PREFIX)
    if scheme.lower() != "basic":
        return False
    try:
        username = base64.b64decode(rest, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return False
    with rt.database.reading() as tx:
        return username.startswith(PREFIX) or users.find_by_name(tx, username) is not None
