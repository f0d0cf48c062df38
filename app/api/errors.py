"""Errors to answers: one body that every generation of clients reads (HTTP API 2.5)."""

import errno
import logging
from typing import Any

from flask import Flask, Response, current_app, g, jsonify, request
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from app import errors
from app.model.ids import new_id

log = logging.getLogger(__name__)
_STATUS: list[tuple[type[Exception], int, str]] = [
    (errors.Gone, 410, "Gone"),
    (errors.NotFound, 404, "Not Found"),
    (errors.Conflict, 409, "Conflict"),
    (errors.BadRequest, 400, "Bad Request"),
    (errors.Unauthenticated, 401, "Unauthorized"),
    (errors.Forbidden, 403, "Forbidden"),
    (errors.TooLarge, 413, "Content Too Large"),
    (errors.NoRoom, 507, "Insufficient Storage"),
    (errors.Busy, 429, "Too Many Requests"),
    (errors.Unavailable, 503, "Service Unavailable"),
    (errors.DatabaseAway, 503, "Service Unavailable"),
    (errors.Invalid, 422, "Unprocessable Entity"),
]


FORM_LIMITS = ("MAX_CONTENT_LENGTH", "MAX_FORM_MEMORY_SIZE", "MAX_FORM_PARTS")


def body_of(status: int, title: str, detail: str, **more: Any) -> Response:
    """The error body, as a problem document when the caller asks for one."""
    path = request.path
    data: dict[str, Any] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": path,
        "message": f"{title}: {detail}",
        "_links": {"self": [{"href": path, "templated": False}]},
        **more,
    }
    answer = jsonify(data)
    answer.status_code = status
    if "application/problem+json" in request.headers.get("Accept", ""):
        answer.content_type = "application/problem+json"
    return answer


def _ours(error: errors.TrunklineError | errors.DatabaseAway) -> Response:
    status, title = next(
        ((s, t) for kind, s, t in _STATUS if isinstance(error, kind)), (500, "Internal Error")
    )
    more: dict[str, Any] = {}
    if isinstance(error, errors.Invalid) and error.violations:
        listed = [_violation(violation) for violation in error.violations]
        more = {"errors": listed, "_embedded": {"errors": listed}}
    answer = body_of(status, title, str(error), **more)
    if isinstance(error, errors.Invalid) and error.violations:
        data = answer.get_json()
        data["message"] = f"Invalid entity: {error}"
        answer = jsonify(data)
        answer.status_code = status
    if isinstance(error, errors.Busy | errors.Unavailable | errors.DatabaseAway):
        answer.headers["Retry-After"] = str(getattr(error, "retry_after_s", 2))
    if isinstance(error, errors.Unauthenticated) and not _is_script():
        answer.headers["WWW-Authenticate"] = "Basic realm=Kestra"
    return answer


def _is_script() -> bool:
    """Whether a page of ours asks: at a challenge its browser would open a box for a password."""
    events = "text/event-stream" in request.accept_mimetypes.values()
    return "X-Requested-With" in request.headers or events


def _away(error: errors.DatabaseAway) -> Response:
    g.database_away = error
    return _ours(error)


def _violation(violation: errors.Violation) -> dict[str, Any]:
    found: dict[str, Any] = {"path": violation.path, "message": violation.message}
    if violation.line is not None:
        found |= {"line": violation.line, "column": violation.column}
    return found


def _http(error: HTTPException) -> Response:
    return body_of(error.code or 500, error.name, error.description or error.name)


def _too_large(error: RequestEntityTooLarge) -> Response:
    """Werkzeug's own limits, by name: it does not tell which of them was passed."""
    most, text, parts = (current_app.config[name] for name in FORM_LIMITS)
    reason = f"the body is larger than {most} bytes (max_upload_bytes)"
    if (request.content_length or 0) <= most and request.mimetype.endswith("-data"):
        reason += f", a text in the form than {text} bytes, or it has more than {parts} parts"
    return body_of(413, "Content Too Large", reason)


def _collided(error: IntegrityError) -> Response:
    """Two requests at one moment that may not both be: the second one has lost."""
    told = str(error.orig).lower()
    if "unique" not in told:
        return _unexpected(error)
    return _ours(errors.Conflict("another request has just made the same: look, or ask again"))


def _unexpected(error: Exception) -> Response:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _ours(errors.NoRoom("no space left for temporary files (TMPDIR) of the API"))
    trace = new_id()
    log.exception("request failed", extra={"trace": trace}, exc_info=error)
    return body_of(500, "Internal Server Error", "something unexpected happened", traceId=trace)


def register(app: Flask) -> None:
    """Makes every error answer as JSON."""
    app.register_error_handler(errors.TrunklineError, _ours)
    app.register_error_handler(errors.DatabaseAway, _away)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(IntegrityError, _collided)
    app.register_error_handler(Exception, _unexpected)
