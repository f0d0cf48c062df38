"""How lists are printed: a line each for people, or the API's JSON for programs."""

import json
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Annotated, Any

import typer


class Format(StrEnum):
    """What a list is printed as."""

    TEXT = "text"
    JSON = "json"


Output = Annotated[
    Format, typer.Option("--output", "-o", help="text: a line each; json: as the API answers.")
]
Namespace = Annotated[str, typer.Option(help="This one and those below it.")]
Text = Annotated[str, typer.Option(help="A text that is searched for.")]
Size = Annotated[int, typer.Option(help="The most that are listed.", min=1, max=10_000)]
Follow = Annotated[bool, typer.Option("--follow", help="Until the end; exits by how it ended.")]


def show(items: Iterable[Any], output: Format, line: Callable[[Any], str]) -> None:
    """Prints a list to stdout; as JSON one array, of none as well."""
    if output is Format.JSON:
        typer.echo(json.dumps(list(items), indent=2, ensure_ascii=False))
        return
    for item in items:
        typer.echo(line(item))
