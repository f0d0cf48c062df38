"""Commands about the language itself; they need no server."""

import json
from pathlib import Path
from typing import Annotated

import typer

from app.plugin.reference import pages
from app.plugin.registry import INDEX, default_registry, write_index
from app.plugin.schema import language_schema
from app.settings import settings_page

docs = typer.Typer(no_args_is_help=True, help="Documentation of what is installed.")


def schema(
    kind: Annotated[str, typer.Argument(help="flow, task, trigger or plugindefault.")] = "flow",
) -> None:
    """Prints the JSON Schema of the flow language, for editors and CI."""
    typer.echo(json.dumps(language_schema(kind, default_registry()), indent=2, ensure_ascii=False))


@docs.command("reference")
def reference(directory: Path) -> None:
    """Writes a page for each task type, trigger, condition and runner; removes outdated ones."""
    found = pages(default_registry())
    directory.mkdir(parents=True, exist_ok=True)
    for old in directory.glob("*.md"):
        if old.name not in found:
            old.unlink()
    for name, text in found.items():
        (directory / name).write_text(text, encoding="utf-8")
    typer.echo(f"{len(found)} pages in {directory}")


@docs.command("settings")
def settings() -> None:
    """Print the reference of all settings, as Markdown."""
    typer.echo(settings_page(), nl=False)


@docs.command("types")
def types() -> None:
    """Renews the list that says in which module each of our own types is."""
    INDEX.write_text(write_index(default_registry()), encoding="utf-8")
    typer.echo(str(INDEX))
