"""Rows of conditions that were met within a time window, by trigger and group."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from app.database.schema_instance import trigger_windows
from app.database.session import Session

W = trigger_windows.c


def _at(trigger: Row[Any], group: str, starts_at: datetime) -> ColumnElement[bool]:
    return and_(
        W.namespace == trigger.namespace,
        W.flow_id == trigger.flow_id,
        W.trigger_id == trigger.trigger_id,
        W.group_id == group,
        W.starts_at == starts_at,
    )


def met(tx: Session, trigger: Row[Any], group: str, starts_at: datetime) -> dict[str, Any]:
    """What was met in a window so far."""
    row = tx.execute(select(W.met).where(_at(trigger, group, starts_at))).first()
    return dict(row.met) if row is not None else {}


def write(
    tx: Session,
    trigger: Row[Any],
    group: str,
    span: tuple[datetime, datetime],
    met: Mapping[str, Any],
) -> None:
    """Stores what is met in a window; nothing met: forgets it. The trigger's row is locked."""
    here = _at(trigger, group, span[0])
    if not met:
        tx.execute(delete(trigger_windows).where(here))
        return
    changes = {"met": dict(met), "ends_at": span[1]}
    if tx.execute(update(trigger_windows).where(here).values(changes)).rowcount == 0:
        place = {
            "namespace": trigger.namespace,
            "flow_id": trigger.flow_id,
            "trigger_id": trigger.trigger_id,
            "group_id": group,
            "starts_at": span[0],
        }
        tx.execute(insert(trigger_windows), {**place, **changes})


def drop_before(tx: Session, moment: datetime) -> int:
    """Forgets windows that ended before a moment; how many."""
    return tx.execute(delete(trigger_windows).where(W.ends_at < moment)).rowcount
