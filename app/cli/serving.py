"""The app of the process that serves the API, with all that goes with it."""

import logging

import typer
from flask import Flask

from app.api.app import create_app
from app.service import observing
from app.service.access import providers
from app.service.access.accounts import ensure_admin
from app.service.boot import make_runtime
from app.service.presence import Presence
from app.settings import Settings
from app.telemetry import metrics, tracing

log = logging.getLogger(__name__)


def make_app(settings: Settings) -> Flask:
    """The app on its own runtime; from now on the process is shown, and its figures are served."""
    rt = make_runtime(settings)
    if (password := ensure_admin(rt)) is not None:
        name = rt.settings.admin_username
        typer.echo(f"the first user is {name} with the password {password} (shown only now)")
    for line in providers.missing_roles(rt):
        log.warning("%s; who has it by their groups is refused", line)
    observing.show_database_figures(rt)
    metrics.serve(rt.settings.metrics_host, rt.settings.metrics_port)
    if rt.settings.traces:
        tracing.set_up()
    app = create_app(rt)
    presence = app.config["PRESENCE"] = Presence(rt, "api", "api", rt.clock())
    presence.keep_shown()
    return app
