"""ZIP files of users: every name and size is looked at before anything is read."""

import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from app.errors import Invalid, TooLarge
from app.storage.paths import safe_path

MOST_RATIO, LEAST_PACKED = 200, 1_000_000
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError)


@contextmanager
def opened(
    stream: IO[bytes], *, most_files: int, most_bytes: int
) -> Iterator[tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]]:
    """An archive and its files. Raises Invalid (no ZIP, damaged, encrypted, links), TooLarge."""
    try:
        archive = zipfile.ZipFile(stream)
    except (*_BROKEN, OSError) as error:
        raise Invalid(f"the archive cannot be read: {error}") from None
    with archive:
        members = _checked(archive, most_files, most_bytes)
        try:
            yield archive, members
        except _BROKEN as error:
            raise Invalid(f"the archive cannot be read: {error}") from None


def _checked(archive: zipfile.ZipFile, most_files: int, most_bytes: int) -> list[zipfile.ZipInfo]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    total = sum(member.file_size for member in members)
    if len(members) > most_files or total > most_bytes:
        raise TooLarge(f"the archive holds more than {most_files} files or {most_bytes} bytes")
    for member in members:
        safe_path(member.filename, "name in the archive")
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            raise Invalid(f"the archive holds a link or device: {member.filename[:200]!r}")
        if member.flag_bits & 1:
            raise Invalid("the archive is encrypted")
        if member.file_size > LEAST_PACKED + MOST_RATIO * member.compress_size:
            raise TooLarge(f"{member.filename[:200]!r} unpacks to very much more than it is")
    return members
