"""The web UI: static files of the build, and one page for every address below `/ui/`."""

import mimetypes
from pathlib import Path

from flask import Blueprint, Response, redirect, request, send_from_directory
from flask.typing import ResponseReturnValue
from markupsafe import escape
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from app.api.auth import SESSION_COOKIE
from app.api.login import csrf_token, with_csrf

BUILD = Path(__file__).parents[1] / "static" / "ui"
#: scripts from here only, none inline (S22); the editor writes style elements of its own
POLICY = (
    "default-src 'self'; script-src 'self'; worker-src 'self'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)

bp = Blueprint("ui", __name__)


@bp.get("/")
@bp.get("/ui")
def enter() -> ResponseReturnValue:
    """Leads to the first page."""
    return redirect(request.script_root + "/ui/")


@bp.get("/ui/", defaults={"path": ""}, endpoint="show")
@bp.get("/ui/<path:path>", endpoint="show")
def show(path: str) -> ResponseReturnValue:
    """A file of the build, or the page, whose script reads the rest of the address."""
    try:
        answer = _file(path)
    except NotFound:
        if path.startswith("assets/"):
            raise
        return _page()
    if path.startswith("assets/"):  # their names hold a hash of their content
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return _guarded(answer)


def _file(path: str) -> BaseResponse:
    """A file of the build; packed, where it lies there so and the browser takes it so."""
    answer = _packed(path) if "gzip" in request.accept_encodings.values() else None
    answer = answer or send_from_directory(BUILD, path)
    answer.vary.add("Accept-Encoding")
    return answer


def _packed(path: str) -> BaseResponse | None:
    try:
        kind = mimetypes.guess_type(path)[0]
        answer = send_from_directory(BUILD, f"{path}.gz", mimetype=kind)
    except NotFound:
        return None
    answer.headers["Content-Encoding"] = "gzip"
    answer.headers.pop("Content-Disposition", None)
    return answer


def _index() -> str:
    return (BUILD / "index.html").read_text(encoding="utf-8")


def _page() -> BaseResponse:
    try:
        html = _index()
    except FileNotFoundError:
        text = "The web UI is not built here: run `make ui`, or install the released package.\n"
        return Response(text, 404, mimetype="text/plain")
    token = csrf_token(request.cookies.get(SESSION_COOKIE))
    head = f'<base href="{request.script_root}/ui/" />\n    '
    head += f'<meta name="csrf-token" content="{escape(token)}" />'
    answer = Response(html.replace('<base href="/ui/" />', head), mimetype="text/html")
    return _guarded(with_csrf(answer, token))


def _guarded(answer: BaseResponse) -> BaseResponse:
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer
