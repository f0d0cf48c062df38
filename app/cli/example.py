"""What `make run` shows: examples/ as a Git repository, followed; one flow run on real workers."""

import sys
import time
from pathlib import Path
from typing import Any

import typer

from app.errors import Unavailable
from app.gitops.seed import publish_folder
from app.service import executions
from app.service.boot import make_runtime
from app.service.gitops import overview, sources
from app.service.gitops.models import NewSource
from app.service.gitops.sources import SourceNotFound
from app.service.runtime import Runtime
from app.settings import Settings

FOLDER = Path(__file__).parents[2] / "examples"
SOURCE = "examples"
SHOWN = ("company.team", "showcase")
_WAIT_S = 60.0


def show(settings: Settings) -> None:
    """Publishes the examples, waits for their sync, runs the showcase to its end."""
    rt = make_runtime(settings)
    bare = settings.data_dir / "examples.git"
    commit = publish_folder(FOLDER, bare)
    typer.echo(f"{FOLDER.name}/ is the Git repository {bare}")
    _follow(rt, f"file://{bare}")
    source, bindings = _synced(rt, commit)
    owned = len(overview.resources(rt, bindings[0].id))
    typer.echo(f"synced commit {source.applied_sha[:8]}: {owned} flows and files")
    execution_id = executions.start(rt, *SHOWN)
    typer.echo(f"started {'/'.join(SHOWN)}: {execution_id}")
    executions.wait(rt, execution_id, seconds=120)
    row = executions.get(rt, execution_id)
    typer.echo(f"it ended in {row.state} with {row.outputs}")
    place = "/".join((*SHOWN, execution_id))
    typer.echo(f"look at {settings.url}/ui/main/executions/{place}/gantt")
    command = _command(settings)
    typer.echo(f"  {command} execution logs {execution_id}")
    typer.echo(f"  {command} source status")
    rt.database.close()


def _command(settings: Settings) -> str:
    """How this very command reaches this server, from the same folder; the password is left out."""
    program = sys.argv[0] if Path(sys.argv[0]).name == "trunkline" else "trunkline"
    user = f"TRUNKLINE_USER={settings.admin_username}:PASSWORD " if settings.auth_enabled else ""
    return f"{user}{program} --server {settings.url}"


def _follow(rt: Runtime, url: str) -> None:
    try:
        sources.ask_fetch(rt, SOURCE)
    except SourceNotFound:
        binding = {"namespace": "company", "layout": "namespace-first", "prune": True}
        new = {"name": SOURCE, "url": url, "pollInterval": 10, "binding": binding}
        sources.add(rt, NewSource.model_validate(new))


def _synced(rt: Runtime, commit: str) -> tuple[Any, list[Any]]:
    """The source once its worker has applied a commit. Raises Unavailable with the reason."""
    ends = time.monotonic() + _WAIT_S
    while True:
        source, bindings = overview.source(rt, SOURCE)
        if source.applied_sha == commit:
            return source, list(bindings)
        is_stuck = source.handled >= source.requested and source.last_error
        if is_stuck or time.monotonic() > ends:
            problems = [p for binding in bindings for p in binding.problems]
            raise Unavailable(f"not synced: {source.last_error or problems}")
        time.sleep(0.05)
