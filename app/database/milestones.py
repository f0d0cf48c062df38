"""How an execution begins to run, and how a plain one ends: few statements, each of them guarded.

What its end writes is put off (`batch`) and leaves in one round trip.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Row, Text, bindparam, delete, exists, select, update

from app.database.batch import Fixed, later
from app.database.executions import history_line
from app.database.schema import executions, task_runs, timers
from app.database.session import Session
from app.database.triggers import is_flow_trigger, is_waiting_for
from app.database.types import Moment
from app.model.state import Gate, Severity, State

E = executions.c
T = task_runs.c

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
    delete(timers).where(timers.c.execution_id == bindparam("id_"), timers.c.kind != "ended")
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


def end(tx: Session, execution: Row[Any], worst: Severity, at: datetime, duration_us: int) -> None:
    """The one sequence of the root has ended, and with it the execution; the caller holds it.

    Overtaken when the root is not where the end of its main block finds it.
    """
    state = worst.state
    root: Mapping[str, Any] = {"id_": execution.root, "state_": state.value, "worst_": int(worst)}
    later(tx, _END_ROOT, root, must=True)
    later(tx, _DROP_TIMERS, {"id_": execution.id})
    values = {
        "id_": execution.id,
        "state_": state.value,
        "at_": at,
        "duration_": duration_us,
        "line_": history_line(state, at),
    }
    later(tx, _END, values, must=True)
