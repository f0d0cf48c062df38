"""Tables that grow with use and hold nothing that is needed for ever: rows go by their age."""

from datetime import datetime

from sqlalchemy import delete, select, tuple_

from app.database.schema_git import git_deliveries, git_outbox
from app.database.schema_instance import (
    audit,
    browser_sessions,
    hook_marks,
    idempotency_keys,
    schedule_fires,
    workers,
)
from app.database.schema_tests import test_results
from app.database.session import Session

_AGES = {
    "audit": audit.c.at,
    "browser_sessions": browser_sessions.c.opened_at,
    "git_deliveries": git_deliveries.c.received_at,
    "git_outbox": git_outbox.c.sent_at,  # what was not sent yet has none, and stays
    "hook_marks": hook_marks.c.received_at,
    "idempotency_keys": idempotency_keys.c.created_at,
    "schedule_fires": schedule_fires.c.fire_at,
    "test_results": test_results.c.started_at,
    "workers": workers.c.seen_at,
}


def drop_before(tx: Session, name: str, moment: datetime, limit: int) -> int:
    """Removes at most so many rows that are older than a moment; how many there were."""
    age = _AGES[name]
    keys = tuple_(*age.table.primary_key.columns)
    old = select(*age.table.primary_key.columns).where(age < moment).limit(limit)
    return tx.execute(delete(age.table).where(keys.in_(old))).rowcount
