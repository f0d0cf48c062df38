"""Metrics: the text that Prometheus reads, and names and values as JSON as clients of Kestra do."""

import time
from typing import Any

from flask import Blueprint, Flask, Response, g, request
from flask.typing import ResponseReturnValue
from prometheus_client import Metric

from app.api.web import answer
from app.errors import NotFound
from app.telemetry import metrics, tracing

bp = Blueprint("metrics", __name__)


@bp.get("/prometheus")
def text() -> ResponseReturnValue:
    """All figures in Prometheus' text format."""
    return Response(metrics.text(), content_type="text/plain; version=0.0.4; charset=utf-8")


@bp.get("/metrics")
def names() -> ResponseReturnValue:
    """The names as JSON when that is asked for, else the same text."""
    if request.accept_mimetypes.best_match(["text/plain", "application/json"]) == "text/plain":
        return text()
    return answer({"names": sorted({family.name for family in _families()})})


@bp.get("/metrics/<name>")
def one(name: str) -> ResponseReturnValue:
    """One metric: the sum over its tags, and which tags it has."""
    family = next((found for found in _families() if found.name == name), None)
    if family is None:
        raise NotFound(f"no metric {name!r}")
    tags: dict[str, set[str]] = {}
    for sample in family.samples:
        for key, value in sample.labels.items():
            tags.setdefault(key, set()).add(value)
    body = {
        "name": name,
        "description": family.documentation,
        "measurements": _measurements(family),
        "availableTags": [{"tag": key, "values": sorted(found)} for key, found in tags.items()],
    }
    return answer(body)


_STATISTICS = {"_total": "COUNT", "_count": "COUNT", "_sum": "TOTAL_TIME", "": "VALUE"}


def _measurements(family: Metric) -> list[dict[str, Any]]:
    found: dict[str, float] = {}
    for sample in family.samples:
        statistic = _STATISTICS.get(sample.name.removeprefix(family.name))
        if statistic is not None:
            found[statistic] = found.get(statistic, 0.0) + sample.value
    return [{"statistic": name, "value": value} for name, value in found.items()]


def _families() -> list[Metric]:
    return list(metrics.registry().collect())


def _begin() -> None:
    g.began = time.perf_counter()
    g.span = tracing.span(f"{request.method} {request.url_rule or 'none'}")
    g.span.__enter__()


def _close(_error: BaseException | None) -> None:
    if (span := g.pop("span", None)) is not None:
        span.__exit__(None, None, None)


def _end(response: Response) -> Response:
    route = str(request.url_rule or "none")
    if (began := g.pop("began", None)) is not None:
        labels = (request.method, route, str(response.status_code))
        metrics.REQUEST_SECONDS.labels(*labels).observe(time.perf_counter() - began)
    return response


def register(app: Flask) -> None:
    """Adds the routes, and measures every request by its route."""
    app.register_blueprint(bp)
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(_close)
