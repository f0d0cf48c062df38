"""Copying the rows of an execution under new ids (replay)."""

from collections.abc import Set
from typing import Any

from sqlalchemy import Row, Table, insert, select

from app.database.schema import attempts, iterations, sequences, task_runs
from app.database.session import Session
from app.model.ids import new_id

_REFERENCES = {"id", "sequence", "scope", "parent_id", "inside", "task_run_id"}


def rows(
    tx: Session,
    old: str,
    new: str,
    without_sequences: Set[str],
    without_runs: Set[str],
) -> dict[str, str]:
    """Copies sequences, task runs, attempts and iterations; old id to new id of each."""
    kept_runs = [row for row in _of(tx, task_runs, old) if row.id not in without_runs]
    kept_sequences = [row for row in _of(tx, sequences, old) if row.id not in without_sequences]
    names = {row.id: new_id() for row in (*kept_runs, *kept_sequences)}
    _add(tx, task_runs, kept_runs, names, new)
    _add(tx, sequences, kept_sequences, names, new)
    found = tx.execute(select(attempts).where(attempts.c.execution_id == old)).all()
    _add(tx, attempts, [row for row in found if row.task_run_id in names], names, new)
    loops = tx.execute(
        select(iterations).where(iterations.c.scope.in_([row.id for row in kept_runs]))
    ).all()
    if loops:
        values = [{**row._mapping, "scope": names[row.scope]} for row in loops]
        tx.execute(insert(iterations), values)
    return names


def _of(tx: Session, table: Table, execution_id: str) -> list[Row[Any]]:
    where = (table.c.execution_id == execution_id) & ~table.c.gone
    return list(tx.execute(select(table).where(where)).all())


def _add(
    tx: Session, table: Table, found: list[Row[Any]], names: dict[str, str], execution_id: str
) -> None:
    if not found:
        return
    values = []
    for row in found:
        data = dict(row._mapping)
        for column in _REFERENCES & data.keys():
            data[column] = names.get(data[column], data[column])
        values.append(data | {"execution_id": execution_id})
    tx.execute(insert(table), values)
