"""The claim of a step's first attempt as one statement of PostgreSQL, a transaction by itself.

Most claims are of this kind: the run is CREATED and was never tried, and its execution runs, or is
CREATED as well and nobody waits for it to run. The statement takes the execution's row, the weak
lock if it runs and the strong one if this claim begins it; then it moves the run, adds the attempt,
and reads what the process has to know. Whatever is not so (a closed gate, a retry, a restart,
somebody else who was there first) it leaves as it is, for the caller to look at step by step.

One statement sees the rows of one moment; what it locks or moves it looks at anew in its latest
version. All else that it reads of a place never changes once the run is there.
"""

from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

import psycopg
from sqlalchemy import (
    Row,
    Text,
    and_,
    bindparam,
    exists,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)

from app.database.compound import by_itself, is_idle, numbered
from app.database.executions import ExecutionRow, history_line
from app.database.holding import lease_end
from app.database.schema import attempts, executions, sequences, task_runs
from app.database.session import Session
from app.database.steps import PLACE_COLUMNS, scope_of
from app.database.triggers import is_waiting_for
from app.database.types import Moment, from_micros, to_micros
from app.model.state import Gate, State

E, T, S = executions.c, task_runs.c, sequences.c

# no `in`, whose text would depend on how many values there are
_is_new = or_(E.state == State.CREATED.value, E.state == State.RESTARTED.value)
_is_open = or_(E.gate == Gate.OPEN.value, E.gate == Gate.AFTER.value)
_this = and_(E.id == bindparam("execution_"), _is_open)
_waiting = (
    # no column alone: without statistics a planner would read all task runs of the execution
    T.execution_id.concat("") == bindparam("execution_"),
    T.sequence == bindparam("sequence_"),
    T.pos == bindparam("pos_"),
    T.state == State.CREATED.value,
    T.attempt == 0,
    ~T.gone,
)
_running = select(executions).where(_this, ~_is_new).with_for_update(read=True)
_begun = (
    update(executions)
    .where(_this, _is_new)
    .where(exists().where(*_waiting), ~exists().where(is_waiting_for(State.RUNNING)))
    .values(state=State.RUNNING.value, histories=E.histories + bindparam("began_", type_=Text))
    .returning(*E)
)
_execution = union_all(select(_running.cte("running")), select(_begun.cte("begun"))).cte(
    "execution"
)
_claimed = (
    update(task_runs)
    .where(T.execution_id == _execution.c.id, *_waiting)
    .values(
        state=State.RUNNING.value,
        attempt=1,
        owner=bindparam("owner_"),
        lease_until=lease_end,
        publish_due=None,
        histories=T.histories + bindparam("began_", type_=Text),
        first_start=bindparam("at_"),
    )
    .returning(T.id, T.execution_id, T.task_id, T.pos, T.queue, T.tries, T.iteration, T.sequence)
    .cte("claimed")
)
_tried = (
    insert(attempts)
    .from_select(
        ["task_run_id", "n", "execution_id", "owner", "state", "histories"],
        select(
            _claimed.c.id,
            literal(1),
            _claimed.c.execution_id,
            bindparam("owner_", type_=Text),
            literal(State.RUNNING.value),
            bindparam("tried_", type_=Text),
        ),
    )
    .cte("tried")
)
_STATEMENT = (
    select(_claimed, *PLACE_COLUMNS, _execution)
    .join(_claimed, _claimed.c.execution_id == _execution.c.id)
    .join(sequences, S.id == _claimed.c.sequence)
    .join(scope_of, scope_of.c.id == S.scope)
    .add_cte(_tried)
)
_ROW = [column.key for column in (*_claimed.c, *PLACE_COLUMNS)]
_EXECUTION = [column.key for column in E]
_MOMENTS = [column.key for column in E if isinstance(column.type, Moment)]


@dataclass(frozen=True)
class _Text:
    """The statement in PostgreSQL's words, with the names and values of its parameters."""

    sql: str
    names: tuple[str, ...]
    fixed: dict[str, Any]


_text: list[_Text] = []


def _compiled(dialect: Any) -> _Text:
    if not _text:
        made = _STATEMENT.compile(dialect=dialect)
        sql, names = numbered(made.string, 0)
        _text.append(_Text(sql, tuple(names), dict(made.construct_params(_check=False))))
    return _text[0]


def claim(
    tx: Session,
    place: tuple[str, str, int],
    owner: str,
    lease: tuple[datetime | None, int],
    at: datetime,
) -> tuple[Row[Any], ExecutionRow] | None:
    """Claims and commits attempt 1 of the step at (execution, sequence, position).

    The claimed run with the facts of its place, and its execution's row. None: it is not that
    simple, and nothing was written.
    """
    raw = tx.connection.driver_connection
    if not isinstance(raw, psycopg.Connection) or not is_idle(raw):
        return None
    text, began = _compiled(tx.dialect), history_line(State.RUNNING, at)
    given = {
        "execution_": place[0],
        "sequence_": place[1],
        "pos_": place[2],
        "owner_": owner,
        "lease_at_": None if lease[0] is None else to_micros(lease[0]),
        "lease_us_": lease[1],
        "at_": to_micros(at),
        "began_": began,
        "tried_": history_line(State.CREATED, at) + began,
    }
    values = text.fixed | given
    with by_itself(raw), psycopg.RawCursor(raw) as cursor:
        cursor.execute(text.sql, [values[name] for name in text.names])
        found = cursor.fetchone()
    return None if found is None else _rows(found)


def _rows(found: tuple[Any, ...]) -> tuple[Row[Any], ExecutionRow]:
    row = SimpleNamespace(**dict(zip(_ROW, found, strict=False)))
    execution = dict(zip(_EXECUTION, found[len(_ROW) :], strict=True))
    for name in _MOMENTS:
        if execution[name] is not None:
            execution[name] = from_micros(execution[name])
    return cast(Row[Any], row), cast(ExecutionRow, SimpleNamespace(**execution))
