"""Rows of triggers and of the instants that have fired."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Row,
    Select,
    and_,
    asc,
    delete,
    desc,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

from app.database.schema import executions
from app.database.schema_instance import schedule_fires, trigger_windows, triggers
from app.database.session import Session
from app.model.state import Gate

C = triggers.c
AT_ONCE = 200  #: rows that one statement looks for; SQLite takes less than 1,000 alternatives
FLOW_TRIGGER = "io.kestra.plugin.core.trigger.Flow"
#: types whose rows only say that the trigger is there; clients never see a state of them
SILENT_TYPES = (FLOW_TRIGGER, "io.kestra.plugin.core.trigger.Webhook")


def at(namespace: str, flow_id: str, trigger_id: str) -> ColumnElement[bool]:
    """The row of one trigger."""
    return and_(C.namespace == namespace, C.flow_id == flow_id, C.trigger_id == trigger_id)


def find(tx: Session, namespace: str, flow_id: str, trigger_id: str) -> Row[Any] | None:
    """One trigger; None when absent."""
    return tx.execute(select(triggers).where(at(namespace, flow_id, trigger_id))).first()


def list_of_flow(tx: Session, namespace: str, flow_id: str) -> Sequence[Row[Any]]:
    """The triggers of a flow, by id."""
    where = and_(C.namespace == namespace, C.flow_id == flow_id)
    return tx.execute(select(triggers).where(where).order_by(C.trigger_id)).all()


def list_of_type(tx: Session, type_name: str) -> Sequence[Row[Any]]:
    """Every enabled trigger of a type."""
    where = and_(C.type == type_name, C.disabled.is_(False))
    return tx.execute(select(triggers).where(where)).all()


def list_due(tx: Session, now: datetime, limit: int) -> Sequence[Row[Any]]:
    """Triggers whose instant has come, the oldest first."""
    where = and_(C.next_at <= now, _is_ready(now))
    return tx.execute(select(triggers).where(where).order_by(C.next_at).limit(limit)).all()


def next_due(tx: Session, now: datetime) -> datetime | None:
    """When the first trigger is due; not before `now` for one that is put off."""
    where = and_(C.next_at.is_not(None), _is_ready(now))
    first = tx.execute(select(C.next_at).where(where).order_by(C.next_at).limit(1)).scalar()
    put_off = and_(C.put_off_until > now, C.next_at.is_not(None))
    again = tx.execute(select(func.min(C.put_off_until)).where(put_off)).scalar()
    return min((moment for moment in (first, again) if moment is not None), default=None)


def _is_ready(now: datetime) -> ColumnElement[bool]:
    return or_(C.put_off_until.is_(None), C.put_off_until <= now)


def is_flow_trigger() -> ColumnElement[bool]:
    """Rows of triggers that wait for the end of others."""
    return C.type == FLOW_TRIGGER


def is_waiting_for(state: str) -> ColumnElement[bool]:
    """Rows of triggers that wait for others to reach a state that is no end."""
    return and_(is_flow_trigger(), C.watches.contains(f" {state} "))


_FLOW_TRIGGERS = select(exists().where(is_flow_trigger()))


@cache
def _waiting_for(state: str) -> Select[Any]:
    return select(exists().where(is_waiting_for(state)))


def has_flow_triggers(tx: Session) -> bool:
    """Whether any flow waits for the end of others."""
    return bool(tx.execute(_FLOW_TRIGGERS).scalar())


def are_waiting_for(tx: Session, state: str) -> bool:
    """Whether any flow waits for others to reach a state that is no end."""
    return bool(tx.execute(_waiting_for(state)).scalar())


def hold(tx: Session, row: Row[Any]) -> Row[Any] | None:
    """The row again, locked: what it remembers is changed by one at a time."""
    where = at(row.namespace, row.flow_id, row.trigger_id)
    return tx.execute(select(triggers).where(where).with_for_update()).first()


def free(tx: Session, where: ColumnElement[bool], now: datetime, **values: Any) -> int:
    """Unlocks triggers: the instant that waited for the lock is due; how many there were."""
    due = {"next_at": func.coalesce(C.waiting_at, C.next_at), "waiting_at": None}
    return write(tx, where, execution_id=None, updated_at=now, **{**due, **values})


def wake_backfills(tx: Session, place: ColumnElement[bool] | None = None) -> int:
    """Looks again at backfills that wait for the end of a run: of one trigger, or of all.

    Whether one waits is not asked of its row first: who makes it wait may be about to write so.
    """
    where = C.backfill.is_not(None) if place is None else and_(place, C.backfill.is_not(None))
    return write(tx, where, next_at=func.coalesce(C.waiting_at, C.next_at), waiting_at=None)


def count_backfilling(tx: Session, trigger: Row[Any]) -> int:
    """Runs that backfills of a trigger began and that have not ended, waiting ones too."""
    E = executions.c
    where = and_(
        E.namespace == trigger.namespace,
        E.flow_id == trigger.flow_id,
        E.gate != literal_column("'ENDED'"),  # as the index of live executions says it
        E.trigger_id == trigger.trigger_id,
        E.is_background,
    )
    return int(tx.execute(select(func.count()).select_from(executions).where(where)).scalar_one())


def stale_locks(tx: Session, limit: int) -> Sequence[Row[Any]]:
    """Triggers that are locked by an execution that has ended or is gone."""
    alive = exists().where(executions.c.id == C.execution_id, executions.c.gate != Gate.ENDED)
    where = and_(C.execution_id.is_not(None), ~alive)
    return tx.execute(select(triggers).where(where).limit(limit)).all()


def add(tx: Session, values: Mapping[str, Any]) -> None:
    """A trigger that is new to its flow."""
    tx.execute(insert(triggers), dict(values))


def write(tx: Session, where: ColumnElement[bool], **values: Any) -> int:
    """Writes columns of the rows that `where` names; how many there were."""
    return tx.execute(update(triggers).where(where).values(values)).rowcount


def drop(tx: Session, namespace: str, flow_id: str, trigger_id: str) -> bool:
    """Removes a trigger's row."""
    w = trigger_windows.c
    place = and_(w.namespace == namespace, w.flow_id == flow_id, w.trigger_id == trigger_id)
    tx.execute(delete(trigger_windows).where(place))
    return tx.execute(delete(triggers).where(at(namespace, flow_id, trigger_id))).rowcount == 1


def fire(
    tx: Session, trigger: Row[Any], run: str, instant: datetime, execution_id: str | None
) -> bool:
    """Marks an instant as fired; False when it had been."""
    make = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    values = {
        "namespace": trigger.namespace,
        "flow_id": trigger.flow_id,
        "trigger_id": trigger.trigger_id,
        "run": run,
        "fire_at": instant,
        "execution_id": execution_id,
    }
    statement = make(schedule_fires).values(values).on_conflict_do_nothing()
    # the row itself says that it is new: a driver's row count of an INSERT cannot be relied on
    return tx.execute(statement.returning(schedule_fires.c.run)).first() is not None


def last_runs(tx: Session, rows: Sequence[Row[Any]]) -> Sequence[Row[Any, Any, Any, Any, Any]]:
    """Of each trigger the execution that its last instant began, with its state, if it is known."""
    found: list[Row[Any, Any, Any, Any, Any]] = []
    for start in range(0, len(rows), AT_ONCE):
        found += _last_runs(tx, rows[start : start + AT_ONCE])
    return found


def _last_runs(tx: Session, rows: Sequence[Row[Any]]) -> Sequence[Row[Any, Any, Any, Any, Any]]:
    F, E = schedule_fires.c, executions.c
    wanted = [
        and_(
            F.namespace == row.namespace,
            F.flow_id == row.flow_id,
            F.trigger_id == row.trigger_id,
            F.run == "",
            F.fire_at == row.last_at,
        )
        for row in rows
        if row.last_at is not None
    ]
    if not wanted:
        return ()
    columns = (F.namespace, F.flow_id, F.trigger_id, E.id, E.state)
    joined = select(*columns).join_from(schedule_fires, executions, E.id == F.execution_id)
    return tx.execute(joined.where(or_(*wanted))).all()


def drop_fires(tx: Session, before: datetime) -> int:
    """Forgets instants that fired before a moment; how many."""
    return tx.execute(delete(schedule_fires).where(schedule_fires.c.fire_at < before)).rowcount


def list_states(tx: Session, namespace: str | None) -> Sequence[Row[Any]]:
    """Every trigger that has a state of its own, by flow and id."""
    where: list[ColumnElement[bool]] = [C.type.not_in(SILENT_TYPES)]
    if namespace:
        where.append(C.namespace.startswith(namespace, autoescape=True))
    order = (C.namespace, C.flow_id, C.trigger_id)
    return tx.execute(select(triggers).where(and_(*where)).order_by(*order)).all()


SORTABLE: Mapping[str, ColumnElement[Any]] = {
    "namespace": C.namespace,
    "flowId": C.flow_id,
    "triggerId": C.trigger_id,
    "disabled": C.disabled,
    "executionId": C.execution_id,
    "nextExecutionDate": C.next_at,
    "nextEvaluationDate": C.next_at,
    "lastTriggeredDate": C.last_triggered_at,
    "date": C.last_at,
    "updatedDate": C.updated_at,
    "updatedAt": C.updated_at,
}


def page(
    tx: Session,
    where: ColumnElement[bool],
    *,
    sort: Sequence[tuple[str, bool]],
    offset: int,
    limit: int,
) -> tuple[Sequence[Row[Any]], int]:
    """A page of the triggers that have a state of their own, and how many fit."""
    wanted = and_(C.type.not_in(SILENT_TYPES), where)
    order = [(desc if down else asc)(SORTABLE[name]) for name, down in sort]
    order += [asc(C.namespace), asc(C.flow_id), asc(C.trigger_id)]
    statement = select(triggers).where(wanted).order_by(*order).offset(offset).limit(limit)
    total = tx.execute(select(func.count()).select_from(triggers).where(wanted)).scalar_one()
    return tx.execute(statement).all(), int(total)
