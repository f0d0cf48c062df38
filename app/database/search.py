"""Searches over executions, flows, logs: bound parameters and allow-listed fields only."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, asc, bindparam, desc, func, literal, or_, select, tuple_
from sqlalchemy.sql.elements import ColumnElement

from app.database.logs import LEVELS
from app.database.schema import attempts, execution_labels, executions, logs, task_runs
from app.database.session import Session
from app.database.types import Moment

E = executions.c
TRIGGER = E.trigger["id"].as_string()  #: of any type; `trigger_id` is one that waits for its end
MOST_COUNTED = 100_000
AT_ONCE = 1_000  #: ids in one statement
SORTABLE: Mapping[str, ColumnElement[Any]] = {
    "id": E.id,
    "namespace": E.namespace,
    "flowId": E.flow_id,
    "state.startDate": E.created_at,
    "state.endDate": E.ended_at,
    "state.current": E.state,
    "state.duration": E.duration_us,
}


@dataclass(frozen=True, kw_only=True)
class ExecutionQuery:
    """What to find; empty parts do not narrow."""

    conditions: Sequence[ColumnElement[bool]] = field(default_factory=tuple)
    sort: Sequence[tuple[str, bool]] = ()  #: (field, descending)
    page: int = 1
    size: int = 10
    beside: "Beside | None" = None  #: instead of a page; with the usual order only


@dataclass(frozen=True)
class Beside:
    """The executions next to one: the older, or the newer ones. As far back as there are any."""

    created_at: datetime
    id: str
    is_older: bool

    def condition(self) -> ColumnElement[bool]:
        """By the usual order."""
        key = tuple_(E.created_at, E.id)
        mark = tuple_(literal(self.created_at, Moment()), literal(self.id))
        return key < mark if self.is_older else key > mark


def place_of(tx: Session, execution_id: str, *, is_older: bool) -> Beside | None:
    """Where an execution stands in the usual order, None without it."""
    found = tx.execute(select(E.created_at, E.id).where(E.id == execution_id)).first()
    return None if found is None else Beside(found.created_at, found.id, is_older)


def list_executions(tx: Session, query: ExecutionQuery) -> Sequence[Row[Any]]:
    """A page, or the rows next to one, in the order asked for."""
    if query.beside is not None:
        return _beside(tx, query, query.beside)
    where = and_(*query.conditions)
    order = [(desc if down else asc)(SORTABLE[name]) for name, down in query.sort]
    order += [desc(E.created_at), desc(E.id)] if not order else [asc(E.id)]
    offset = (query.page - 1) * query.size
    chosen = select(E.id).where(where).order_by(*order).offset(offset).limit(query.size)
    # ids first: a deep page then walks an index, not whole rows
    statement = select(executions).where(E.id.in_(chosen)).order_by(*order)
    return tx.execute(statement).all()


def _beside(tx: Session, query: ExecutionQuery, beside: Beside) -> Sequence[Row[Any]]:
    """By key: the thousandth page costs what the first does."""
    turn = desc if beside.is_older else asc
    order = [turn(E.created_at), turn(E.id)]
    where = and_(*query.conditions, beside.condition())
    chosen = select(E.id).where(where).order_by(*order).limit(query.size)
    newest_first = (desc(E.created_at), desc(E.id))
    return tx.execute(select(executions).where(E.id.in_(chosen)).order_by(*newest_first)).all()


#: what a table of executions shows; the moments of its states are in `histories`
_LINE: tuple[Any, ...] = (
    E.id, E.namespace, E.flow_id, E.revision, E.state, E.histories, E.labels, E.parent_id,
    TRIGGER.label("trigger_id"), E.created_at, E.ended_at,
)  # fmt: skip


def list_lines(
    tx: Session, conditions: Sequence[ColumnElement[bool]], after: Row[Any] | None, most: int
) -> Sequence[Row[Any]]:
    """The next lines of a table of executions after one of them, the newest first."""
    where = and_(*conditions)
    if after is not None:
        where = and_(where, Beside(after.created_at, after.id, is_older=True).condition())
    order = (desc(E.created_at), desc(E.id))
    return tx.execute(select(*_LINE).where(where).order_by(*order).limit(most)).all()


def count_executions(tx: Session, conditions: Sequence[ColumnElement[bool]]) -> int:
    """How many fit, up to 100,000."""
    counted = select(E.id).where(*conditions).limit(MOST_COUNTED).subquery()
    return int(tx.execute(select(func.count()).select_from(counted)).scalar_one())


def list_ids(tx: Session, conditions: Sequence[ColumnElement[bool]], limit: int) -> list[str]:
    """Ids of all executions that fit."""
    statement = select(E.id).where(*conditions).order_by(E.created_at, E.id).limit(limit)
    return list(tx.execute(statement).scalars())


_RUNS_OF = (
    select(task_runs)
    .where(
        task_runs.c.execution_id == bindparam("execution"),
        ~task_runs.c.gone,
        task_runs.c.sequence.is_not(None),
    )
    .order_by(task_runs.c.created_at)
)
_ATTEMPTS_OF = (
    select(attempts).where(attempts.c.execution_id == bindparam("execution")).order_by(attempts.c.n)
)


def task_runs_of(tx: Session, execution_id: str) -> Sequence[Row[Any]]:
    """The task runs of an execution as users see them, in order."""
    return tx.execute(_RUNS_OF, {"execution": execution_id}).all()


def attempts_of(tx: Session, execution_id: str) -> Sequence[Row[Any]]:
    """Every attempt of an execution, in order."""
    return tx.execute(_ATTEMPTS_OF, {"execution": execution_id}).all()


def list_logs(
    tx: Session, conditions: Sequence[ColumnElement[bool]], *, limit: int, offset: int = 0,
    newest_first: bool = False,
) -> Sequence[Row[Any]]:  # fmt: skip
    """Log lines in the order in which they were written."""
    columns = (logs.c.at, logs.c.n)
    order = [desc(c) for c in columns] if newest_first else [asc(c) for c in columns]
    statement = select(logs).where(*conditions).order_by(*order)
    return tx.execute(statement.offset(offset).limit(limit)).all()


def log_numbers(tx: Session, conditions: Sequence[ColumnElement[bool]], most: int) -> "array[int]":
    """The numbers of lines in the order in which they were written, read in parts."""
    statement = select(logs.c.n).where(*conditions).order_by(logs.c.at, logs.c.n).limit(most)
    found = array("q")
    for part in tx.execute(statement, execution_options={"yield_per": 10_000}).partitions():
        found.extend(row.n for row in part)
    return found


def numbered_logs(
    tx: Session, conditions: Sequence[ColumnElement[bool]], numbers: Sequence[int]
) -> Sequence[Row[Any]]:
    """The lines of these numbers, in their order; what is not there is left out."""
    found = {row.n: row for row in tx.execute(
        select(logs).where(*conditions, logs.c.n.in_(numbers))
    )}  # fmt: skip
    return [found[n] for n in numbers if n in found]


def count_logs(
    tx: Session, conditions: Sequence[ColumnElement[bool]], most: int = MOST_COUNTED
) -> int:
    """How many lines fit, up to `most`."""
    counted = select(logs.c.n).where(*conditions).limit(most).subquery()
    return int(tx.execute(select(func.count()).select_from(counted)).scalar_one())


def drop_logs(tx: Session, conditions: Sequence[ColumnElement[bool]]) -> int:
    """Removes the lines that fit."""
    return tx.execute(logs.delete().where(*conditions)).rowcount


#: fields whose values a filter bar may list
VALUES: Mapping[str, ColumnElement[Any]] = {
    "namespace": E.namespace,
    "flowId": E.flow_id,
    "state": E.state,
    "kind": E.kind,
    "triggerId": TRIGGER,
    "commit": E.commit,
}


def values_of(
    tx: Session, name: str, conditions: Sequence[ColumnElement[bool]], most: int
) -> list[str]:
    """The distinct values of one of `VALUES`, in order."""
    column = VALUES[name]
    where = and_(column.is_not(None), *conditions)
    statement = select(column).where(where).distinct().order_by(column).limit(most)
    return [str(value) for value in tx.execute(statement).scalars()]


def newest(tx: Session, namespace: str, flow_id: str) -> Row[Any] | None:
    """The execution of a flow that was created last."""
    where = and_(E.namespace == namespace, E.flow_id == flow_id, E.kind == "NORMAL")
    order = (desc(E.created_at), desc(E.id))
    return tx.execute(select(executions).where(where).order_by(*order).limit(1)).first()


def states_of(tx: Session, ids: Sequence[str]) -> dict[str, Row[Any]]:
    """Id, state and gate of those executions that exist, by id."""
    found: dict[str, Row[Any]] = {}
    for start in range(0, len(ids), 500):
        where = E.id.in_(list(ids[start : start + 500]))
        rows = tx.execute(select(E.id, E.state, E.gate).where(where)).all()
        found |= {row.id: row for row in rows}
    return found


def count_by_flow(
    tx: Session, flows: Sequence[tuple[str, str]], namespaces: Sequence[str], wanted: Any
) -> list[tuple[str, str, int]]:
    """(namespace, flow, count) for each flow asked for, and for each one of the namespaces.

    `wanted` is a `plugin.services.Selection` of states and times.
    """
    where: list[ColumnElement[bool]] = []
    if wanted.states:
        where.append(E.state.in_(list(wanted.states)))
    if wanted.start is not None:
        where.append(E.created_at >= wanted.start)
    if wanted.end is not None:
        where.append(E.created_at <= wanted.end)
    places = [and_(E.namespace == namespace, E.flow_id == flow) for namespace, flow in flows]
    places += [E.namespace == namespace for namespace in namespaces]
    statement = select(E.namespace, E.flow_id, func.count()).where(or_(*places), *where)
    rows = tx.execute(statement.group_by(E.namespace, E.flow_id)).all()
    found = {(row[0], row[1]): int(row[2]) for row in rows}
    for place in flows:
        found.setdefault(place, 0)
    return [(*place, count) for place, count in sorted(found.items())]


def has_label(key: str, value: str) -> ColumnElement[bool]:
    """An execution with a label."""
    labels = execution_labels.c
    return E.id.in_(select(labels.execution_id).where(labels.key == key, labels.value == value))


def list_linked(
    tx: Session, conditions: Sequence[ColumnElement[bool]], most: int
) -> Sequence[Row[Any]]:
    """Executions that fit, the first one first."""
    order = (E.created_at, E.id)
    return tx.execute(select(executions).where(*conditions).order_by(*order).limit(most)).all()


def progress_mark(tx: Session, execution_id: str) -> tuple[str, bool, int] | None:
    """A text that changes whenever the execution or one of its task runs does.

    With it whether the execution has ended, and how many task runs it has. None when absent.
    """
    statement = select(E.histories, E.ended_at, E.labels).where(E.id == execution_id)
    row = tx.execute(statement).first()
    if row is None:
        return None
    counts = select(func.count(), func.coalesce(func.sum(func.length(task_runs.c.histories)), 0))
    count, size = tx.execute(counts.where(task_runs.c.execution_id == execution_id)).one()
    return f"{row.histories}{count} {size}", row.ended_at is not None, int(count)


def list_new_logs(
    tx: Session, conditions: Sequence[ColumnElement[bool]], most: int
) -> Sequence[Row[Any]]:
    """Lines in the order of their rows: what a follower has not seen comes after what it has."""
    return tx.execute(select(logs).where(*conditions).order_by(logs.c.n).limit(most)).all()


def paths_of(tx: Session, task_run_ids: Sequence[str]) -> dict[str, list[str]]:
    """The values of the iterations around task runs, outermost first; none for one outside."""
    columns = (task_runs.c.id, task_runs.c.path)
    found: dict[str, list[str]] = {}
    for start in range(0, len(task_run_ids), AT_ONCE):
        some = task_run_ids[start : start + AT_ONCE]
        rows = tx.execute(select(*columns).where(task_runs.c.id.in_(some)))
        found |= {run: path for run, path in rows if path}
    return found


def count_logs_by(
    tx: Session, conditions: Sequence[ColumnElement[bool]]
) -> list[tuple[str | None, int, int]]:
    """(task run, level, lines) of the lines that fit."""
    columns = (logs.c.task_run_id, logs.c.level)
    statement = select(*columns, func.count()).where(*conditions).group_by(*columns)
    return [(run, level, count) for run, level, count in tx.execute(statement)]


def list_messages(
    tx: Session, conditions: Sequence[ColumnElement[bool]], most: int
) -> list[tuple[int, str]]:
    """(number in the table, text) of lines, in order."""
    order = (asc(logs.c.at), asc(logs.c.n))
    statement = select(logs.c.n, logs.c.message).where(*conditions).order_by(*order).limit(most)
    return [(n, message) for n, message in tx.execute(statement)]


ERROR = LEVELS.index("ERROR")
IS_ERROR: ColumnElement[bool] = logs.c.level == ERROR


def places_of_errors(
    tx: Session,
    conditions: Sequence[ColumnElement[bool]],
    *,
    limit: int,
    offset: int = 0,
    after: int | None = None,
    before: int | None = None,
) -> list[int]:
    """Where the errors stand among the lines that fit, counted from 0.

    `after` and `before` a line: only those, the nearest first.
    """
    place = (func.row_number().over(order_by=(logs.c.at, logs.c.n)) - 1).label("place")
    numbered = select(place, logs.c.level).where(*conditions).subquery()
    statement = select(numbered.c.place).where(numbered.c.level == ERROR)
    if after is not None:
        statement = statement.where(numbered.c.place > after)
    if before is not None:
        statement = statement.where(numbered.c.place < before)
    order = numbered.c.place if before is None else desc(numbered.c.place)
    return list(tx.execute(statement.order_by(order).offset(offset).limit(limit)).scalars())


def last_durations(tx: Session, namespace: str, flow_id: str, most: int) -> list[int]:
    """Microseconds that the last successful executions of a flow took."""
    where = and_(
        E.namespace == namespace,
        E.flow_id == flow_id,
        E.state == "SUCCESS",
        E.duration_us.is_not(None),
    )
    statement = select(E.duration_us).where(where).order_by(desc(E.created_at)).limit(most)
    return list(tx.execute(statement).scalars())


def page_of_runs(
    tx: Session,
    execution_id: str,
    *,
    parent: str | None,
    task_id: str | None,
    state: str | None,
    offset: int,
    limit: int,
) -> tuple[Sequence[Row[Any]], int]:
    """Task runs in order, and how many fit."""
    columns = task_runs.c
    where = [
        columns.execution_id == execution_id,
        columns.gone.is_(False),
        columns.sequence.is_not(None),
    ]
    where += [columns.parent_id == parent] if parent else []
    where += [columns.task_id == task_id] if task_id else []
    where += [columns.state == state] if state else []
    order = (columns.created_at, columns.id)
    statement = select(task_runs).where(*where).order_by(*order).offset(offset).limit(limit)
    total = tx.execute(select(func.count()).select_from(task_runs).where(*where)).scalar_one()
    return tx.execute(statement).all(), int(total)


def attempts_of_runs(tx: Session, run_ids: Sequence[str]) -> Sequence[Row[Any]]:
    """The attempts of some task runs, in order."""
    where = attempts.c.task_run_id.in_(list(run_ids))
    return tx.execute(select(attempts).where(where).order_by(attempts.c.n)).all()
