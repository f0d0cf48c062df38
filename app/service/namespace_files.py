"""Files of namespaces: every change is a new snapshot, every write a new version."""

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, BinaryIO
from zipfile import ZipInfo

from sqlalchemy import Row

from app.database import namespaces
from app.database.session import Session
from app.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge
from app.model.namespace import check_namespace
from app.service import archives, flow_bulk, ownership
from app.service.file_names import TakenNames
from app.service.runtime import Runtime
from app.storage.paths import safe_path

FLOWS = "_flows"  #: the name under which flows lie in an export
MOST_ZIP_FILES, MOST_ZIP_BYTES = 10_000, 2_000_000_000
MOST_FLOW_BYTES = 50_000_000  #: of all flows in a ZIP, which are held in memory


@dataclass(frozen=True)
class Entry:
    """A file or a folder, by its path without a leading slash; the root's is empty."""

    path: str
    is_folder: bool
    size: int
    changed_at: datetime
    created_at: datetime

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2] or "_files"


class FileNotFound(NotFound):
    """No file or folder lies at this path."""

    def __init__(self, path: str) -> None:
        super().__init__(f"File '{path}' not found")


def checked(path: str | None) -> str:
    """A path of a user, without slashes around it; the root is empty. Raises Invalid."""
    text = (path or "").strip("/")
    if not text:
        return ""
    text = safe_path(text)
    if text == FLOWS or text.startswith(FLOWS + "/"):
        raise Invalid(f"Illegal path: {FLOWS} holds flows and is not a folder of files")
    return text


def read(rt: Runtime, namespace: str, path: str, version: int | None = None) -> BinaryIO:
    """A file's bytes. Raises FileNotFound."""
    name = checked(path)
    with rt.database.reading() as tx:
        row = namespaces.find_file(tx, namespace, name, version=version)
    if row is None or row.uri is None:
        raise FileNotFound(path)
    return rt.storage.open(row.uri)


def versions(rt: Runtime, namespace: str, path: str) -> Sequence[Row[Any]]:
    """Every version of a file. Raises FileNotFound."""
    with rt.database.reading() as tx:
        rows = namespaces.list_versions(tx, namespace, checked(path))
    if not rows:
        raise FileNotFound(path)
    return rows


def entries(rt: Runtime, namespace: str) -> dict[str, Entry]:
    """Every file and folder, those too that only exist as part of a path."""
    with rt.database.reading() as tx:
        rows = namespaces.list_files(tx, namespace)
    found: dict[str, Entry] = {}
    for row in rows:
        path = row.path.rstrip("/")
        at = row.created_at
        if row.uri is not None:
            found[path] = Entry(path, False, row.size, at, at)
        else:
            found.setdefault(path, Entry(path, True, 0, at, at))
        parts = path.split("/")[:-1]
        for size in range(1, len(parts) + 1):
            folder = "/".join(parts[:size])
            found.setdefault(folder, Entry(folder, True, 0, at, at))
    return found


def stats(rt: Runtime, namespace: str, path: str | None) -> Entry:
    """A file or folder; the root always exists. Raises FileNotFound."""
    name = checked(path)
    if not name:
        now = rt.clock()
        return Entry("", True, 0, now, now)
    entry = entries(rt, namespace).get(name)
    if entry is None:
        raise FileNotFound(name)
    return entry


def children(rt: Runtime, namespace: str, path: str | None) -> list[Entry]:
    """What lies directly in a folder, folders first. Raises FileNotFound."""
    name = checked(path)
    known = entries(rt, namespace)
    if name and (name not in known or not known[name].is_folder):
        raise FileNotFound(name)
    prefix = name + "/" if name else ""
    found = [
        entry
        for key, entry in known.items()
        if key.startswith(prefix) and key != name and "/" not in key[len(prefix) :]
    ]
    return sorted(found, key=lambda entry: (not entry.is_folder, entry.path))


def search(rt: Runtime, namespace: str, text: str) -> list[str]:
    """Paths of files, with a leading slash, that contain a text."""
    known = entries(rt, namespace).values()
    paths = sorted("/" + entry.path for entry in known if not entry.is_folder)
    return [path for path in paths if text.lower() in path.lower()]


def write(rt: Runtime, namespace: str, path: str, stream: BinaryIO) -> None:
    """Stores a file, a new version of it when it is there. Raises Invalid, Conflict."""
    check_namespace(namespace)
    name = checked(path)
    if not name:
        raise Invalid("`path` must name a file")
    with _stored(rt, stream) as content, rt.database.transaction() as tx:
        at = namespaces.next_snapshot(tx, namespace, rt.clock())
        _check_free(TakenNames(namespaces.list_beside(tx, namespace, name)), name)
        _put(tx, rt, namespace, name, at, content)


def _check_free(taken: TakenNames, path: str) -> None:
    """Raises Conflict when a file lies where a folder would have to, or the other way round."""
    other = taken.in_the_way_of(path)
    if other is not None:
        raise Conflict(f"{path!r} cannot be there beside {other!r}: a file is no folder")


@dataclass(frozen=True)
class Content:
    """Bytes that are in the storage."""

    uri: str
    sha256: str
    size: int


@contextmanager
def _stored(rt: Runtime, stream: BinaryIO) -> Iterator[Content]:
    """A stream in the storage under its own hash: rows only point to it."""
    digest, size = hashlib.sha256(), 0
    with tempfile.TemporaryFile() as copy:
        while part := stream.read(1 << 20):
            digest.update(part)
            size += len(part)
            copy.write(part)
        copy.seek(0)
        text = digest.hexdigest()
        uri = rt.storage.put(f"/_content/{text[:2]}/{text}", copy)
    yield Content(uri, text, size)


def _put(
    tx: Session, rt: Runtime, namespace: str, path: str, at: int, content: Content | None
) -> None:
    """A file's new version, or a folder's row."""
    key = path if content is not None else path + "/"
    if content is not None:
        ownership.check(tx, rt.clock(), "FILE", f"{namespace}:{path}")
    known = namespaces.list_versions(tx, namespace, key)
    namespaces.end_file(tx, namespace, key, at)
    namespaces.add_file(
        tx,
        {
            "namespace": namespace,
            "path": key,
            "version": max((row.version for row in known), default=0) + 1,
            "since": at,
            "uri": content.uri if content else None,
            "sha256": content.sha256 if content else None,
            "size": content.size if content else 0,
            "created_at": rt.clock(),
        },
    )


def make_folder(rt: Runtime, namespace: str, path: str) -> None:
    """Makes a folder; one that is there stays. Raises Invalid, Conflict."""
    check_namespace(namespace)
    name = checked(path)
    if not name:
        return
    with rt.database.transaction() as tx:
        if namespaces.find_file(tx, namespace, name + "/") is None:
            at = namespaces.next_snapshot(tx, namespace, rt.clock())
            _check_free(TakenNames(namespaces.list_beside(tx, namespace, name)), name + "/")
            _put(tx, rt, namespace, name, at, None)


def delete(rt: Runtime, namespace: str, path: str) -> list[str]:
    """Removes a file, or a folder with all in it; the paths of files that are gone.

    Raises FileNotFound.
    """
    name = checked(path)
    with rt.database.transaction() as tx:
        rows = _below(tx, namespace, name)
        if not rows:
            raise FileNotFound(name)
        at = namespaces.next_snapshot(tx, namespace, rt.clock())
        for row in rows:
            ownership.check(tx, rt.clock(), "FILE", f"{namespace}:{row.path}")
            namespaces.end_file(tx, namespace, row.path, at)
    return [row.path for row in rows if row.uri is not None]


def delete_many(rt: Runtime, namespace: str, paths: Sequence[str], *, folders: bool) -> None:
    """Removes files in one snapshot, and with `folders` the folders that are empty then.

    Raises ManagedByGit, and then removes nothing.
    """
    names = [checked(path) for path in paths]
    with rt.database.transaction() as tx:
        if not names:
            return
        at = namespaces.next_snapshot(tx, namespace, rt.clock())
        for name in names:
            ownership.check(tx, rt.clock(), "FILE", f"{namespace}:{name}")
            namespaces.end_file(tx, namespace, name, at)
        if not folders:
            return
        rest = [row.path for row in namespaces.list_files(tx, namespace)]
        for name in sorted({"/".join(n.split("/")[:i]) + "/" for n in names
                            for i in range(1, n.count("/") + 1)}, reverse=True):  # fmt: skip
            if not any(path.startswith(name) and path != name for path in rest):
                namespaces.end_file(tx, namespace, name, at)
                rest = [path for path in rest if path != name]


def move(rt: Runtime, namespace: str, source: str, target: str) -> None:
    """Gives a file or folder another path. Raises FileNotFound, Invalid, Conflict."""
    old, new = checked(source), checked(target)
    if not old or not new or new == old or new.startswith(old + "/"):
        raise Invalid(f"cannot move {source!r} to {target!r}")
    with rt.database.transaction() as tx:
        rows = _below(tx, namespace, old)
        if not rows:
            raise FileNotFound(old)
        at = namespaces.next_snapshot(tx, namespace, rt.clock())
        for row in rows:
            ownership.check(tx, rt.clock(), "FILE", f"{namespace}:{row.path}")
            namespaces.end_file(tx, namespace, row.path, at)
        taken = TakenNames(row.path for row in namespaces.list_files(tx, namespace))
        for row in rows:
            _check_free(taken, new + row.path[len(old) :])
            path = (new + row.path[len(old) :]).rstrip("/")
            content = None if row.uri is None else Content(row.uri, row.sha256, row.size)
            _put(tx, rt, namespace, path, at, content)


def _below(tx: Session, namespace: str, path: str) -> list[Row[Any]]:
    """The rows of a file, or of a folder and all in it; the root's are all."""
    rows = namespaces.list_files(tx, namespace, prefix=path)
    return [r for r in rows if not path or r.path == path or r.path.startswith(path + "/")]


def import_zip(
    rt: Runtime,
    namespace: str,
    stream: BinaryIO,
    *,
    with_flows: bool = True,
    author: str | None = None,
    via: str | None = None,
) -> None:
    """Unpacks files and flows (`_flows/*.yml`) into the namespace, all or none.

    Raises Invalid for no ZIP or a path that leaves it, TooLarge, InvalidFlow, Conflict for what
    cannot lie beside what is there; Forbidden for flows that may not be written with them.
    """
    check_namespace(namespace)
    stored = []
    limits = {"most_files": MOST_ZIP_FILES, "most_bytes": MOST_ZIP_BYTES}
    with archives.opened(stream, **limits) as (archive, members):
        sources = [m for m in members if _is_flow(m)]
        if sources and not with_flows:
            raise Forbidden(f"{FLOWS} holds flows: this needs the permission flow:write")
        if sum(member.file_size for member in sources) > MOST_FLOW_BYTES:
            raise TooLarge(f"the flows in {FLOWS} are larger than {MOST_FLOW_BYTES} bytes")
        names = [(checked(m.filename), m) for m in members if not _is_flow(m)]
        texts = [archive.read(member).decode("utf-8", "replace") for member in sources]
        for name, member in names:
            with archive.open(member) as part, _stored(rt, part) as content:  # type: ignore[arg-type]
                stored.append((name, content))
    keep = partial(_put_all, rt, namespace, stored)
    if not texts:
        with rt.database.transaction() as tx:
            keep(tx)
        return
    flow_bulk.replace(
        rt,
        "\n---\n".join(texts),
        namespace=namespace,
        delete=False,
        override=True,
        author=author,
        via=via,
        also=keep,
    )


def _put_all(
    rt: Runtime, namespace: str, stored: Sequence[tuple[str, Content]], tx: Session
) -> None:
    at = namespaces.next_snapshot(tx, namespace, rt.clock())
    taken = TakenNames(row.path for row in namespaces.list_files(tx, namespace))
    for name, content in stored:
        _check_free(taken, name)
        taken.add(name)
        _put(tx, rt, namespace, name, at, content)


def _is_flow(member: ZipInfo) -> bool:
    return member.filename.startswith(FLOWS + "/")
