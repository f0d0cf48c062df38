"""Workers: the process, and words to those that run."""

import os
import socket
from importlib import import_module
from typing import Annotated, Any

import typer

from app.cli.process import settings_here

MOST_TAGS = 5
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
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
    settings = settings_here()
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


Name = Annotated[str, typer.Argument(help="worker@host, or a host: all of its workers.")]


def _runtime() -> Any:
    return import_module("app.service.boot").make_runtime(settings_here())


@workers.command()
def drain(name: Name) -> None:
    """Tell workers to take nothing new, finish or give back what they run, and end.

    Whoever starts under that name waits, until `worker undrain` of the same name.
    """
    rt = _runtime()
    import_module("app.service.draining").drain(rt, name)
    heard = rt.publisher.drain(name)
    if heard:
        typer.echo(f"{', '.join(sorted(heard))}: drained from now on")
    else:
        typer.echo(f"no worker {name!r} answered: whoever runs or starts under that name obeys "
                   "within 10 s")  # fmt: skip


@workers.command()
def undrain(name: Name) -> None:
    """Let workers that were drained under this name take work again."""
    if not import_module("app.service.draining").undrain(_runtime(), name):
        typer.echo(f"error: {name!r} is not drained; `worker list` shows what is", err=True)
        raise typer.Exit(1)
    typer.echo(f"{name}: takes work within 2 s, or when it is started")


Queue = Annotated[str, typer.Argument(help="A queue, as `worker --queues` names it.")]


@workers.command("pause-queue")
def pause_queue(name: Queue) -> None:
    """Let nothing new of a queue begin; what runs goes on, what waits waits on."""
    import_module("app.service.queue_pauses").pause(_runtime(), name)
    typer.echo(f"{name}: no worker begins anything of it in 5 s, until `worker resume-queue`")


@workers.command("resume-queue")
def resume_queue(name: Queue) -> None:
    """Let workers take from a paused queue again."""
    if not import_module("app.service.queue_pauses").resume(_runtime(), name):
        typer.echo(
            f"error: the queue {name!r} is not paused; `worker list` shows what is", err=True
        )
        raise typer.Exit(1)
    typer.echo(f"{name}: workers take from it within 5 s")


@workers.command("list")
def list_workers(
    everything: Annotated[bool, typer.Option("--all", help="Who stopped as well.")] = False,
) -> None:
    """The workers: their state, name, version, queues and start; what is drained or paused.

    One that fell silent is DISCONNECTED for an hour, unless another one has its name.
    """
    rt = _runtime()
    installation = import_module("app.service.installation")
    rows = installation.list_services(rt) if everything else installation.list_present(rt)
    for row in rows:
        if row.kind == "worker":
            words = (installation.state_of(rt, row), f"{row.name}@{row.host}", row.version)
            started = f"since {row.started_at:{_MOMENT}}"
            typer.echo("\t".join([*words, ",".join(row.queues), started]))
    for mark in import_module("app.service.draining").list_marks(rt):
        typer.echo(f"drained since {mark.since:{_MOMENT}}\t{mark.name}")
    for mark in import_module("app.service.queue_pauses").list_marks(rt):
        typer.echo(f"paused since {mark.since:{_MOMENT}}\tqueue {mark.name}")


@workers.command()
def ping(
    name: Annotated[str, typer.Argument(help="worker@host; all of this host if none.")] = "",
) -> None:
    """Ask workers whether they answer: exit code 1 when none does."""
    settings = settings_here()
    app = import_module("app.dispatch.celery_app").make_celery(settings)
    answers = app.control.ping(timeout=5.0, destination=[name] if name else None) or []
    here = "@" + socket.gethostname()
    found = [who for answer in answers for who in answer if name or who.endswith(here)]
    if not found:
        typer.echo("error: no worker answered", err=True)
        raise typer.Exit(1)
    typer.echo(", ".join(found))
