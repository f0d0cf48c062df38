"""Whole tables as lines of JSON and back: the same text for SQLite and PostgreSQL."""

import base64
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, LargeBinary, Table, func, insert, select, text

from app.database.every_table import metadata
from app.database.session import Session
from app.database.types import Moment, from_micros, to_micros

AT_ONCE = 500  #: rows read or written together


def table_names() -> list[str]:
    """Every table, each after those that it refers to."""
    return [table.name for table in metadata.sorted_tables]


def read_lines(tx: Session, name: str) -> Iterator[str]:
    """The rows of a table as JSON objects, in no particular order."""
    table = metadata.tables[name]
    result = tx.execution_options(yield_per=AT_ONCE).execute(select(table))
    for row in result.mappings():
        yield json.dumps({key: _plain(value) for key, value in row.items()}, ensure_ascii=False)


def is_empty(tx: Session) -> bool:
    """Whether no table holds a row."""
    return not any(
        tx.execute(select(func.count()).select_from(table)).scalar_one()
        for table in metadata.sorted_tables
    )


def write_lines(tx: Session, name: str, lines: Iterable[str]) -> int:
    """Inserts rows; how many. Columns that the table does not have any more are left out."""
    table, count = metadata.tables[name], 0
    waiting: list[dict[str, Any]] = []
    for line in lines:
        waiting.append(_row(table, json.loads(line)))
        if len(waiting) == AT_ONCE:
            tx.execute(insert(table), waiting)
            count, waiting = count + len(waiting), []
    if waiting:
        tx.execute(insert(table), waiting)
    _continue_numbers(tx, table)
    return count + len(waiting)


def _continue_numbers(tx: Session, table: Table) -> None:
    """Numbers that the database hands out go on after those that were written."""
    number = table.autoincrement_column
    if number is None or tx.dialect.name != "postgresql" or not isinstance(number.type, Integer):
        return
    sequence = tx.execute(
        text("select pg_get_serial_sequence(:name, :number)"),
        {"name": table.name, "number": number.name},
    ).scalar_one()
    if sequence is not None:
        last = select(func.coalesce(func.max(number), 0) + 1).scalar_subquery()
        tx.execute(select(func.setval(sequence, last, False)))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_micros(value)
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    return value


def _row(table: Table, data: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for column in table.columns:
        value = data.get(column.name)
        if value is not None and isinstance(column.type, Moment):
            value = from_micros(value)
        elif value is not None and isinstance(column.type, LargeBinary):
            value = base64.b64decode(value)
        found[column.name] = value
    return found
