"""Routes of the door: log in, log out, sign on by a provider (HTTP API 2.8)."""

import secrets

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from app.api.auth import CSRF_COOKIE, SESSION_COOKIE, check_origin
from app.api.web import answer, form_like, json_body, runtime
from app.errors import Forbidden, Invalid, Unauthenticated
from app.model.access import Caller
from app.service.access import audit, login, oidc, providers, sessions

bp = Blueprint("login", __name__)
STATE_COOKIE = "signOn"


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
    """Ends the session of this browser, also for whoever has a copy of its cookie."""
    check_origin()
    if (cookie := request.cookies.get(SESSION_COOKIE)) is not None:
        sessions.end_session(runtime(), cookie, request.remote_addr)
    response = Response(status=204)
    response.delete_cookie(SESSION_COOKIE, path=_path())
    return response


@bp.get("/login/oidc/<provider>")
def sign_on(provider: str) -> ResponseReturnValue:
    """Sends the browser to a provider."""
    found = providers.get_provider(runtime(), provider)
    following = request.args.get("next", "")
    address, cookie = oidc.begin(runtime(), found, _callback(provider), following)
    response = redirect(address)
    response.set_cookie(
        STATE_COOKIE,
        cookie,
        max_age=oidc.STATE_S,
        path=_path(),
        httponly=True,
        samesite="Lax",
        secure=_is_secure(),
    )
    return response


@bp.get("/login/oidc/<provider>/callback")
def signed_on(provider: str) -> ResponseReturnValue:
    """Takes the browser back from a provider and opens a session."""
    found = providers.get_provider(runtime(), provider)
    cookie = request.cookies.get(STATE_COOKIE, "")
    try:
        caller, following = oidc.finish(
            runtime(), found, _callback(provider), cookie, request.args.to_dict()
        )
    except (Forbidden, Invalid) as error:
        _note_sign_on(provider, "", audit.REFUSED, {"reason": str(error)[:500]})
        raise
    _note_sign_on(provider, caller.username, audit.DONE, {})
    response = with_session(redirect(following or request.script_root + "/ui/"), caller)
    response.delete_cookie(STATE_COOKIE, path=_path())
    return response


def _note_sign_on(provider: str, actor: str, verdict: str, detail: dict[str, str]) -> None:
    act = audit.Act(
        actor=actor,
        action=f"login by {provider}",
        target="session",
        verdict=verdict,
        address=request.remote_addr,
        detail=detail,
    )
    audit.note(runtime(), act)


def _callback(provider: str) -> str:
    root = runtime().settings.url or request.url_root
    return f"{root.rstrip('/')}/login/oidc/{provider}/callback"


def _credentials() -> tuple[str, str]:
    given = request.form if form_like() else json_body()
    found = []
    for name in ("username", "password"):
        value = given.get(name) if hasattr(given, "get") else None
        if not isinstance(value, str) or not value:
            raise Invalid(f"`{name}` must be a text that is not empty")
        found.append(value)
    return found[0], found[1]


def with_session(response: BaseResponse, caller: Caller) -> BaseResponse:
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
    return with_csrf(response, csrf_token(cookie))


def csrf_token(cookie: str | None) -> str:
    """The token of a session; before a login one that lets nobody change anything."""
    token = sessions.csrf_of(runtime(), cookie) if cookie is not None else None
    return token or secrets.token_urlsafe(24)


def with_csrf(response: BaseResponse, token: str) -> BaseResponse:
    """Adds the cookie that our page shows again in a header."""
    response.set_cookie(CSRF_COOKIE, token, path=_path(), samesite="Lax", secure=_is_secure())
    return response


def _is_secure() -> bool:
    return request.is_secure or runtime().settings.url.startswith("https:")


def _path() -> str:
    return request.script_root + "/"
