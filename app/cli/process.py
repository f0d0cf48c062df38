"""Commands that are processes of the server."""

import ctypes
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from app.settings import Settings, load_settings
from app.telemetry import logging as log_lines

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65_535)]

_PR_SET_DUMPABLE = 4


def hide() -> None:
    """No other process may read this one's memory and environment, of the same user neither."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def settings_here(**overrides: Any) -> Settings:
    """The settings of a process that starts, whose secrets and log are seen to. Raises Invalid."""
    hide()
    settings = load_settings(overrides=overrides)
    log_lines.set_up(settings.log_level, settings.log_format)
    return settings


def standalone(
    host: Host = "127.0.0.1",
    port: Port = 8080,
    data_dir: Annotated[Path | None, typer.Option(help="Where everything is kept.")] = None,
    example: Annotated[bool, typer.Option(help="Load examples/ and run one flow.")] = False,
) -> None:
    """Everything on this machine: broker, database, API, workers, beat."""
    hide()
    from_module = import_module("app.cli.standalone")
    sys.exit(from_module.Standalone(host, port, data_dir, example=example).run())


def api(host: Host = "127.0.0.1", port: Port = 8080) -> None:
    """The REST API."""
    settings = settings_here()
    import_module("app.cli.serve").serve(settings, host, port)


def beat() -> None:
    """Schedules, timers, recovery."""
    settings = settings_here()
    run = import_module("beat.scheduler").run_beat
    run(settings)


def flower(host: Host = "127.0.0.1", port: Port = 5555) -> None:
    """Flower, on loopback unless told otherwise; `flower_basic_auth` gives it a password.

    It runs in this process, whose memory and environment are hidden: another program would not be.
    """
    settings = settings_here()
    if settings.flower_basic_auth:  # not among the arguments, which every user of a machine sees
        os.environ["FLOWER_BASIC_AUTH"] = settings.flower_basic_auth
    elif host in ("127.0.0.1", "::1", "localhost"):
        os.environ.setdefault("FLOWER_UNAUTHENTICATED_API", "true")
    elif not {"FLOWER_BASIC_AUTH", "FLOWER_AUTH_PROVIDER"} & set(os.environ):
        typer.echo(f"error: TRUNKLINE_FLOWER_BASIC_AUTH must be set to listen on {host}", err=True)
        raise typer.Exit(2)
    run = import_module("workers.flower_server").run
    run([f"--address={host}", f"--port={port}"])


def purge() -> None:
    """Remove what is older than its retention; needs the database and the storage alone."""
    settings = settings_here()
    runtime = import_module("app.service.boot").make_runtime(settings)
    typer.echo(f"{import_module('app.service.purging').purge(runtime)} rows are gone")


def migrate() -> None:
    """Brings the database to the newest tables; leaves those of a newer version as they are."""
    settings = settings_here()
    database = import_module("app.database.session").Database(settings.database_url)
    newer = import_module("app.database.migrate").migrate(database)
    if newer is None:
        typer.echo("the database is up to date")
    else:
        typer.echo(f"the database stands at {newer}, of a newer version; this one runs on it, "
                   "and has changed nothing")  # fmt: skip
