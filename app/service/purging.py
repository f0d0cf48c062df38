"""Retention: what has grown old goes, in small batches."""

from datetime import timedelta

from app.database import idempotency
from app.database import purge as rows
from app.plugin.services import Selection
from app.service.runtime import Runtime
from app.storage.paths import execution_folder

BATCH = 100


def purge_executions(rt: Runtime) -> int:
    """Removes executions that ended longer ago than the retention; how many."""
    if rt.settings.retention_days <= 0:
        return 0
    before = rt.clock() - timedelta(days=rt.settings.retention_days)
    with rt.database.reading() as tx:
        found = rows.ended_before(tx, before, BATCH)
    for namespace, flow_id, execution_id in found:
        with rt.database.transaction() as tx:
            rows.execution(tx, execution_id)
        rt.storage.delete_prefix(execution_folder(namespace, flow_id, execution_id))
    return len(found)


def purge_selection(
    rt: Runtime, wanted: Selection, parts: frozenset[str], batch: int = BATCH
) -> dict[str, int]:
    """Removes `parts` (executions, logs, metrics, storages) of ended executions; the counts."""
    counts = {"executions": 0, "logs": 0, "metrics": 0, "storages": 0}
    after = ""
    while True:
        with rt.database.reading() as tx:
            found = rows.selected(tx, wanted, after, batch)
        for namespace, flow_id, execution_id in found:
            with rt.database.transaction() as tx:
                gone = rows.counted(
                    tx, execution_id, logs="logs" in parts, metrics="metrics" in parts
                )
                if "executions" in parts:
                    rows.execution(tx, execution_id, logs=False, metrics=False)
                    counts["executions"] += 1
            for name, number in gone.items():
                counts[name] += number
            if "storages" in parts:
                folder = execution_folder(namespace, flow_id, execution_id)
                counts["storages"] += rt.storage.delete_prefix(folder)
        if len(found) < batch:
            return counts
        after = found[-1][2]


def purge_keys(rt: Runtime) -> int:
    """Forgets idempotency keys after a day; how many."""
    with rt.database.transaction() as tx:
        return idempotency.drop_before(tx, rt.clock() - timedelta(days=1))


def purge(rt: Runtime) -> None:
    """One round of everything that has a retention."""
    purge_executions(rt)
    purge_keys(rt)
