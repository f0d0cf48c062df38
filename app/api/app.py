"""Puts the API together."""

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from app.api import (
    access,
    auditing,
    audits,
    auth,
    blueprints,
    dashboards,
    errors,
    execution_acts,
    execution_bulk,
    execution_reads,
    executions,
    flow_bulk,
    flows,
    gitops,
    gitops_bindings,
    gitops_moves,
    gitops_records,
    glances,
    grants,
    graphs,
    health,
    installation,
    instance,
    kv,
    login,
    logs,
    metrics,
    namespace_files,
    namespaces,
    openapi,
    palette,
    plugins,
    proxies,
    queues,
    rates,
    scrapers,
    source_replace,
    statistics,
    streams,
    tests,
    triggers,
    ui,
    webhooks,
)
from app.api.json_answer import JsonAnswer
from app.api.web import check_text
from app.service.following import Followers
from app.service.health import Health
from app.service.marks import Marks
from app.service.runtime import Runtime

MOST_DRAINED = 20_000_000
RESOURCES = (
    webhooks.bp,
    flows.bp,
    flow_bulk.bp,
    source_replace.bp,
    graphs.bp,
    executions.bp,
    glances.bp,
    execution_acts.bp,
    execution_bulk.bp,
    execution_reads.bp,
    streams.bp,
    tests.bp,
    logs.bp,
    instance.bp,
    installation.bp,
    queues.bp,
    palette.bp,
    blueprints.bp,
    dashboards.bp,
    kv.bp,
    plugins.bp,
    statistics.bp,
    triggers.bp,
    namespaces.bp,
    namespace_files.bp,
    gitops.bp,
    gitops_bindings.bp,
    gitops_moves.bp,
    gitops_records.bp,
    access.bp,
    audits.bp,
    grants.bp,
)


def bind(app: Flask, rt: Runtime) -> None:
    """Hands an app its runtime, and what depends on it."""
    app.config["RUNTIME"] = rt
    app.config["FOLLOWERS"] = Followers(
        rt.publisher, most=rt.settings.api_streams, most_each=rt.settings.api_streams_each
    )
    app.config["MARKS"] = Marks(rt)
    app.config["HEALTH"] = Health(rt)
    app.config["SCRAPERS"] = scrapers.Scrapers()
    app.config["RATES"] = rates.Rates(rt.settings)
    app.config["MAX_CONTENT_LENGTH"] = rt.settings.max_upload_bytes


def create_app(rt: Runtime) -> Flask:
    """The WSGI app over a runtime; every route answers with and without the tenant `main`."""
    app = Flask("trunkline", static_folder=None)
    bind(app, rt)
    app.config["MAX_FORM_MEMORY_SIZE"] = 10_000_000
    app.config["MAX_FORM_PARTS"] = 10_000
    app.json = JsonAnswer(app)
    app.url_map.strict_slashes = False
    for resource in RESOURCES:
        below = resource.url_prefix or ""
        app.register_blueprint(resource, url_prefix="/api/v1/main" + below)
        app.register_blueprint(
            resource, url_prefix="/api/v1" + below, name=resource.name + "_plain"
        )
    app.register_blueprint(health.bp)
    app.register_blueprint(installation.management)
    metrics.register(app)
    app.register_blueprint(openapi.bp)
    app.register_blueprint(login.bp)
    app.register_blueprint(ui.bp)
    errors.register(app)
    auth.register(app)
    rates.register(app)
    auditing.register(app)
    app.before_request(_check_query)
    app.after_request(_headers)
    app.after_request(_drain)
    if rt.settings.trusted_proxies:
        app.wsgi_app = proxies.Proxies(  # type: ignore[method-assign]
            app.wsgi_app, rt.settings.trusted_proxies
        )
    return app


def _check_query() -> None:
    """Refuses a parameter that no database takes."""
    for name, value in request.args.items(multi=True):
        check_text(name)
        check_text(value)


def _drain(response: Response) -> Response:
    """Reads what is left of a refused body, within reason: a client that still sends would see a
    closed connection instead of the answer."""
    left = MOST_DRAINED
    try:
        while left > 0 and (part := request.stream.read(min(left, 65_536))):
            left -= len(part)
    except HTTPException:
        response.headers["Connection"] = "close"  # too slow, gone, or over every limit
    return response


def _headers(response: Response) -> Response:
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Cache-Control", "no-store")
    return _tagged(response)


def _tagged(response: Response) -> Response:
    """An answer has a tag; whoever shows it again and would get the same, gets 304 without it."""
    is_plain = response.is_json and not response.is_streamed and not response.direct_passthrough
    if request.method != "GET" or response.status_code != 200 or not is_plain:
        return response
    response.add_etag()
    response.make_conditional(request)
    return response
