"""Inputs and labels as the command line has them: `id=value`, `id=@file`, `key:value`."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.connection import call
from app.errors import Invalid

Inputs = Annotated[
    list[str] | None, typer.Option("--input", help="id=value, or id=@file; repeatable.")
]
Labels = Annotated[list[str] | None, typer.Option("--label", help="key:value; repeatable.")]
#: a part of a form: its name, then a text, or the name and the bytes of a file
Part = tuple[str, Any]


def pairs(given: Sequence[str] | None) -> list[tuple[str, str]]:
    """(id, value) of each `id=value`. Raises BadParameter."""
    found = []
    for text in given or ():
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise typer.BadParameter(f"{text!r} is not id=value", param_hint="--input")
        found.append((name, value))
    return found


def parts(given: Sequence[str] | None) -> list[Part]:
    """The parts of a form for inputs, files read. Raises BadParameter."""
    found: list[Part] = []
    for name, value in pairs(given):
        if not value.startswith("@"):
            found.append((name, (None, value)))
            continue
        file = Path(value[1:])
        if not file.is_file():
            raise typer.BadParameter(f"{file} is no file", param_hint="--input")
        found.append(("files", (name, file.read_bytes())))
    return found


def check_known(route: str, given: Sequence[str] | None) -> None:
    """Raises Invalid for an input that nobody asks for; the server would leave it out silently.

    `route` validates a form: its answer to an empty one lists the inputs that there are.
    """
    if not given:
        return
    asked = [item["input"]["id"] for item in call("POST", route)["inputs"]]
    unknown = [name for name, _ in pairs(given) if name not in _takes(asked)]
    if unknown:
        there = ", ".join(asked) or "none"
        raise Invalid(f"there is no input {', '.join(map(repr, unknown))}; there are: {there}")


def _takes(ids: Iterable[str]) -> set[str]:
    """The ids, and what holds them: `form` takes a map with the value of `form.input`."""
    cut = [name.split(".") for name in ids]
    return {".".join(words[:size]) for words in cut for size in range(1, len(words) + 1)}


def label_map(given: Sequence[str] | None) -> dict[str, str]:
    """Labels by key. Raises BadParameter."""
    found = {}
    for text in given or ():
        key, colon, value = text.partition(":")
        if not colon or not key or not value:
            raise typer.BadParameter(f"{text!r} is not key:value", param_hint="--label")
        found[key] = value
    return found
