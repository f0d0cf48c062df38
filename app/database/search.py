"""Searches over executions, flows, logs: bound parameters and allow-listed fields only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, asc, desc, exists, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from app.database.schema import attempts, execution_labels, executions, flows, logs, task_runs
from app.database.session import Session

E = executions.c
MOST_COUNTED = 100_000
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


def has_label(key: str, value: str) -> ColumnElement[bool]:
    """An execution with a label."""
    labels = execution_labels.c
    return exists().where(labels.execution_id == E.id, labels.key == key, labels.value == value)


def below(column: ColumnElement[Any], namespace: str) -> ColumnElement[bool]:
    """A namespace and its children."""
    return or_(column == namespace, column.startswith(namespace + ".", autoescape=True))


def matches_text(text: str) -> ColumnElement[bool]:
    """An execution whose id, flow, namespace or label holds a text."""
    labels = execution_labels.c
    found = exists().where(
        labels.execution_id == E.id, labels.value.icontains(text, autoescape=True)
    )
    columns = (E.id, E.flow_id, E.namespace)
    return or_(*(column.icontains(text, autoescape=True) for column in columns), found)


def list_executions(tx: Session, query: ExecutionQuery) -> tuple[Sequence[Row[Any]], int]:
    """A page, and how many there are (counted up to 100,000)."""
    where = and_(E.kind == "NORMAL", *query.conditions)
    order = [(desc if down else asc)(SORTABLE[name]) for name, down in query.sort]
    order += [desc(E.created_at), desc(E.id)] if not order else [asc(E.id)]
    offset = (query.page - 1) * query.size
    statement = select(executions).where(where).order_by(*order)
    rows = tx.execute(statement.offset(offset).limit(query.size)).all()
    counted = select(E.id).where(where).limit(MOST_COUNTED).subquery()
    total = tx.execute(select(func.count()).select_from(counted)).scalar_one()
    return rows, int(total)


def list_ids(tx: Session, conditions: Sequence[ColumnElement[bool]], limit: int) -> list[str]:
    """Ids of all executions that fit."""
    statement = select(E.id).where(*conditions).order_by(E.created_at).limit(limit)
    return list(tx.execute(statement).scalars())


def task_runs_of(tx: Session, execution_id: str) -> Sequence[Row[Any]]:
    """The task runs of an execution as users see them, in order."""
    where = and_(
        task_runs.c.execution_id == execution_id,
        ~task_runs.c.gone,
        task_runs.c.sequence.is_not(None),
    )
    return tx.execute(select(task_runs).where(where).order_by(task_runs.c.created_at)).all()


def attempts_of(tx: Session, execution_id: str) -> Sequence[Row[Any]]:
    """Every attempt of an execution, in order."""
    where = attempts.c.execution_id == execution_id
    return tx.execute(select(attempts).where(where).order_by(attempts.c.n)).all()


def list_logs(
    tx: Session, conditions: Sequence[ColumnElement[bool]], *, limit: int, offset: int = 0,
    newest_first: bool = False,
) -> Sequence[Row[Any]]:  # fmt: skip
    """Log lines in the order in which they were written."""
    columns = (logs.c.at, logs.c.n)
    order = [desc(c) for c in columns] if newest_first else [asc(c) for c in columns]
    statement = select(logs).where(*conditions).order_by(*order)
    return tx.execute(statement.offset(offset).limit(limit)).all()


def count_logs(tx: Session, conditions: Sequence[ColumnElement[bool]]) -> int:
    """How many lines fit, up to 100,000."""
    counted = select(logs.c.n).where(*conditions).limit(MOST_COUNTED).subquery()
    return int(tx.execute(select(func.count()).select_from(counted)).scalar_one())


def drop_logs(tx: Session, conditions: Sequence[ColumnElement[bool]]) -> int:
    """Removes the lines that fit."""
    return tx.execute(logs.delete().where(*conditions)).rowcount


def flow_conditions(
    *, namespace: str | None = None, text: str | None = None
) -> list[ColumnElement[bool]]:
    """Conditions on the rows of flows."""
    found: list[ColumnElement[bool]] = [flows.c.deleted.is_(False)]
    if namespace:
        found.append(below(flows.c.namespace, namespace))
    if text:
        found.append(flows.c.search_text.contains(text.lower(), autoescape=True))
    return found


def moment_after(column: ColumnElement[Any], moment: datetime) -> ColumnElement[bool]:
    """At or after a moment."""
    return column >= moment


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
