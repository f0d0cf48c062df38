"""Guarded writes that are put off and sent together.

A step of a flow writes six rows or so, and most of its time would go by waiting for the answer to
each of them. `later` queues a write; all that are queued leave in one round trip (the pipeline mode
of PostgreSQL) before the next ordinary statement of the transaction, or before its commit: no
statement ever sees a state without the writes that stand before it in the code.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, Table, event, insert

from app.database import compound
from app.database.absence import away
from app.database.compound import Write
from app.database.fixed import Fixed

_KEY = "trunkline_later"
MOST_ROWS = 200  #: of one INSERT


class Overtaken(Exception):
    """A row is not where we last saw it: write nothing, go quietly."""


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
    tx.info.setdefault(_KEY, []).append(Write(statement, (parameters,), must))


def insert_many_later(tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Queues an INSERT of rows that all have the same columns."""
    if rows:
        many_later(tx, _insert(table, tuple(rows[0])), rows)


def many_later(tx: Connection, statement: Fixed, rows: Sequence[Mapping[str, Any]]) -> None:
    """Queues an INSERT for some rows."""
    queued = tx.info.setdefault(_KEY, [])
    for start in range(0, len(rows), MOST_ROWS):
        queued.append(Write(statement, rows[start : start + MOST_ROWS], False))


def flush(tx: Connection, *, last: bool = False) -> None:
    """Sends what is queued; `last` before the commit of the transaction. Raises Overtaken."""
    writes: list[Write] = tx.info.pop(_KEY, None) or []
    if not writes:
        return
    raw: Any = tx.connection.driver_connection
    try:
        if not (last and compound.fits(raw, writes) and _send_as_one(tx, raw, writes)):
            _send_all(tx, raw, writes)
    except (psycopg.OperationalError, sqlite3.OperationalError) as error:
        raise away(error) from error


def _send_as_one(tx: Connection, raw: Any, writes: Sequence[Write]) -> bool:
    """Writes and commits at once; False when the writes have to be sent one by one."""
    try:
        if not compound.send(raw, tx.dialect, writes):
            raise Overtaken
    except (compound.NotOne, psycopg.IntegrityError):
        return False  # which of them has lost shows when each is sent by itself
    return True


def _send_all(tx: Connection, raw: Any, writes: Sequence[Write]) -> None:
    sent: list[tuple[Write, Any]] = []
    try:
        with _pipeline(raw, len(writes)):
            for write in writes:
                sent.append((write, _send(tx, raw, write)))
    except (psycopg.IntegrityError, sqlite3.IntegrityError) as error:
        # what follows a lost guard may collide with the rows of the one who won
        if any(write.must and cursor.rowcount == 0 for write, cursor in sent):
            raise Overtaken from error
        raise
    if any(write.must and _hits(write, cursor) != 1 for write, cursor in sent):
        raise Overtaken


def _hits(write: Write, cursor: Any) -> int:
    return len(cursor.fetchall()) if write.statement.reads else int(cursor.rowcount)


def _send(tx: Connection, raw: Any, write: Write) -> Any:
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
