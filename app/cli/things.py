"""Commands for keys and namespace files."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from app.cli.connection import call
from app.cli.output import Format, Output, show
from app.errors import Invalid

kv = typer.Typer(no_args_is_help=True, help="Keys and values.")
namespace = typer.Typer(no_args_is_help=True, help="Namespaces.")
_TARGET = "The path of the file, or the folder for what SOURCE holds; at the root if absent."
Folder = Annotated[str, typer.Option(help="A folder.")]
files = typer.Typer(no_args_is_help=True, help="Files of a namespace.")
namespace.add_typer(files, name="files")


@kv.command("list")
def list_keys(namespace: str, output: Output = Format.TEXT) -> None:
    """Lists the keys of a namespace."""
    show(
        call("GET", f"/namespaces/{namespace}/kv"),
        output,
        lambda item: f"{item['key']} {item['type']} version {item['version']}",
    )


@kv.command("get")
def get_key(namespace: str, key: str) -> None:
    """Prints a value; texts as they are, the rest as JSON."""
    value = call("GET", f"/namespaces/{namespace}/kv/{quote(key, safe='')}")["value"]
    typer.echo(value if isinstance(value, str) else json.dumps(value))


@kv.command("set")
def set_key(
    namespace: str,
    key: str,
    value: Annotated[str, typer.Argument(help="JSON, or a text; - reads it from stdin.")],
    ttl: Annotated[str, typer.Option(help="How long it lives, such as PT1H.")] = "",
) -> None:
    """Stores a value."""
    text = sys.stdin.read() if value == "-" else value
    try:
        json.loads(text)
    except ValueError:
        text = json.dumps(text)
    headers = {"ttl": ttl} if ttl else {}
    call("PUT", f"/namespaces/{namespace}/kv/{quote(key, safe='')}", content=text, headers=headers)


@kv.command("delete")
def delete_key(namespace: str, key: str) -> None:
    """Removes a key; exits with 1 when there was none."""
    if not call("DELETE", f"/namespaces/{namespace}/kv/{quote(key, safe='')}"):
        raise Invalid(f"the namespace has no key {key!r}")


@files.command("list")
def list_files(
    namespace: str,
    path: Folder = "/",
    recursive: Annotated[bool, typer.Option("--recursive", help="And in those below it.")] = False,
    output: Output = Format.TEXT,
) -> None:
    """Lists what lies in a folder."""
    show(_entries(namespace, path, "", recursive=recursive), output, _file_line)


def _entries(namespace: str, path: str, before: str, *, recursive: bool) -> Iterator[Any]:
    """What lies in a folder, each by its name from the first folder on."""
    query = {"path": path}
    for item in call("GET", f"/namespaces/{namespace}/files/directory", params=query):
        name = before + item["fileName"]
        yield {**item, "fileName": name}
        if recursive and item["type"] == "Directory":
            inner = f"{path.rstrip('/')}/{item['fileName']}"
            yield from _entries(namespace, inner, name + "/", recursive=True)


def _file_line(item: dict[str, Any]) -> str:
    mark = "/" if item["type"] == "Directory" else f" {item['size']}"
    return f"{item['fileName']}{mark}"


@files.command("upload")
def upload(
    namespace: str,
    source: Path,
    target: Annotated[str, typer.Argument(help=_TARGET)] = "",
) -> None:
    """Stores a file, or all files of a folder."""
    sources = [p for p in sorted(source.rglob("*")) if p.is_file()] if source.is_dir() else [source]
    if not source.exists() or not sources:
        raise Invalid(f"{source} holds no file")
    for file in sources:
        inner = file.relative_to(source).as_posix() if source.is_dir() else ""
        path = "/".join(part for part in (target.strip("/"), inner) if part) or file.name
        part: Any = {"fileContent": (file.name + ".txt", file.read_bytes())}
        call("POST", f"/namespaces/{namespace}/files", params={"path": "/" + path}, files=part)
        typer.echo(path)


@files.command("get")
def get_file(namespace: str, path: str) -> None:
    """Writes a file to stdout."""
    data = call("GET", f"/namespaces/{namespace}/files", raw=True, params={"path": path})
    sys.stdout.buffer.write(data)


@files.command("delete")
def delete_file(namespace: str, path: str) -> None:
    """Removes a file, or a folder with all in it."""
    call("DELETE", f"/namespaces/{namespace}/files", params={"path": path})
