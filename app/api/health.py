"""Health: whether the parts that the server needs answer."""

from flask import Blueprint, Response, current_app
from flask.typing import ResponseReturnValue

from app.api.web import answer
from app.service import health as health_service

bp = Blueprint("health", __name__)


@bp.get("/ping")
def ping() -> ResponseReturnValue:
    """Open: the process answers."""
    return Response("pong", mimetype="text/plain")


@bp.get("/health")
@bp.get("/health/readiness", endpoint="readiness")
def health() -> ResponseReturnValue:
    """UP, or DOWN with 503 when no request can be served; with details by component."""
    found: health_service.Health = current_app.config["HEALTH"]
    parts = found.check()
    is_up = health_service.is_ready(parts)
    details = {name: {"status": "UP" if up else "DOWN"} for name, up in parts.items()}
    body = {"status": "UP" if is_up else "DOWN", "details": details}
    return answer(body, 200 if is_up else 503)


@bp.get("/health/liveness")
def liveness() -> ResponseReturnValue:
    """The process answers."""
    return answer({"status": "UP"})
