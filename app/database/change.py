"""An UPDATE of rows by equality, built once for each shape: which columns it asks, which it writes.

Building a statement costs several times what running it does, and a step of a flow writes several.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Integer, Row, Table, Text, Update, bindparam, update
from sqlalchemy.sql.dml import ReturningUpdate
from sqlalchemy.sql.elements import ColumnElement

from app.database.session import Session

#: which rows: what each of these columns holds (None: nothing)
Where = Mapping[str, Any]
#: table; columns asked, and whether for nothing; columns written, and how; whether it answers
_Shape = tuple[str, tuple[tuple[str, bool], ...], tuple[tuple[str, type | None], ...], bool]


@dataclass(frozen=True, slots=True)
class More:
    """A new value that is the old one and this: a sum, or text at its end."""

    by: int | str


_made: dict[_Shape, Update | ReturningUpdate[Any]] = {}


def change(tx: Session, table: Table, where: Where, values: Mapping[str, Any]) -> int:
    """Writes the values into the rows that hold what `where` says; how many there were.

    A value is plain, `More`, or an expression of SQL.
    """
    statement, given = _filled(table, where, values)
    return tx.execute(statement, given).rowcount


def changed(tx: Session, table: Table, where: Where, values: Mapping[str, Any]) -> Row[Any] | None:
    """As `change`, for one row: the row after it, None when there is none."""
    statement, given = _filled(table, where, values, answers=True)
    return tx.execute(statement, given).first()


def _filled(
    table: Table, where: Where, values: Mapping[str, Any], *, answers: bool = False
) -> tuple[Update | ReturningUpdate[Any], dict[str, Any]]:
    """The statement for such columns, and its parameters."""
    asked = tuple((name, value is None) for name, value in where.items())
    written = tuple((name, _kind(value)) for name, value in values.items())
    shape = (table.name, asked, written, answers)
    statement = _made.get(shape)
    if statement is None:
        statement = _made[shape] = _build(table, shape)
    given = {f"is_{name}": value for name, value in where.items() if value is not None}
    expressions = {}
    for name, value in values.items():
        if isinstance(value, ColumnElement):
            expressions[name] = value
        else:
            given[f"to_{name}"] = value.by if isinstance(value, More) else value
    return (statement.values(expressions) if expressions else statement), given


def _kind(value: Any) -> type | None:
    """What tells two statements apart that write the same column; None: the value is written."""
    if isinstance(value, More):
        return type(value.by)
    return ColumnElement if isinstance(value, ColumnElement) else None


def _build(table: Table, shape: _Shape) -> Update | ReturningUpdate[Any]:
    _, asked, written, answers = shape
    statement = update(table)
    for name, is_empty in asked:
        column = table.c[name]
        here = column.is_(None) if is_empty else column == _parameter(table, "is", name)
        statement = statement.where(here)
    values: dict[str, Any] = {}
    for name, kind in written:
        if kind is None:
            values[name] = _parameter(table, "to", name)
        elif kind is not ColumnElement:
            more = bindparam(f"to_{name}", type_=Text() if kind is str else Integer())
            values[name] = table.c[name] + more
    statement = statement.values(values)
    return statement.returning(*table.c) if answers else statement


def _parameter(table: Table, use: str, name: str) -> BindParameter[Any]:
    return bindparam(f"{use}_{name}", type_=table.c[name].type)
