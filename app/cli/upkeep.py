"""Commands of an installation's keeper: backup, restore, key rotation. They need no server."""

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from app.settings import load_settings


def _runtime(*, migrated: bool = False) -> Any:
    rt = import_module("app.service.boot").make_runtime(load_settings())
    if migrated:
        import_module("app.database.migrate").migrate(rt.database)
    return rt


def backup(
    file: Annotated[Path, typer.Argument(help="The ZIP to write; it must not exist.")],
) -> None:
    """Write everything into one ZIP: all tables as they are at one moment, and all files."""
    counts = import_module("app.service.backup").write(_runtime(), file)
    vanished = counts.pop("vanished")
    rows = sum(count for name, count in counts.items() if name != "files")
    typer.echo(f"{file}: {rows} rows, {counts['files']} files")
    if vanished:
        typer.echo(f"{vanished} files were deleted meanwhile and are not in it")


def restore(
    file: Annotated[Path, typer.Argument(help="A ZIP that `backup` wrote.")],
    any_key: Annotated[
        bool, typer.Option("--any-key", help="Even when its secrets cannot be read here.")
    ] = False,
) -> None:
    """Fill an empty database and storage from a backup; it may come from another database."""
    rt = _runtime(migrated=True)
    counts = import_module("app.service.backup").restore(rt, file, any_key=any_key)
    rows = sum(count for name, count in counts.items() if name != "files")
    typer.echo(f"restored {rows} rows, {counts['files']} files")


def rotate_keys() -> None:
    """Encrypt stored secrets again under the first encryption key."""
    done = import_module("app.service.key_rotation").rotate(_runtime())
    typer.echo(f"{done.secrets} secrets and {done.endpoints} webhook endpoints encrypted again")
