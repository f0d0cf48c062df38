"""Column types and SQL pieces that are the same on SQLite and PostgreSQL."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, Dialect, Select, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import FunctionElement
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeDecorator

from app.model.json_text import encoder

_READABLE = encoder(ensure_ascii=False)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """Microseconds since the epoch of an aware moment."""
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The aware UTC moment of a number of microseconds since the epoch."""
    return _EPOCH + timedelta(microseconds=micros)


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime, stored as whole microseconds since the epoch.

    One number on every database: it sorts, compares and subtracts alike everywhere.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Aware datetime to microseconds."""
        return None if value is None else to_micros(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Microseconds to aware datetime."""
        return None if value is None else from_micros(value)


#: a JSON column that may be empty: NULL then, however the row was written (never JSON's `null`)
MaybeJson = JSON(none_as_null=True)


class JsonText(TypeDecorator[Any]):
    """Any JSON value, as text: a column of SQLite's JSON makes a large number a float."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        """Value to text."""
        return _READABLE(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Text to value."""
        return None if value is None else json.loads(value)


class DatabaseNow(FunctionElement[datetime]):
    """The database's own clock (leases are compared with it alone, never with a worker's)."""

    type = Moment()
    inherit_cache = True


@compiles(DatabaseNow, "postgresql")
def _now_postgresql(element: DatabaseNow, compiler: Any, **kw: Any) -> str:
    return "(extract(epoch from clock_timestamp()) * 1000000)::bigint"


@compiles(DatabaseNow, "sqlite")
def _now_sqlite(element: DatabaseNow, compiler: Any, **kw: Any) -> str:
    # `julianday` works on every SQLite; its resolution is a millisecond.
    return "cast(round((julianday('now') - 2440587.5) * 86400000) as integer) * 1000"


class _Walked(ColumnElement[Any]):
    """A column as a value: SQLite uses no index of it."""

    inherit_cache = True
    _traverse_internals = [("column", InternalTraversal.dp_clauseelement)]

    def __init__(self, column: ColumnElement[Any]) -> None:
        self.column, self.type = column, column.type


@compiles(_Walked)
def _column(element: _Walked, compiler: Any, **kw: Any) -> str:
    return str(compiler.process(element.column, **kw))


@compiles(_Walked, "sqlite")
def _column_sqlite(element: _Walked, compiler: Any, **kw: Any) -> str:
    return f"+{compiler.process(element.column, **kw)}"


def in_list(column: ColumnElement[Any], listed: Select[Any]) -> ColumnElement[bool]:
    """The value is in what a select lists, which is made once.

    SQLite would rather look each of a list up, however long it is, than walk the rows in order and
    stop at the end of a page. PostgreSQL knows how long the list will be.
    """
    return _Walked(column).in_(listed)
