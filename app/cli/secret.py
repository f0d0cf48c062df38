"""Commands for secrets. A value is never an argument: every user of a machine sees those."""

import sys
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from app.cli.connection import call
from app.cli.output import Format, Output, show
from app.errors import Invalid

secret = typer.Typer(no_args_is_help=True, help="Secrets; their values are never shown.")


@secret.command("list")
def list_secrets(namespace: str, output: Output = Format.TEXT) -> None:
    """Lists the names of a namespace's own secrets."""
    found = call("GET", f"/namespaces/{namespace}/secrets", params={"size": 10_000})
    show(found["results"], output, lambda item: str(item["key"]))


@secret.command("set")
def set_secret(
    namespace: str,
    key: str,
    file: Annotated[Path | None, typer.Option(help="The file that holds the value.")] = None,
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
) -> None:
    """Stores a secret: from --file, from stdin, or asked for without an echo.

    A value of one line loses its line end; one of several lines (a key file) is stored as it is.
    """
    body: dict[str, Any] = {"key": key, "value": read_value(f"Value of {key}", file)}
    if description:
        body["description"] = description
    call("PUT", f"/namespaces/{namespace}/secrets", json=body)


def read_value(what: str, file: Path | None) -> str:
    """A value from a file, from stdin, or asked for by `what` without an echo. Raises Invalid."""
    if file is not None and not file.is_file():
        raise typer.BadParameter(f"{file} is no file", param_hint="--file")
    if file is None and sys.stdin.isatty():
        asked: str = typer.prompt(what, hide_input=True, confirmation_prompt=True)
        return asked
    try:
        text = sys.stdin.read() if file is None else file.read_bytes().decode()
    except UnicodeDecodeError:
        raise Invalid("the value is not UTF-8") from None
    lines = text.splitlines()
    return lines[0] if len(lines) == 1 else text


@secret.command("delete")
def delete_secret(namespace: str, key: str) -> None:
    """Removes a secret; exits with 1 when there was none."""
    call("DELETE", f"/namespaces/{namespace}/secrets/{quote(key, safe='')}")
