"""Serves the API with gunicorn: one process, many threads."""

import signal
import threading
from types import FrameType
from typing import Any

import typer
from flask import Flask
from gunicorn.app.base import BaseApplication

from app.api.app import create_app
from app.cli.patience import PatientWorker
from app.service import observing
from app.service.access.accounts import ensure_admin
from app.service.boot import make_runtime
from app.service.presence import Presence
from app.settings import Settings
from app.telemetry import metrics, tracing


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, settings: Settings, host: str, port: int) -> None:
        self.settings_, self.bind = settings, f"{host}:{port}"
        super().__init__()

    def load_config(self) -> None:
        """One worker, so that followers and caches share a process."""
        options: dict[str, Any] = {
            "bind": self.bind,
            "worker_class": PatientWorker,
            "workers": 1,
            "threads": self.settings_.api_threads,
            "timeout": 120,
            "graceful_timeout": 3,
            "keepalive": 30,
            "loglevel": "warning",
            "limit_request_line": 8190,
            "control_socket_disable": True,
            "post_worker_init": _end_streams_first,
            "worker_exit": _say_end,
        }
        PatientWorker.budget_s = self.settings_.api_read_s
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """The app, in the process that serves it."""
        rt = make_runtime(self.settings_)
        if (password := ensure_admin(rt)) is not None:
            name = rt.settings.admin_username
            typer.echo(f"the first user is {name} with the password {password} (shown only now)")
        observing.show_database_figures(rt)
        metrics.serve(rt.settings.metrics_host, rt.settings.metrics_port)
        if rt.settings.traces:
            tracing.set_up()
        app = create_app(rt)
        presence = app.config["PRESENCE"] = Presence(rt, "api", "api", rt.clock())
        presence.keep_shown()
        return app


def _end_streams_first(worker: Any) -> None:
    """A stop ends the open streams, which would hold it back for as long as it may take."""
    before = signal.getsignal(signal.SIGTERM)

    def stop(number: int, frame: FrameType | None) -> None:
        # in a thread: a handler must not wait for a lock that the interrupted code may hold
        threading.Thread(target=worker.wsgi.config["FOLLOWERS"].stop).start()
        if callable(before):
            before(number, frame)

    signal.signal(signal.SIGTERM, stop)


def _say_end(_server: Any, worker: Any) -> None:
    app = getattr(worker, "wsgi", None)  # absent when the app was never loaded
    if app is not None:
        app.config["PRESENCE"].end()


def serve(settings: Settings, host: str, port: int) -> None:
    """Serves until it is told to stop."""
    _Server(settings, host, port).run()
