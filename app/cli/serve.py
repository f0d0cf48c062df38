"""Serves the API with gunicorn: one process, many threads."""

import signal
import threading
from importlib import import_module
from types import FrameType
from typing import Any

from gunicorn.app.base import BaseApplication

from app.cli.patience import PatientWorker
from app.settings import Settings


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

    def load(self) -> Any:
        """The app, imported by the process that serves it: the one that watches it needs none."""
        return import_module("app.cli.serving").make_app(self.settings_)


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
