"""How an execution begins to run, and how a plain one ends: few statements, each of them guarded.

What its end writes is put off (`batch`) and leaves in one round trip.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Row, Text, bindparam, delete, exists, select, update

from app.database.batch import later
from app.database.executions import history_line
from app.database.fixed import Fixed
from app.database.schema import executions, sequences, task_runs, timers
from app.database.session import Session
from app.database.triggers import is_flow_trigger, is_waiting_for
from app.database.types import Moment
from app.model.state import Gate, Severity, State

E = executions.c
T = task_runs.c
S = sequences.c

_BEGIN = (
    update(executions)
    .where(
        E.id == bindparam("id_"),
        E.state.in_([State.CREATED.value, State.RESTARTED.value]),
        E.gate.in_([Gate.OPEN.value, Gate.AFTER.value]),
    )
    .values(state=State.RUNNING.value, histories=E.histories + bindparam("line_", type_=Text))
    .returning(*E, exists().where(is_waiting_for(State.RUNNING)).label("awaited"))
)
_TO_END = (
    select(executions, exists().where(is_flow_trigger()).label("awaited"))
    .where(E.id == bindparam("id_"))
    .with_for_update(key_share=True, of=executions)
)
_OPEN_TO_END = Fixed(
    select(E.id)
    .where(E.id == bindparam("id_"), E.gate == Gate.OPEN.value, ~exists().where(is_flow_trigger()))
    .with_for_update(key_share=True, of=executions)
)
_END_CLEAN = Fixed(
    update(sequences)
    .where(
        S.id == bindparam("id_"),
        S.state == State.RUNNING.value,
        S.cursor == bindparam("pos_", type_=Integer()),
        S.worst == int(Severity.SUCCESS),
        ~S.gone,
    )
    .values(state=State.SUCCESS.value, cursor=bindparam("last_", type_=Integer()))
)
_END_ROOT = Fixed(
    update(task_runs)
    .where(
        T.id == bindparam("id_"),
        T.state == State.RUNNING.value,
        T.phase == "main",
        T.open == 1,
        T.next == T.total,
    )
    .values(
        state=bindparam("state_"),
        phase="done",
        open=0,
        worst=bindparam("worst_", type_=Integer()),
        result=bindparam("worst_", type_=Integer()),
        owner=None,
        lease_until=None,
    )
)
_DROP_TIMERS = Fixed(
    delete(timers).where(timers.c.execution_id == bindparam("of_"), timers.c.kind != "ended")
)
_END = Fixed(
    update(executions)
    .where(E.id == bindparam("id_"))
    .values(
        state=bindparam("state_"),
        gate=Gate.ENDED.value,
        end_state=None,
        ended_at=bindparam("at_", type_=Moment()),
        duration_us=bindparam("duration_"),
        histories=E.histories + bindparam("line_", type_=Text),
    )
)


def begin(tx: Session, execution_id: str, at: datetime) -> Row[Any] | None:
    """The execution is RUNNING, which takes the strong lock; its row after that, with `awaited`:
    whether any flow waits for others to run. None: it had begun, or its gate is closed."""
    values = {"id_": execution_id, "line_": history_line(State.RUNNING, at)}
    return tx.execute(_BEGIN, values).first()


def hold_to_end(tx: Session, execution_id: str) -> Row[Any] | None:
    """The row under the strong lock, with `awaited`: whether any flow waits for others to end."""
    return tx.execute(_TO_END, {"id_": execution_id}).first()


def hold_open_to_end(tx: Session, execution_id: str) -> None:
    """The strong lock, sent with the writes that follow; overtaken unless the gate is open and no
    flow waits for others to end."""
    later(tx, _OPEN_TO_END, {"id_": execution_id}, must=True)


def end_clean(tx: Session, sequence_id: str, pos: int, last: int) -> None:
    """Ends a sequence whose steps all ended well, from `pos` to its last one; overtaken if one of
    them did not, or if it is elsewhere."""
    later(tx, _END_CLEAN, {"id_": sequence_id, "pos_": pos, "last_": last}, must=True)


def end(tx: Session, execution: Row[Any], worst: Severity, at: datetime, duration_us: int) -> None:
    """The one sequence of the root has ended, and with it the execution; the caller holds it.

    Overtaken when the root is not where the end of its main block finds it.
    """
    state = worst.state
    root: Mapping[str, Any] = {"id_": execution.root, "state_": state.value, "worst_": int(worst)}
    later(tx, _END_ROOT, root, must=True)
    later(tx, _DROP_TIMERS, {"of_": execution.id})
    values = {
        "id_": execution.id,
        "state_": state.value,
        "at_": at,
        "duration_": duration_us,
        "line_": history_line(state, at),
    }
    later(tx, _END, values, must=True)
