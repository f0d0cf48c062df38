"""Backup and restore: the whole of an installation in one ZIP, whatever database it is on.

The tables are read in one transaction that sees them at one moment; files are written under names
that never change their content, so those that the tables refer to are there afterwards. Only what
retention or a user deletes meanwhile is not: the count of it is in the manifest, as `vanished`.
Secrets stay encrypted: keep the encryption key elsewhere.
"""

import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

from app.database import dump
from app.database.session import Session
from app.errors import Conflict, Invalid, NotFound
from app.service.crypto import Keyring
from app.service.runtime import Runtime

FORMAT = 1
_MANIFEST = "manifest.json"


def write(rt: Runtime, target: Path | BinaryIO) -> dict[str, int]:
    """Writes a backup; rows by table, and `files`; `vanished` are those that were deleted while it
    was made, and are not in it.

    Nobody else may read a file that it makes; a stream may be one that cannot be sought. Raises
    Conflict when the file exists.
    """
    if not isinstance(target, Path):
        return _fill(rt, target)
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise Conflict(f"{target} exists") from None
    try:
        return _fill(rt, target)
    except BaseException:
        target.unlink()  # half a backup would stand in the way of the next one
        raise


def _fill(rt: Runtime, target: Path | BinaryIO) -> dict[str, int]:
    counts: dict[str, int] = {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        with rt.database.standing_still() as tx:
            for name in dump.table_names():
                with archive.open(f"tables/{name}.jsonl", "w", force_zip64=True) as member:
                    for line in dump.read_lines(tx, name):
                        member.write(line.encode() + b"\n")
                        counts[name] = counts.get(name, 0) + 1
        counts["files"], counts["vanished"] = _write_files(rt, archive)
        about = {
            "format": FORMAT,
            "at": rt.clock().isoformat(),
            "key": _key_id(rt),
            "counts": counts,
        }
        archive.writestr(_MANIFEST, json.dumps(about, indent=2))
    return counts


def _write_files(rt: Runtime, archive: zipfile.ZipFile) -> tuple[int, int]:
    """How many files were written, and how many had vanished."""
    listed = list(rt.storage.list(""))  # now: what comes later has no row in the backup
    written = sum(_write_file(rt, archive, uri) for uri in listed)
    return written, len(listed) - written


def _write_file(rt: Runtime, archive: zipfile.ZipFile, uri: str) -> bool:
    """Writes a file; False when it is not there any more."""
    name = uri.partition("://")[2].lstrip("/")
    try:
        source = rt.storage.open(uri)
    except NotFound:
        return False
    with source, archive.open(f"files/{name}", "w", force_zip64=True) as target:
        while part := source.read(1 << 20):
            target.write(part)
    return True


def restore(rt: Runtime, source: Path | BinaryIO, *, any_key: bool = False) -> dict[str, int]:
    """Fills an empty installation from a backup: all of its rows, or none.

    Files come first, so that no row refers to one that is not there. Raises Invalid for a file that
    is no backup, Conflict when the database holds anything, or when the backup's secrets are under
    a key that is not among those of this installation; with `any_key` that is no matter.
    """
    try:
        archive = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, FileNotFoundError) as error:
        name = source if isinstance(source, Path) else "what was read"
        raise Invalid(f"{name} is no backup: {error}") from None
    with archive:
        about = _check(archive)
        if not any_key:
            _refuse_other_key(rt, about.get("key"))
        with rt.database.transaction() as tx:
            _refuse_unless_empty(tx)  # before the first file: theirs would be overwritten
        counts = {"files": _restore_files(rt, archive)}
        with rt.database.transaction() as tx:
            _refuse_unless_empty(tx)
            for name in dump.table_names():
                member = f"tables/{name}.jsonl"
                if member in archive.NameToInfo:
                    with archive.open(member) as stored:
                        lines = io.TextIOWrapper(stored, encoding="utf-8")
                        counts[name] = dump.write_lines(tx, name, lines)
    return counts


def _key_id(rt: Runtime) -> str | None:
    """Which key seals what this installation writes; None without one. Tells nothing of the key."""
    keyring = Keyring.of(rt.settings)
    return keyring.current_id if keyring.keys else None


def _refuse_other_key(rt: Runtime, key_id: str | None) -> None:
    """A restored installation whose secrets nobody can read looks well until a flow needs one."""
    if key_id is not None and not Keyring.of(rt.settings).reads(key_id):
        raise Conflict(
            f"the secrets of this backup are encrypted with the key {key_id}, which is neither "
            "encryption_key nor among encryption_keys_old; --any-key restores without it"
        )


def _refuse_unless_empty(tx: Session) -> None:
    if not dump.is_empty(tx):
        raise Conflict("the database holds something; restore into an empty one")


def _check(archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        about: dict[str, Any] = json.loads(archive.read(_MANIFEST))
    except (KeyError, ValueError):
        raise Invalid("the ZIP has no manifest of a backup; was it cut short?") from None
    if about.get("format") != FORMAT:
        raise Invalid(f"the backup has format {about.get('format')!r}, this version reads {FORMAT}")
    damaged = archive.testzip()
    if damaged is not None:
        raise Invalid(f"the backup is damaged: {damaged}")
    return about


def _restore_files(rt: Runtime, archive: zipfile.ZipFile) -> int:
    count = 0
    for member in archive.namelist():
        if member.startswith("files/") and not member.endswith("/"):
            with archive.open(member) as source:
                rt.storage.put(member.removeprefix("files/"), source)  # type: ignore[arg-type]
            count += 1
    return count
