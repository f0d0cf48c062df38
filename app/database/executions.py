"""Rows of executions: locks, states, labels."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import Row, Text, bindparam, delete, select, update
from sqlalchemy.sql import Select

from app.database.batch import insert_later, later
from app.database.change import More, change
from app.database.fixed import Fixed
from app.database.schema import execution_labels, executions
from app.database.session import Session
from app.database.types import to_micros
from app.model.state import Gate, State

ExecutionRow = Row[Any]

AT_ONCE = 1000  #: ids in one statement
MOST_REPLAYS = 100  #: of replays, one of another, that are looked through

_BY_ID = select(executions).where(executions.c.id == bindparam("id"))
_STATE = select(executions.c.state).where(executions.c.id == bindparam("id"))
_SHARED = _BY_ID.with_for_update(read=True)
_ALONE = _BY_ID.with_for_update(key_share=True)
_OPEN = Fixed(
    select(executions.c.id)
    .where(executions.c.id == bindparam("id_"), executions.c.gate == Gate.OPEN.value)
    .with_for_update(read=True)
)


def history_line(state: State, at: datetime) -> str:
    """One line of `histories`."""
    return f"{state} {to_micros(at)}\n"


def find(tx: Session, execution_id: str) -> ExecutionRow | None:
    """The row without a lock; None when there is none."""
    return _one(tx, _BY_ID, execution_id)


def state_of(tx: Session, execution_id: str) -> State | None:
    """The present state; None for an execution that there is not."""
    found = tx.execute(_STATE, {"id": execution_id}).scalar()
    return None if found is None else State(found)


def namespaces_of(tx: Session, ids: Sequence[str]) -> list[str]:
    """The namespaces that some executions are in."""
    found: set[str] = set()
    for start in range(0, len(ids), AT_ONCE):
        some = executions.c.id.in_(ids[start : start + AT_ONCE])
        found |= set(tx.execute(select(executions.c.namespace).where(some).distinct()).scalars())
    return sorted(found)


def share(tx: Session, execution_id: str) -> ExecutionRow | None:
    """The row under the weak lock: to make progress inside the execution."""
    return _one(tx, _SHARED, execution_id)


def share_open(tx: Session, execution_id: str) -> None:
    """The weak lock, sent with the writes that follow; overtaken unless the gate is open."""
    later(tx, _OPEN, {"id_": execution_id}, must=True)


def hold(tx: Session, execution_id: str) -> ExecutionRow | None:
    """The row under the strong lock: to change its gate or its state."""
    return _one(tx, _ALONE, execution_id)


def _one(tx: Session, statement: Select[Any], execution_id: str) -> ExecutionRow | None:
    return tx.execute(statement, {"id": execution_id}).first()


def add(tx: Session, values: Mapping[str, Any]) -> ExecutionRow:
    """Inserts a new execution, and its labels for searching; its row, as it would be read."""
    insert_later(tx, executions, values)
    _add_labels(tx, values["id"], values["labels"])
    row = SimpleNamespace(**{column.key: values.get(column.key) for column in executions.c})
    return cast(ExecutionRow, row)


def write_labels(tx: Session, execution_id: str, labels: Mapping[str, str]) -> None:
    """Replaces the searchable labels of an execution."""
    tx.execute(delete(execution_labels).where(execution_labels.c.execution_id == execution_id))
    _add_labels(tx, execution_id, labels)


def _add_labels(tx: Session, execution_id: str, labels: Mapping[str, str]) -> None:
    for key, value in labels.items():
        row = {"execution_id": execution_id, "key": key, "value": value}
        insert_later(tx, execution_labels, row)


def move(
    tx: Session,
    execution_id: str,
    *,
    state: State,
    at: datetime,
    gate: Gate | None = None,
    **values: Any,
) -> None:
    """Writes a new state (a line of history too) and gate; the caller holds the strong lock."""
    changes = {"state": state, "histories": More(history_line(state, at)), **values}
    if gate is not None:
        changes["gate"] = gate
    change(tx, executions, {"id": execution_id}, changes)


_BEGIN = (
    update(executions)
    .where(executions.c.id == bindparam("id_"))
    .values(
        state=State.RUNNING.value, histories=executions.c.histories + bindparam("line_", type_=Text)
    )
    .returning(*executions.c)
)


def begin(tx: Session, execution_id: str, at: datetime) -> ExecutionRow:
    """The execution is RUNNING; its row after that. The caller holds the strong lock."""
    values = {"id_": execution_id, "line_": history_line(State.RUNNING, at)}
    return tx.execute(_BEGIN, values).one()


def write(tx: Session, execution_id: str, **values: Any) -> None:
    """Writes columns that are no state."""
    change(tx, executions, {"id": execution_id}, values)


def is_replay_of(tx: Session, execution_id: str, other_id: str) -> bool:
    """Whether an execution was made from another one by a replay, or by a replay of a replay."""
    C = executions.c
    columns: tuple[Any, ...] = (C.parent_id, C.original_id)
    current: str | None = execution_id
    for _ in range(MOST_REPLAYS):
        row = tx.execute(select(*columns).where(C.id == current)).first()
        if row is None:
            return False
        if other_id in (row.parent_id, row.original_id):
            return True
        current = row.parent_id
    return False


def live_children(tx: Session, execution_id: str) -> list[str]:
    """Executions that Subflow tasks of this one started and that have not ended."""
    where = (executions.c.caller_id == execution_id) & (executions.c.gate != Gate.ENDED)
    return list(tx.execute(select(executions.c.id).where(where)).scalars())


def called_by(tx: Session, caller_id: str, task_run_id: str) -> Sequence[Row[Any]]:
    """The executions that a task run has started and waits for, the oldest first."""
    where = (executions.c.caller_id == caller_id) & (executions.c.caller_run == task_run_id)
    return tx.execute(select(executions).where(where).order_by(executions.c.created_at)).all()
