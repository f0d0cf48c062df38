"""Routes of the door: log in, log out (HTTP API 2.8)."""

import secrets

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from app.api.auth import CSRF_COOKIE, SESSION_COOKIE, check_origin
from app.api.web import answer, json_body, runtime
from app.errors import Invalid, Unauthenticated
from app.model.access import Caller
from app.service.access import audit, login, sessions

bp = Blueprint("login", __name__)


@bp.post("/login")
def enter() -> ResponseReturnValue:
    """Opens a session for a name and a password, from JSON or a form."""
    check_origin()
    username, password = _credentials()
    address = request.remote_addr
    caller = login.check_password(runtime(), username, password, address or "")
    verdict = audit.DONE if caller is not None else audit.REFUSED
    act = audit.Act(
        actor=username[:200], action="login", target="session", verdict=verdict, address=address
    )
    audit.note(runtime(), act)
    if caller is None:
        raise Unauthenticated("credentials are missing or wrong")
    return with_session(answer({"username": caller.username}), caller)


@bp.post("/logout")
def leave() -> ResponseReturnValue:
    """Forgets the session of this browser."""
    check_origin()
    response = Response(status=204)
    response.delete_cookie(SESSION_COOKIE, path=_path())
    return response


def _credentials() -> tuple[str, str]:
    is_form = request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data")
    given = request.form if is_form else json_body()
    found = []
    for name in ("username", "password"):
        value = given.get(name) if hasattr(given, "get") else None
        if not isinstance(value, str) or not value:
            raise Invalid(f"`{name}` must be a text that is not empty")
        found.append(value)
    return found[0], found[1]


def with_session(response: Response, caller: Caller) -> Response:
    """Adds the cookies of a new session to an answer."""
    cookie = sessions.open_session(runtime(), caller)
    age = int(runtime().settings.session_hours * 3600)
    response.set_cookie(
        SESSION_COOKIE,
        cookie,
        max_age=age,
        path=_path(),
        httponly=True,
        samesite="Lax",
        secure=_is_secure(),
    )
    return with_csrf(response, csrf_token())


def csrf_token() -> str:
    """The token of this browser; a new one when it has none."""
    return request.cookies.get(CSRF_COOKIE) or secrets.token_urlsafe(24)


def with_csrf(response: Response, token: str) -> Response:
    """Adds the cookie that our page shows again in a header."""
    response.set_cookie(CSRF_COOKIE, token, path=_path(), samesite="Lax", secure=_is_secure())
    return response


def _is_secure() -> bool:
    return request.is_secure or runtime().settings.url.startswith("https:")


def _path() -> str:
    return request.script_root + "/"
