"""The `cache` of a WorkingDirectory: files that the next run of the task finds again.

They lie in the storage as one archive for each flow, task and iteration. What cannot be restored is
told in the log and costs no more than the time it saves.
"""

import hashlib
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from app.database.caches import CachePlace
from app.engine.flowable.working_directory import Cache
from app.errors import DatabaseAway, TrunklineError
from app.service import archives, caching
from app.storage import beneath
from app.storage.storage import StoredFileNotFound
from workers import files
from workers.context import AttemptContext
from workers.globs import matches_any

_NAME = "cache.zip"
MOST_FILES, MOST_BYTES = 200_000, 5_000_000_000
_CHUNK = 1 << 20

Seen = Mapping[str, Any]


def _place(ctx: AttemptContext) -> tuple[CachePlace, str]:
    """Which archive is a task's, and the folder where it lies (flow language 9.1)."""
    ids, path = ctx.ids, ctx.iterations
    key = hashlib.sha256("\n".join(path).encode()).hexdigest()[:32] if path else ""
    place = CachePlace(ids.namespace, ids.flow_id, ids.task_id, key)
    return place, f"{caching.folder_of(place)}/{key}".rstrip("/")


def restore(ctx: AttemptContext, directory: Path, cache: Cache) -> bool:
    """Puts the files of the last run into a directory; False when there are none to have."""
    try:
        folder = caching.find(ctx.rt, _place(ctx)[0], ctx.read(cache.ttl, timedelta))
        if folder is None:
            return False
        with (
            ctx.storage.open(f"{folder}/{_NAME}") as stream,
            archives.opened(stream, most_files=MOST_FILES, most_bytes=MOST_BYTES) as (
                archive,
                members,
            ),
        ):
            for member in members:
                _extract(archive, member, directory)
            ctx.log.info("restored %d files from the cache", len(members))
            return True
    except StoredFileNotFound:
        return False
    except (TrunklineError, DatabaseAway, OSError, ValueError) as error:
        ctx.log.warning("the cache cannot be restored: %s", error)
        return False


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, directory: Path) -> None:
    with archive.open(member) as source, beneath.open_write(directory, member.filename) as target:
        shutil.copyfileobj(source, target, _CHUNK)
        if member.external_attr >> 16 & stat.S_IXUSR:
            os.fchmod(target.fileno(), 0o755)


def seen(directory: Path, cache: Cache) -> Seen:
    """The files that the patterns name, with what tells whether they have changed."""
    found = {}
    for path in files.every_file(directory):
        relative = path.relative_to(directory).as_posix()
        if relative in cache.patterns or matches_any(relative, cache.patterns):
            status = path.stat()
            found[relative] = (status.st_size, status.st_mtime_ns, status.st_mode)
    return found


def store(ctx: AttemptContext, directory: Path, cache: Cache, before: Seen | None) -> None:
    """Stores what the patterns name, unless it is as it was `before` (None: nothing was stored)."""
    now = seen(directory, cache)
    if not now or now == before:
        return
    try:
        with tempfile.TemporaryFile() as file:
            with zipfile.ZipFile(file, "w") as archive:
                for relative in now:
                    _add(archive, directory, relative)
            file.seek(0)
            place, folder = _place(ctx)
            ctx.storage.put(f"{folder}/{_NAME}", file)
        caching.note(ctx.rt, place, folder, ctx.read(cache.ttl, timedelta))
    except (TrunklineError, DatabaseAway, OSError) as error:
        ctx.log.warning("the cache cannot be stored: %s", error)
        return
    ctx.log.info("stored %d files in the cache", len(now))


def _add(archive: zipfile.ZipFile, directory: Path, relative: str) -> None:
    info = zipfile.ZipInfo(relative)
    with beneath.open_read(directory, relative) as source:
        info.external_attr = os.fstat(source.fileno()).st_mode << 16
        with archive.open(info, "w", force_zip64=True) as target:
            shutil.copyfileobj(source, target, _CHUNK)
