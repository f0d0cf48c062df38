"""Who may come in: default deny, by matched endpoint; the open endpoints are one explicit list."""

from flask import Flask, g, request

from app.api.web import runtime
from app.errors import Unauthenticated
from app.service import users
from app.service.users import User

#: endpoints that answer without credentials (HTTP API 2.8)
OPEN = frozenset(
    {
        "health.ping",
        "health.health",
        "health.liveness",
        "health.readiness",
        "instance.login_configuration",
        "webhooks.call",
        "gitops.deliver",
        "ui.enter",
        "ui.show",
    }
)


def caller() -> User | None:
    """The user of this request. Raises Unauthenticated for wrong credentials, Busy for too many."""
    header = request.headers.get("Authorization", "")
    if header.startswith("Bearer "):
        return users.check_token(runtime(), header.removeprefix("Bearer ").strip())
    given = request.authorization
    if given is not None and given.type == "basic" and given.username is not None:
        address = request.remote_addr or ""
        return users.check_password(runtime(), given.username, given.password or "", address)
    return None


def _guard() -> None:
    endpoint = (request.endpoint or "").replace("_plain.", ".")
    if not endpoint or endpoint in OPEN:
        return
    if not runtime().settings.auth_enabled:
        g.user = User("anonymous", "anonymous", True)
        return
    user = caller()
    if user is None:
        raise Unauthenticated("credentials are missing or wrong")
    g.user = user


def current_user() -> User:
    """The user of this request, once the guard has let it in."""
    user: User = g.user
    return user


def register(app: Flask) -> None:
    """Puts the guard before every request."""
    app.before_request(_guard)
