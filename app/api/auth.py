"""Who makes a request: default deny, by matched endpoint; the open endpoints are one explicit list.

A caller shows an API token, a name and password (Basic), or the cookie of a session. With the
cookie, a request that changes something has to prove that our own page sent it (S3).
"""

import hmac
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request

from app.api import permissions, scrapers
from app.api.web import runtime
from app.errors import Forbidden, Unauthenticated
from app.model.access import Caller
from app.service.access import accounts, login, sessions, tokens

SESSION_COOKIE = "JWT"
CSRF_COOKIE = "csrfToken"
CSRF_HEADER = "X-CSRF-TOKEN"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
#: endpoints that answer without credentials (HTTP API 2.8)
OPEN = frozenset(
    {
        "health.ping",
        "health.health",
        "health.liveness",
        "health.readiness",
        "instance.login_configuration",
        "installation.setup",
        "installation.make_first",
        "installation.make_first_by_older_name",
        "login.enter",
        "login.leave",
        "login.sign_on",
        "login.signed_on",
        "webhooks.call",
        "gitops.deliver",
        "ui.enter",
        "ui.show",
    }
)
#: those of them that read a body of their own, within a limit of their own
LARGE = frozenset({"webhooks.call", "gitops.deliver"})
MOST_OPEN = 100_000  #: bytes that somebody without credentials may send


def find_caller() -> Caller | None:
    """The caller of this request. Raises Busy (too many failures), Forbidden (forged)."""
    if (check := _check_of_header()) is not None:
        if _endpoint() not in scrapers.ENDPOINTS:
            return check()
        known: scrapers.Scrapers = current_app.config["SCRAPERS"]
        return known.find_caller(request.headers["Authorization"], check)
    cookie = request.cookies.get(SESSION_COOKIE)
    if cookie is None:
        return None
    caller = sessions.check_session(runtime(), cookie)
    if caller is not None and request.method not in SAFE_METHODS:
        g.claimed = caller  # whose session it is, should the request be refused as forged
        check_origin()
        _check_csrf(cookie)
    return caller


def _check_of_header() -> Callable[[], Caller | None] | None:
    """The check of a token, or a name and password, which needs the request no more."""
    header = request.headers.get("Authorization", "")
    if header.startswith("Bearer "):
        return partial(tokens.check_token, runtime(), header.removeprefix("Bearer ").strip())
    given = request.authorization
    if given is not None and given.type == "basic" and given.username is not None:
        shown = (given.username, given.password or "", request.remote_addr or "")
        return partial(login.check_password, runtime(), *shown)
    return None


def _endpoint() -> str:
    return (request.endpoint or "").replace("_plain.", ".")


def check_origin() -> None:
    """Raises Forbidden for a request that a page of another site has sent.

    A page without a site of its own (a sandbox, a file) sends `null`, and is another one too.
    """
    origin = request.headers.get("Origin")
    ours = {request.host, urlsplit(runtime().settings.url).netloc} - {""}
    if origin is not None and _place(origin) not in ours:
        raise Forbidden("this request comes from a page of another site")


def _place(origin: str) -> str:
    """Host and port of an address; empty for what is none."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _check_csrf(session: str) -> None:
    """Raises Forbidden unless our page of this session has sent the request."""
    kept = request.cookies.get(CSRF_COOKIE, "").encode()
    shown = request.headers.get(CSRF_HEADER, "").encode()
    if not kept or not hmac.compare_digest(kept, shown):
        raise Forbidden(f"the header {CSRF_HEADER} does not equal the cookie {CSRF_COOKIE}")
    theirs = (sessions.csrf_of(runtime(), session) or "").encode()
    if not theirs or not hmac.compare_digest(theirs, shown):
        raise Forbidden(f"the header {CSRF_HEADER} is not of this session: load the page again")


def _guard() -> None:
    endpoint = _endpoint()
    if not endpoint or endpoint in OPEN:
        if endpoint not in LARGE:
            request.max_content_length = MOST_OPEN
        return
    if not runtime().settings.auth_enabled:
        g.caller = Caller("anonymous", "anonymous", is_admin=True)
        return
    caller = find_caller()
    if caller is None:
        raise Unauthenticated("credentials are missing or wrong")
    g.caller = caller
    permissions.check(caller, endpoint)


def current_caller() -> Caller:
    """The caller of this request, once the guard has let it in."""
    caller: Caller = g.caller
    return caller


def still_let_in() -> Callable[[], bool]:
    """What says later whether the credentials of this request still let the same caller in.

    It needs the request no more. A logout, a revoked or expired token, a new password, a closed
    account and other grants all end that.
    """
    rt, caller = runtime(), g.get("caller")
    if caller is None or not rt.settings.auth_enabled:
        return lambda: True
    find = _finder(caller)
    return lambda: find() == caller


def _finder(caller: Caller) -> Callable[[], Caller | None]:
    rt, header = runtime(), request.headers.get("Authorization", "")
    if header.startswith("Bearer "):
        return partial(tokens.check_token, rt, header.removeprefix("Bearer ").strip())
    if header:  # to hash the password again and again would cost much
        return partial(accounts.load_at, rt, caller.id, accounts.epoch_of(rt, caller.id))
    return partial(sessions.check_session, rt, request.cookies.get(SESSION_COOKIE, ""))


def register(app: Flask) -> None:
    """Puts the guard before every request."""
    app.before_request(_guard)
