"""Rows of sequences, task runs, attempts, iterations: each function is one guarded statement.

A `bool` says whether the caller won: False means that another transaction was there first.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Integer,
    Row,
    and_,
    bindparam,
    case,
    func,
    insert,
    select,
    type_coerce,
    update,
)
from sqlalchemy.sql import Select
from sqlalchemy.sql.elements import ColumnElement

from app.database.batch import insert_later, insert_many_later, later
from app.database.change import More, Where, change, changed
from app.database.executions import history_line
from app.database.fixed import Fixed
from app.database.schema import attempts, executions, sequences, task_runs
from app.database.session import Session
from app.database.types import DatabaseNow, Moment
from app.model.state import CLAIMABLE, Gate, State

T = task_runs.c
S = sequences.c
scope_of = task_runs.alias("scope")
_CLAIMABLE = [state.value for state in CLAIMABLE]

PLACE_COLUMNS = (
    S.scope.label("scope_id"),
    S.block,
    S.idx,
    S.cursor,
    S.value.label("seq_value"),
    S.state.label("seq_state"),
    scope_of.c.task_id.label("scope_task"),
    scope_of.c.outputs.label("scope_outputs"),
    scope_of.c.path.label("scope_path"),
)
_PLACED: Select[Any] = (
    select(task_runs, *PLACE_COLUMNS)
    .join(sequences, S.id == T.sequence)
    .join(scope_of, scope_of.c.id == S.scope)
)
_AT_PLACE = _PLACED.where(T.sequence == bindparam("seq"), T.pos == bindparam("pos"), ~T.gone)
_TO_CLAIM = _AT_PLACE.add_columns(
    executions.c.namespace,
    executions.c.flow_id,
    executions.c.revision,
    executions.c.state.label("execution_state"),
).join(executions, executions.c.id == T.execution_id)
_BY_RUN = _PLACED.where(T.id == bindparam("id"))
_SEQUENCE: Select[Any] = (
    select(S.id, S.execution_id, *PLACE_COLUMNS)
    .join(scope_of, scope_of.c.id == S.scope)
    .where(S.id == bindparam("id"))
)
_RUN = select(task_runs).where(T.id == bindparam("id"))
_HELD_RUN = _RUN.with_for_update(key_share=True)


def at_place(tx: Session, sequence: str, pos: int) -> Row[Any] | None:
    """The task run of a step with its sequence's and its scope's facts; None when absent."""
    return tx.execute(_AT_PLACE, {"seq": sequence, "pos": pos}).first()


def to_claim(tx: Session, execution_id: str, sequence: str, pos: int) -> Row[Any] | None:
    """As `at_place`, with the flow and the state of its execution, without any lock."""
    row = tx.execute(_TO_CLAIM, {"seq": sequence, "pos": pos}).first()
    # not a condition of the query: a planner without statistics would rather read, for each of
    # them, all task runs of the execution
    return row if row is not None and row.execution_id == execution_id else None


def placed(tx: Session, task_run_id: str) -> Row[Any] | None:
    """As `at_place`, by the task run's id."""
    return tx.execute(_BY_RUN, {"id": task_run_id}).first()


def sequence(tx: Session, sequence_id: str) -> Row[Any] | None:
    """A sequence with its scope's facts."""
    return tx.execute(_SEQUENCE, {"id": sequence_id}).first()


def run(tx: Session, task_run_id: str) -> Row[Any] | None:
    """One task run, whatever it is."""
    return tx.execute(_RUN, {"id": task_run_id}).first()


def hold_run(tx: Session, task_run_id: str) -> Row[Any] | None:
    """One task run under a lock of its own: of a scope that several ends reach at once."""
    return tx.execute(_HELD_RUN, {"id": task_run_id}).first()


def add_run(tx: Session, values: Mapping[str, Any]) -> None:
    """A new task run."""
    insert_later(tx, task_runs, values)


def add_runs(tx: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """New task runs that all have the same columns."""
    insert_many_later(tx, task_runs, rows)


_ADD_HELD: dict[tuple[str, ...], Fixed] = {}


def add_held_run(
    tx: Session, values: Mapping[str, Any], lease: tuple[datetime | None, int]
) -> None:
    """A new task run that is born claimed; the lease is what `Database.lease` gave."""
    columns = tuple(values)
    if columns not in _ADD_HELD:
        given: dict[str, Any] = {name: bindparam(name) for name in columns}
        end = DatabaseNow() + bindparam("lease_us", type_=BigInteger())
        end = func.coalesce(bindparam("lease_at", type_=Moment()), type_coerce(end, Moment()))
        _ADD_HELD[columns] = Fixed(insert(task_runs).values(**given, lease_until=end))
    later(tx, _ADD_HELD[columns], {**values, "lease_at": lease[0], "lease_us": lease[1]})


def fenced(task_run_id: str, attempt: int, owner: str | None) -> dict[str, Any]:
    """The guard of every later write of an attempt."""
    return {"id": task_run_id, "attempt": attempt, "owner": owner, "state": State.RUNNING}


def write(tx: Session, where: Where, **values: Any) -> bool:
    """Writes columns of the one task run that `where` names; False when it names none."""
    return change(tx, task_runs, where, values) == 1


def written(tx: Session, where: Where, **values: Any) -> Row[Any] | None:
    """As `write`: the task run after it, None when there is none such."""
    return changed(tx, task_runs, where, values)


def end_unheld(tx: Session, execution_id: str, state: State, at: datetime) -> None:
    """What runs and has no worker ends: flowables, and runs that wait for a timer."""
    where = and_(
        T.execution_id == execution_id,
        T.state == State.RUNNING,
        T.owner.is_(None),
        T.sequence.is_not(None),
        T.inside.is_(None),
    )
    _end_all(tx, where, state, at)


def refuse(tx: Session, where: Where) -> int:
    """Counts a failure on a task run's row; how many there are, 0 when it is gone."""
    rows = [task_runs.c[name] == value for name, value in where.items()]
    statement = (
        update(task_runs)
        .where(*rows)
        .values(refused=func.coalesce(T.refused, 0) + 1)
        .returning(T.refused)
    )
    found = tx.execute(statement).first()
    return 0 if found is None else int(found[0])


def ending(state: State, at: datetime, **values: Any) -> dict[str, Any]:
    """The columns of a task run that leaves its worker in `state`."""
    return {
        "state": state,
        "owner": None,
        "lease_until": None,
        "publish_due": None,
        "ended_at": at if state.is_terminated else None,
        "histories": More(history_line(state, at)),
        **values,
    }


def _end_all(tx: Session, where: ColumnElement[bool], state: State, at: datetime) -> None:
    values = ending(state, at, histories=T.histories + history_line(state, at))
    tx.execute(update(task_runs).where(where).values(**values))


def _worse(column: ColumnElement[int], severity: ColumnElement[int]) -> ColumnElement[int]:
    return case((column < severity, severity), else_=column)


_severity = bindparam("severity_", type_=Integer())
_RUNNING_AT = and_(
    S.id == bindparam("id_"),
    S.state == State.RUNNING.value,
    S.cursor == bindparam("pos_", type_=Integer()),
    ~S.gone,
)
_STEP_ON = Fixed(
    update(sequences)
    .where(_RUNNING_AT)
    .values(cursor=S.cursor + bindparam("by_", type_=Integer()), worst=_worse(S.worst, _severity))
)


def step_on(tx: Session, sequence_id: str, pos: int, severity: int, by: int = 1) -> None:
    """Moves a running sequence from step `pos` to a later one; overtaken if it is elsewhere."""
    values = {"id_": sequence_id, "pos_": pos, "severity_": severity, "by_": by}
    later(tx, _STEP_ON, values, must=True)


def _state_of(worst: ColumnElement[int]) -> ColumnElement[str]:
    return case(
        (worst >= 5, "KILLED"),
        (worst >= 4, "CANCELLED"),
        (worst >= 3, "FAILED"),
        (worst >= 1, "WARNING"),
        else_="SUCCESS",
    )


_END_SEQUENCE = (
    update(sequences)
    .where(_RUNNING_AT)
    .values(state=_state_of(_worse(S.worst, _severity)), worst=_worse(S.worst, _severity))
    .returning(S.worst)
)
_CLOSE_CHILD = (
    update(task_runs)
    .where(T.id == bindparam("id_"), T.state == State.RUNNING.value, T.open > 0)
    .values(open=T.open - 1, worst=_worse(T.worst, _severity))
    .returning(*task_runs.c)
)


def end_sequence(tx: Session, sequence_id: str, pos: int, severity: int) -> int | None:
    """Ends a running sequence at step `pos`; its worst severity, or None when not won."""
    values = {"id_": sequence_id, "pos_": pos, "severity_": severity}
    found = tx.execute(_END_SEQUENCE, values).first()
    return None if found is None else int(found[0])


def close_child(tx: Session, scope_id: str, severity: int) -> Row[Any] | None:
    """One open child sequence of a running scope has ended; the scope's row after it."""
    return tx.execute(_CLOSE_CHILD, {"id_": scope_id, "severity_": severity}).first()


def unspawned(tx: Session, execution_id: str) -> Sequence[Row[Any]]:
    """Waiting runs of an execution that have executions left to start."""
    where = and_(
        T.execution_id == execution_id, T.state == State.RUNNING, ~T.gone, T.phase.is_(None)
    )
    return tx.execute(select(task_runs).where(where, T.next < T.total)).all()


def runs_of(tx: Session, sequence_id: str) -> Sequence[Row[Any]]:
    """The task runs of a sequence that are not set aside, in order."""
    statement = select(task_runs).where(T.sequence == sequence_id, ~T.gone)
    return tx.execute(statement.order_by(T.pos)).all()


def set_aside(tx: Session, sequence_ids: Sequence[str], run_ids: Sequence[str]) -> None:
    """Marks rows as gone: kept for the audit, never met again."""
    for start in range(0, len(sequence_ids), 500):
        part = sequence_ids[start : start + 500]
        tx.execute(update(sequences).where(S.id.in_(part)).values(gone=True))
    for start in range(0, len(run_ids), 500):
        part = run_ids[start : start + 500]
        tx.execute(update(task_runs).where(T.id.in_(part)).values(gone=True, publish_due=None))


def inside(tx: Session, task_run_id: str) -> Sequence[Row[Any]]:
    """The children that a WorkingDirectory's job runs, in order."""
    statement = select(task_runs).where(T.inside == task_run_id, ~T.gone)
    return tx.execute(statement.order_by(T.pos)).all()


def with_stored_outputs(tx: Session, execution_id: str) -> Sequence[Row[Any]]:
    """The task runs whose outputs are in a file: id, and its URI."""
    where = and_(T.execution_id == execution_id, T.outputs_uri.is_not(None), ~T.gone)
    columns: tuple[Any, ...] = (T.id, T.outputs_uri)
    return tx.execute(select(*columns).where(where)).all()


def park(tx: Session, execution_id: str) -> None:
    """Nothing that waits for a worker is published any more (the gate is closed)."""
    where = and_(T.execution_id == execution_id, T.state.in_(_CLAIMABLE))
    tx.execute(update(task_runs).where(where).values(publish_due=None))


def renew(
    tx: Session, owner: str, held: Sequence[tuple[str, int]], lease: ColumnElement[Any]
) -> dict[tuple[str, int], Gate]:
    """Prolongs leases; the attempts that are still held, with their executions' gates."""
    alive: dict[tuple[str, int], Gate] = {}
    for run_id, attempt in held:
        where = and_(
            T.id == run_id, T.attempt == attempt, T.owner == owner, T.state == State.RUNNING
        )
        statement = (
            update(task_runs).where(where).values(lease_until=lease).returning(T.execution_id)
        )
        found = tx.execute(statement).first()
        if found is not None:
            gate = select(executions.c.gate).where(executions.c.id == found[0])
            alive[(run_id, attempt)] = Gate(tx.execute(gate).scalar_one())
    return alive


def is_held(tx: Session, execution_id: str) -> bool:
    """Whether a worker still holds a task run of the execution."""
    where = and_(T.execution_id == execution_id, T.state == State.RUNNING, T.owner.is_not(None))
    return tx.execute(select(T.id).where(where).limit(1)).first() is not None


def kill_rest(tx: Session, execution_id: str, at: datetime, state: State = State.KILLED) -> None:
    """All that is open in an execution ends as KILLED, or in the state that was asked for."""
    open_states = [state.value for state in State if not state.is_terminated]
    runs = and_(T.execution_id == execution_id, T.state.in_(open_states), ~T.gone)
    _end_all(tx, runs, state, at)
    tries = and_(attempts.c.execution_id == execution_id, attempts.c.state == State.RUNNING)
    line = attempts.c.histories + history_line(State.KILLED, at)
    tx.execute(update(attempts).where(tries).values(state=State.KILLED, histories=line))
    rest = and_(S.execution_id == execution_id, S.state == State.RUNNING)
    tx.execute(update(sequences).where(rest).values(state=State.KILLED))


def first_in_state(tx: Session, execution_id: str, state: State) -> Row[Any] | None:
    """The oldest task run of an execution in a state."""
    where = and_(T.execution_id == execution_id, T.state == state, ~T.gone)
    statement = select(task_runs).where(where).order_by(T.created_at).limit(1)
    return tx.execute(statement).first()


def last_open(tx: Session, execution_id: str) -> Row[Any] | None:
    """The newest task run of an execution that has not ended and has no children."""
    open_states = [state.value for state in State if not state.is_terminated]
    where = and_(T.execution_id == execution_id, T.state.in_(open_states), ~T.gone)
    leaf = and_(where, T.phase.is_(None), T.sequence.is_not(None))
    return tx.execute(select(task_runs).where(leaf).order_by(T.created_at.desc()).limit(1)).first()


def next_open(tx: Session, execution_id: str) -> Row[Any] | None:
    """Of those that have not ended and have no children: one that is RUNNING, else the oldest."""
    open_states = [state.value for state in State if not state.is_terminated]
    where = and_(T.execution_id == execution_id, T.state.in_(open_states), ~T.gone)
    leaf = and_(where, T.phase.is_(None), T.sequence.is_not(None))
    order = (T.state != State.RUNNING, T.created_at)
    return tx.execute(select(task_runs).where(leaf).order_by(*order).limit(1)).first()


def parked(tx: Session, execution_id: str, *, published: bool = False) -> Sequence[Row[Any]]:
    """Claimable runs that nobody publishes (or, with `published`, that somebody does)."""
    due = T.publish_due.is_not(None) if published else T.publish_due.is_(None)
    where = and_(
        T.execution_id == execution_id,
        T.state.in_(_CLAIMABLE),
        due,
        T.inside.is_(None),
        ~T.gone,
    )
    return tx.execute(_PLACED.where(where).order_by(T.created_at)).all()


def kill_waiting(tx: Session, execution_id: str, at: datetime) -> None:
    """What no worker holds ends as KILLED: claimable, retrying and paused runs."""
    waiting = [*_CLAIMABLE, State.RETRYING.value, State.PAUSED.value]
    where = and_(T.execution_id == execution_id, T.state.in_(waiting), T.inside.is_(None))
    _end_all(tx, where, State.KILLED, at)


def reset_inside(tx: Session, task_run_id: str) -> None:
    """The children of a WorkingDirectory get all their tries again."""
    tx.execute(update(task_runs).where(T.inside == task_run_id).values(tries=0, lost=0))
