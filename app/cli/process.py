"""Commands that are processes of the server."""

import ctypes
import os
import socket
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from app.settings import Settings, load_settings
from app.telemetry import logging as log_lines

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on.")]

_PR_SET_DUMPABLE = 4


def _hide() -> None:
    """No other process may read this one's memory and environment, of the same user neither."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _settings(**overrides: Any) -> Settings:
    _hide()
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
    _hide()
    from_module = import_module("app.cli.standalone")
    sys.exit(from_module.Standalone(host, port, data_dir, example=example).run())


def api(host: Host = "127.0.0.1", port: Port = 8080) -> None:
    """The REST API."""
    settings = _settings()
    import_module("app.cli.serve").serve(settings, host, port)


MOST_TAGS = 5
workers = typer.Typer(invoke_without_command=True, help="A worker, or a word to one.")


@workers.callback()
def worker(
    context: typer.Context,
    queues: Annotated[str, typer.Option(help="Queues to serve, separated by commas.")] = "engine",
    tags: Annotated[str, typer.Option(help="Tags for workerSelector, separated by commas.")] = "",
    concurrency: Annotated[int | None, typer.Option(help="Pool processes.")] = None,
    name: Annotated[str, typer.Option(help="Name in Flower.")] = "worker",
) -> None:
    """A worker for some queues."""
    if context.invoked_subcommand is not None:
        return
    settings = _settings()
    if settings.metrics_port:
        import_module("app.telemetry.pool").share_among_pool(
            settings.data_dir / "metrics" / str(os.getpid())
        )
    run = import_module("workers.main").run_worker
    served = _served(queues.split(","), [tag for tag in tags.split(",") if tag])
    run(settings, served, concurrency or settings.worker_concurrency, name)


def _served(queues: list[str], tags: list[str]) -> list[str]:
    if len(tags) > MOST_TAGS:
        raise typer.BadParameter(f"at most {MOST_TAGS} tags: each set of them is a queue")
    found: list[str] = import_module("app.engine.route").served_queues(queues, tags)
    return found


@workers.command()
def drain(
    name: Annotated[
        str, typer.Argument(help="As Flower shows it: worker@host; a host for all of its workers.")
    ],
) -> None:
    """Tell workers to take nothing new, finish or give back what they run, and end."""
    settings = _settings()
    app = import_module("app.dispatch.celery_app").make_celery(settings)
    heard = import_module("app.dispatch.publish").CeleryPublisher(app).drain(name)
    if not heard:
        typer.echo(f"error: no worker {name!r} answered", err=True)
        raise typer.Exit(1)
    typer.echo(f"{', '.join(sorted(heard))}: drained from now on")


@workers.command()
def ping(
    name: Annotated[str, typer.Argument(help="worker@host; all of this host if none.")] = "",
) -> None:
    """Ask workers whether they answer: exit code 1 when none does."""
    settings = _settings()
    app = import_module("app.dispatch.celery_app").make_celery(settings)
    answers = app.control.ping(timeout=5.0, destination=[name] if name else None) or []
    here = "@" + socket.gethostname()
    found = [who for answer in answers for who in answer if name or who.endswith(here)]
    if not found:
        typer.echo("error: no worker answered", err=True)
        raise typer.Exit(1)
    typer.echo(", ".join(found))


def beat() -> None:
    """Schedules, timers, recovery."""
    settings = _settings()
    run = import_module("beat.scheduler").run_beat
    run(settings)


def flower(host: Host = "127.0.0.1", port: Port = 5555) -> None:
    """Flower, on loopback unless told otherwise; `flower_basic_auth` gives it a password."""
    settings = _settings()
    environ = dict(os.environ)
    if settings.flower_basic_auth:  # not among the arguments, which every user of a machine sees
        environ["FLOWER_BASIC_AUTH"] = settings.flower_basic_auth
    elif host in ("127.0.0.1", "::1", "localhost"):
        environ.setdefault("FLOWER_UNAUTHENTICATED_API", "true")
    elif not {"FLOWER_BASIC_AUTH", "FLOWER_AUTH_PROVIDER"} & set(environ):
        typer.echo(f"error: TRUNKLINE_FLOWER_BASIC_AUTH must be set to listen on {host}", err=True)
        raise typer.Exit(2)
    arguments = ["workers.flower_server", f"--address={host}", f"--port={port}"]
    os.execve(sys.executable, [sys.executable, "-m", *arguments], environ)


def purge() -> None:
    """Remove what is older than its retention; needs the database and the storage alone."""
    settings = _settings()
    runtime = import_module("app.service.boot").make_runtime(settings)
    typer.echo(f"{import_module('app.service.purging').purge(runtime)} rows are gone")


def migrate() -> None:
    """Brings the database to the newest tables."""
    settings = _settings()
    database = import_module("app.database.session").Database(settings.database_url)
    import_module("app.database.migrate").migrate(database)
    typer.echo("the database is up to date")
