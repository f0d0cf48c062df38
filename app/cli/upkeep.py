"""Commands of an installation's keeper: backup, restore, key rotation. They need no server."""

import shutil
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from app.settings import load_settings

STREAM = "-"


def _runtime(*, migrated: bool = False) -> Any:
    rt = import_module("app.service.boot").make_runtime(load_settings())
    if migrated:
        import_module("app.database.migrate").migrate(rt.database)
    return rt


def backup(
    file: Annotated[Path, typer.Argument(help="The ZIP to write, a new file; - for stdout.")],
) -> None:
    """Write everything into one ZIP: all tables as they are at one moment, and all files."""
    is_stream = str(file) == STREAM
    if is_stream and sys.stdout.isatty():
        raise typer.BadParameter("a backup is no text: send stdout into a file")
    target = sys.stdout.buffer if is_stream else file
    counts = import_module("app.service.backup").write(_runtime(), target)
    vanished = counts.pop("vanished")
    rows = sum(count for name, count in counts.items() if name != "files")
    typer.echo(f"{file}: {rows} rows, {counts['files']} files", err=is_stream)
    if vanished:
        typer.echo(f"{vanished} files were deleted meanwhile and are not in it", err=is_stream)


def restore(
    file: Annotated[Path, typer.Argument(help="A ZIP that `backup` wrote; - for stdin.")],
    any_key: Annotated[
        bool, typer.Option("--any-key", help="Even when its secrets cannot be read here.")
    ] = False,
) -> None:
    """Fill an empty database and storage from a backup; it may come from another database."""
    rt, module = _runtime(migrated=True), import_module("app.service.backup")
    if str(file) == STREAM:
        with tempfile.TemporaryFile() as whole:  # a ZIP is read from its end
            shutil.copyfileobj(sys.stdin.buffer, whole)
            counts = module.restore(rt, whole, any_key=any_key)
    else:
        counts = module.restore(rt, file, any_key=any_key)
    rows = sum(count for name, count in counts.items() if name != "files")
    typer.echo(f"restored {rows} rows, {counts['files']} files")


def rotate_keys() -> None:
    """Encrypt stored secrets again under the first encryption key."""
    done = import_module("app.service.key_rotation").rotate(_runtime())
    typer.echo(f"{done.secrets} secrets and {done.endpoints} webhook endpoints encrypted again")
