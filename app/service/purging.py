"""Retention: what has grown old goes, in small batches."""

from datetime import timedelta

from app.database import growing
from app.database import purge as rows
from app.plugin.services import Selection
from app.service import caching
from app.service.runtime import Runtime
from app.storage.paths import execution_folder

BATCH = 100
ROWS = 1_000


def purge_executions(rt: Runtime) -> int:
    """Removes executions that ended longer ago than the retention; how many were looked at.

    One whose end has not been told to all who wait for it stays until it has.
    """
    if rt.settings.retention_days <= 0:
        return 0
    before = rt.clock() - timedelta(days=rt.settings.retention_days)
    with rt.database.reading() as tx:
        found = rows.ended_before(tx, before, BATCH)
    for namespace, flow_id, execution_id in found:
        with rt.database.transaction() as tx:
            if not rows.hold_done(tx, execution_id):
                continue
            rows.execution(tx, execution_id)
        rt.storage.delete_prefix(execution_folder(namespace, flow_id, execution_id))
    return len(found)


def purge_selection(
    rt: Runtime, wanted: Selection, parts: frozenset[str], batch: int = BATCH
) -> dict[str, int]:
    """Removes `parts` (executions, logs, metrics, storages) of ended executions; the counts.

    One whose end has not been told to all who wait for it stays as it is.
    """
    counts = {"executions": 0, "logs": 0, "metrics": 0, "storages": 0}
    after = ""
    while True:
        with rt.database.reading() as tx:
            found = rows.selected(tx, wanted, after, batch)
        for namespace, flow_id, execution_id in found:
            with rt.database.transaction() as tx:
                if not rows.hold_done(tx, execution_id):
                    continue
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


def purge_rows(rt: Runtime) -> int:
    """Removes rows of the tables that only grow, a commit for each batch; how many."""
    ages: dict[str, float] = {"browser_sessions": rt.settings.session_hours / 24}
    ages |= {"idempotency_keys": 1, "git_deliveries": 7, "git_outbox": 7, "schedule_fires": 90}
    ages |= {"test_results": 90, "workers": 1, "hook_marks": 7}
    if rt.settings.audit_retention_days > 0:
        ages["audit"] = rt.settings.audit_retention_days
    total = 0
    for name, days in ages.items():
        before, gone = rt.clock() - timedelta(days=days), ROWS
        while gone == ROWS:
            with rt.database.transaction() as tx:
                gone = growing.drop_before(tx, name, before, ROWS)
            total += gone
    return total


def purge(rt: Runtime) -> int:
    """Everything that has a retention; how many rows and executions. Safe beside another one."""
    total = purge_rows(rt) + caching.purge(rt)
    gone = BATCH
    while gone == BATCH:
        gone = purge_executions(rt)
        total += gone
    return total
