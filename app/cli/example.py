"""What `make run` shows: the example flows saved, one of them run on real workers."""

from pathlib import Path

import typer

from app.service import executions, flows
from app.service.boot import make_runtime
from app.settings import Settings

FOLDER = Path(__file__).parents[2] / "examples"
SHOWN = ("company.team", "report")


def show(settings: Settings) -> None:
    """Saves every flow of `examples/` and runs one to its end."""
    rt = make_runtime(settings)
    saved = 0
    for path in sorted(FOLDER.glob("*/flows/*.y*ml")):
        saved += flows.save(rt, path.read_text(encoding="utf-8"), author="example").is_new
    typer.echo(f"saved {saved} flows of {FOLDER.name}/")
    execution_id = executions.start(rt, *SHOWN)
    typer.echo(f"started {'/'.join(SHOWN)}: {execution_id}")
    row = executions.wait(rt, execution_id, seconds=60)
    typer.echo(f"it ended in {row.state} with {row.outputs}")
    url = f"{settings.url}/api/v1/main/executions/{execution_id}"
    typer.echo(f"look at {url}")
    rt.database.close()
