"""What tasks store for their next runs: noted in rows, so that it goes when it is of no more use.

It goes when its time to live is over, when its flow is deleted, and with a retention of executions
when nothing has used it for as long.
"""

from datetime import datetime, timedelta

from app.database import caches
from app.database.caches import CachePlace
from app.service.runtime import Runtime
from app.storage.paths import namespace_folder, slug

_BATCH = 100


def folder_of(place: CachePlace) -> str:
    """The folder of all entries of a task (flow language 9.1)."""
    flow = f"{namespace_folder(place.namespace)}/{slug(place.flow_id)}"
    return f"{flow}/{slug(place.task_id)}/cache"


def find(rt: Runtime, place: CachePlace, ttl: timedelta | None) -> str | None:
    """The folder of an entry that is no older than `ttl`, and not given up; marks it as used."""
    now = rt.clock()
    with rt.database.reading() as tx:
        row = caches.find(tx, place)
    if row is None or (row.expires_at is not None and row.expires_at <= now):
        return None
    if ttl is not None and row.stored_at + ttl <= now:
        return None
    with rt.database.transaction() as tx:
        caches.touch(tx, place, now)
    return str(row.folder)


def note(rt: Runtime, place: CachePlace, folder: str, ttl: timedelta | None) -> None:
    """Notes that an entry lies in a folder, for as long as `ttl` (None: until it is given up).

    What lay elsewhere under the same key goes.
    """
    now = rt.clock()
    with rt.database.transaction() as tx:
        before = caches.find(tx, place)
        caches.put(tx, place, folder, now, now + ttl if ttl is not None else None)
    if before is not None and before.folder != folder:
        rt.storage.delete_prefix(before.folder)


def purge(rt: Runtime) -> int:
    """Removes the entries that are of no more use; how many. Safe beside another one."""
    now, days = rt.clock(), rt.settings.retention_days
    unused_since = now - timedelta(days=days) if days > 0 else None
    total, gone = 0, _BATCH
    while gone == _BATCH:
        gone = _purge_batch(rt, now, unused_since)
        total += gone
    return total


def _purge_batch(rt: Runtime, now: datetime, unused_since: datetime | None) -> int:
    with rt.database.reading() as tx:
        found = caches.list_stale(tx, now, unused_since, _BATCH)
    for row in found:
        place = CachePlace(row.namespace, row.flow_id, row.task_id, row.key)
        with rt.database.transaction() as tx:
            # files first: a row that is left after a crash is found again, a file is not
            if caches.drop_stale(tx, place, now, unused_since):
                rt.storage.delete_prefix(row.folder)
    return len(found)
