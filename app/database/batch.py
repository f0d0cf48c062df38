"""Guarded writes that are put off and sent together.

A step of a flow writes six rows or so, and most of its time would go by waiting for the answer to
each of them. `later` queues a write; all that are queued leave in one round trip (the pipeline mode
of PostgreSQL) before the next ordinary statement of the transaction, or before its commit: no
statement ever sees a state without the writes that stand before it in the code.
"""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

import psycopg
from sqlalchemy import Connection, Delete, Engine, Insert, Select, Table, Update, event, insert
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from app.database.absence import away

_KEY = "trunkline_later"
MOST_ROWS = 200  #: of one INSERT
_OBJECT = attrgetter("obj")  #: of the driver's wrapper of a JSON value
_NAMED = re.compile(r"%\((\w+)\)s")
_INSERT = re.compile(r"(INSERT INTO .*? )VALUES (\(.*\))([^()]*)", re.DOTALL)


class Overtaken(Exception):
    """A row is not where we last saw it: write nothing, go quietly."""


@dataclass(frozen=True)
class _Ready:
    """A statement in one dialect's words."""

    sql: str
    names: Sequence[str] | None  #: of positional parameters, in order
    fixed: Mapping[str, Any]
    processors: Mapping[str, Any]
    of_many: str | None = None  #: an INSERT of any number of rows, given as one JSON text

    def as_json(self, rows: Sequence[Mapping[str, Any]]) -> str:
        """The parameter of `of_many`; numbers that JSON has no word for travel as texts."""
        found = [self.parameters(row) for row in rows]
        plain = [
            {name: repr(v) if isinstance(v, float) else v for name, v in row.items()}
            for row in found
        ]
        return json.dumps(plain, default=_OBJECT)

    def parameters(self, given: Mapping[str, Any]) -> Any:
        values = {**self.fixed, **given}
        for name, process in self.processors.items():
            values[name] = process(values[name])
        if self.names is None:
            return values
        return [values[name] for name in self.names]


class Fixed:
    """A statement with named parameters, compiled once for each dialect.

    `columns` are those of an INSERT; its other columns get the defaults of the table. A SELECT is a
    guard, or a lock: what counts is whether it finds its row.
    """

    def __init__(
        self,
        statement: Insert | Update | Delete | Select[Any],
        columns: Sequence[str] | None = None,
    ) -> None:
        self._statement, self._columns = statement, columns
        self.reads = isinstance(statement, Select)
        self._ready: dict[str, _Ready] = {}

    def ready(self, dialect: Any) -> _Ready:
        """In the words of a dialect."""
        found = self._ready.get(dialect.name)
        if found is None:
            found = self._ready[dialect.name] = self._compile(dialect)
        return found

    def _compile(self, dialect: Any) -> _Ready:
        compiled = self._statement.compile(dialect=dialect, column_keys=self._columns)
        assert isinstance(compiled, SQLCompiler)
        fixed = dict(compiled.construct_params(_check=False))
        if isinstance(self._statement, Insert):
            for column in compiled.insert_prefetch:
                assert isinstance(column.default, ScalarElementColumnDefault)
                fixed[column.key] = column.default.arg
        names = compiled.positiontup
        ready = _Ready(compiled.string, names, fixed, dict(compiled._bind_processors))
        if isinstance(self._statement, Insert) and dialect.name == "postgresql":
            return replace(ready, of_many=_of_many(self._statement.table, ready.sql, dialect))
        return ready


def _of_many(table: Any, sql: str, dialect: Any) -> str | None:
    """A statement costs more than a row, and one text for any number of rows is prepared once."""
    parts = _INSERT.fullmatch(sql)
    if parts is None:
        return None
    begin, values, end = parts.groups()
    names = _NAMED.findall(values)
    if any(name not in table.c for name in names):
        return None  # a value is made by an expression
    quoted = {name: dialect.identifier_preparer.quote(name) for name in names}
    given = [f"{quoted[name]} {table.c[name].type.compile(dialect)}" for name in names]
    rows = f"json_to_recordset(%s::JSON) AS given ({', '.join(given)})"
    return f"{begin}SELECT {', '.join(quoted.values())} FROM {rows}{end}"


@dataclass(frozen=True)
class _Write:
    statement: Fixed
    rows: Sequence[Mapping[str, Any]]
    must: bool


_inserts: dict[tuple[str, tuple[str, ...]], Fixed] = {}


def insert_later(tx: Connection, table: Table, values: Mapping[str, Any]) -> None:
    """Queues an INSERT of one row."""
    later(tx, _insert(table, tuple(values)), values)


def _insert(table: Table, columns: tuple[str, ...]) -> Fixed:
    key = (table.name, columns)
    statement = _inserts.get(key)
    if statement is None:
        statement = _inserts[key] = Fixed(insert(table).inline(), columns)
    return statement


def later(
    tx: Connection, statement: Fixed, parameters: Mapping[str, Any], *, must: bool = False
) -> None:
    """Queues a write; with `must` the transaction is overtaken unless it hits one row."""
    tx.info.setdefault(_KEY, []).append(_Write(statement, (parameters,), must))


def insert_many_later(tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Queues an INSERT of rows that all have the same columns."""
    if rows:
        many_later(tx, _insert(table, tuple(rows[0])), rows)


def many_later(tx: Connection, statement: Fixed, rows: Sequence[Mapping[str, Any]]) -> None:
    """Queues an INSERT for some rows."""
    queued = tx.info.setdefault(_KEY, [])
    for start in range(0, len(rows), MOST_ROWS):
        queued.append(_Write(statement, rows[start : start + MOST_ROWS], False))


def flush(tx: Connection) -> None:
    """Sends what is queued. Raises Overtaken."""
    writes: list[_Write] = tx.info.pop(_KEY, None) or []
    if not writes:
        return
    raw: Any = tx.connection.driver_connection
    sent: list[tuple[_Write, Any]] = []
    try:
        with _pipeline(raw, len(writes)):
            for write in writes:
                sent.append((write, _send(tx, raw, write)))
    except (psycopg.OperationalError, sqlite3.OperationalError) as error:
        raise away(error) from error
    except (psycopg.IntegrityError, sqlite3.IntegrityError) as error:
        # what follows a lost guard may collide with the rows of the one who won
        if any(write.must and cursor.rowcount == 0 for write, cursor in sent):
            raise Overtaken from error
        raise
    if any(write.must and _hits(write, cursor) != 1 for write, cursor in sent):
        raise Overtaken


def _hits(write: _Write, cursor: Any) -> int:
    return len(cursor.fetchall()) if write.statement.reads else int(cursor.rowcount)


def _send(tx: Connection, raw: Any, write: _Write) -> Any:
    ready = write.statement.ready(tx.dialect)
    cursor = raw.cursor()
    if len(write.rows) == 1:
        cursor.execute(ready.sql, ready.parameters(write.rows[0]))
    elif ready.of_many is not None:
        cursor.execute(ready.of_many, [ready.as_json(write.rows)])
    else:
        cursor.executemany(ready.sql, [ready.parameters(row) for row in write.rows])
    return cursor


@contextmanager
def _pipeline(raw: Any, count: int) -> Iterator[None]:
    if count < 2 or not isinstance(raw, psycopg.Connection) or not psycopg.Pipeline.is_supported():
        yield
        return
    with raw.pipeline():
        yield


def forget(tx: Connection) -> None:
    """Drops what is queued: the transaction is not going to be committed."""
    tx.info.pop(_KEY, None)


def watch(engine: Engine) -> None:
    """Sends what is queued before any other statement of the same connection."""

    @event.listens_for(engine, "before_execute")
    def before_execute(connection: Connection, *_rest: Any) -> None:
        if _KEY in connection.info:
            flush(connection)
