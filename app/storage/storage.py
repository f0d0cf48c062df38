"""Where bytes are kept: a local folder, or anything that fsspec opens.

A write is whole or not there: a temporary file beside its target, synced, renamed.
"""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast
from urllib.parse import urlsplit

from app.errors import Invalid, NoRoom, NotFound
from app.library import Library
from app.storage.paths import path_of, safe_path, uri_of

fsspec = Library("fsspec")

_CHUNK = 1 << 20


class StoredFileNotFound(NotFound):
    """No file lies under this URI."""

    def __init__(self, uri: str) -> None:
        super().__init__(f"no file {uri!r} in the internal storage")


class Storage(Protocol):
    """Files by `kestra:///…` URI. Every method takes URIs or the path part of one."""

    def put(self, path: str, stream: BinaryIO) -> str:
        """Stores a stream, read to its end, under a path; gives the URI. Replaces atomically.

        Raises NoRoom when the disk is full.
        """
        ...

    def open(self, uri: str) -> BinaryIO:
        """A readable stream. Raises StoredFileNotFound."""
        ...

    def size(self, uri: str) -> int:
        """Bytes. Raises StoredFileNotFound."""
        ...

    def exists(self, uri: str) -> bool:
        """Whether a file lies there."""
        ...

    def delete(self, uri: str) -> bool:
        """Removes a file; False when there was none."""
        ...

    def delete_prefix(self, path: str) -> int:
        """Removes every file below a folder; how many there were."""
        ...

    def list(self, path: str) -> Iterator[str]:
        """The URIs of all files below a folder; of every file below none (`""`)."""
        ...


@contextmanager
def _room() -> Iterator[None]:
    """A full disk is told by the setting that names it."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise NoRoom(f"{error.strerror}: the storage (storage_url) is full") from None


def _path(uri: str) -> str:
    return path_of(uri) if "://" in uri else "/" + safe_path(uri, "path")


class LocalStorage:
    """A folder of this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(mode=0o700, parents=True, exist_ok=True)  # scripts of other users stay out

    def _at(self, uri: str) -> Path:
        return self.root / _path(uri)[1:]

    def put(self, path: str, stream: BinaryIO) -> str:
        """See Storage."""
        with _room():
            self._write(self._at(path), stream)
        return uri_of(_path(path))

    def _write(self, target: Path, stream: BinaryIO) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".writing-", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                # workers of one group share the folder; the root keeps all others out
                os.fchmod(file.fileno(), 0o660)
                shutil.copyfileobj(stream, file, _CHUNK)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def open(self, uri: str) -> BinaryIO:
        """See Storage."""
        try:
            return self._at(uri).open("rb")
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise StoredFileNotFound(uri) from None

    def size(self, uri: str) -> int:
        """See Storage."""
        if not self.exists(uri):
            raise StoredFileNotFound(uri)
        return self._at(uri).stat().st_size

    def exists(self, uri: str) -> bool:
        """See Storage."""
        return self._at(uri).is_file()

    def delete(self, uri: str) -> bool:
        """See Storage."""
        if not self.exists(uri):
            return False
        self._at(uri).unlink(missing_ok=True)
        return True

    def delete_prefix(self, path: str) -> int:
        """See Storage."""
        count = sum(1 for _ in self.list(path))
        shutil.rmtree(self._at(path), ignore_errors=True)
        return count

    def list(self, path: str) -> Iterator[str]:
        """See Storage."""
        below = self._at(path) if path else self.root
        for folder, folders, names in os.walk(below):  # takes no notice of what vanishes meanwhile
            folders.sort()
            for file in (Path(folder, name) for name in sorted(names)):
                if file.is_file() and not file.name.startswith(".writing-"):
                    yield uri_of("/" + file.relative_to(self.root).as_posix())


class RemoteStorage:
    """Any file system of fsspec; a write becomes visible when it is whole."""

    def __init__(self, url: str) -> None:
        """Raises Invalid for a scheme that this installation cannot open."""
        try:
            self.files, root = fsspec.core.url_to_fs(url)
        except (ImportError, ValueError) as error:  # its library is missing, or there is none
            scheme = urlsplit(url).scheme
            raise Invalid(f"`storage_url`: {scheme}:// cannot be opened here: {error}") from None
        self.root = root.rstrip("/")

    def _at(self, uri: str) -> str:
        return f"{self.root}{_path(uri)}"

    def put(self, path: str, stream: BinaryIO) -> str:
        """See Storage."""
        target = self._at(path)
        self.files.makedirs(target.rpartition("/")[0], exist_ok=True)
        file = self.files.open(target, "wb", autocommit=False)
        try:
            shutil.copyfileobj(stream, file, _CHUNK)
            file.close()
            file.commit()
        except BaseException:
            file.discard()
            raise
        return uri_of(_path(path))

    def open(self, uri: str) -> BinaryIO:
        """See Storage."""
        try:
            return cast(BinaryIO, self.files.open(self._at(uri), "rb"))
        except FileNotFoundError:
            raise StoredFileNotFound(uri) from None

    def size(self, uri: str) -> int:
        """See Storage."""
        try:
            return int(self.files.size(self._at(uri)))
        except FileNotFoundError:
            raise StoredFileNotFound(uri) from None

    def exists(self, uri: str) -> bool:
        """See Storage."""
        return bool(self.files.isfile(self._at(uri)))

    def delete(self, uri: str) -> bool:
        """See Storage."""
        if not self.exists(uri):
            return False
        self.files.rm_file(self._at(uri))
        return True

    def delete_prefix(self, path: str) -> int:
        """See Storage."""
        found = self._find(path)
        if found:
            self.files.rm(found)
        return len(found)

    def list(self, path: str) -> Iterator[str]:
        """See Storage."""
        for found in self._find(path):
            yield uri_of("/" + found.removeprefix(self.root).lstrip("/"))

    def _find(self, path: str) -> Any:
        return sorted(self.files.find(self._at(path) if path else self.root))


def open_storage(url: str) -> Storage:
    """The storage that a URL names: `file:///folder`, or a scheme of an installed extra."""
    parts = urlsplit(url)
    if parts.scheme in ("", "file"):
        return LocalStorage(Path(parts.path))
    return RemoteStorage(url)
