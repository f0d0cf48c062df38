"""Files below a folder that somebody else may fill: no link is followed on the way to one.

Every part of a path is opened from the one before it, so nothing can be swapped in between.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from app.errors import Invalid
from app.storage.paths import safe_path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class LeavesFolder(Invalid):
    """A link or a special file stands where a path of the folder was expected."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the path {name[:200]!r} leads through a link or is no plain file")


def open_read(root: Path, name: str) -> BinaryIO:
    """A plain file below the root. Raises FileNotFoundError, LeavesFolder, Invalid."""
    with _parent(root, name, makes=False) as (folder, last):
        fd = _open(folder, last, name, os.O_RDONLY | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise LeavesFolder(name)
    return os.fdopen(fd, "rb")


def open_write(root: Path, name: str, mode: int = 0o666) -> BinaryIO:
    """A new or emptied file below the root, its folders made. Raises LeavesFolder, Invalid."""
    with _parent(root, name, makes=True) as (folder, last):
        fd = _open(folder, last, name, os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK, mode)
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:  # a second name of another file
        os.close(fd)
        raise LeavesFolder(name)
    os.ftruncate(fd, 0)
    return os.fdopen(fd, "wb")


def _open(folder: int, last: str, name: str, flags: int, mode: int = 0) -> int:
    try:
        return os.open(last, flags | os.O_NOFOLLOW | os.O_CLOEXEC, mode, dir_fd=folder)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise LeavesFolder(name) from error


@contextmanager
def _parent(root: Path, name: str, *, makes: bool) -> Iterator[tuple[int, str]]:
    """The opened folder that holds a path's last part, and that part."""
    *folders, last = safe_path(name).split("/")
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in folders:
            if makes:
                with suppress(FileExistsError):
                    os.mkdir(part, dir_fd=here)
            there = _open(here, part, name, _FOLDER)
            os.close(here)
            here = there
        yield here, last
    finally:
        os.close(here)
