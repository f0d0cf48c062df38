"""All writes of a transaction as one statement of PostgreSQL, which is then the transaction itself.

A BEGIN, ten writes and a COMMIT cost the driver and the server more than the rows do. Writes whose
answers nobody needs are written as one:

    WITH w0 AS (SELECT … FOR SHARE), w1 AS (UPDATE … RETURNING 1), w2 AS (INSERT … RETURNING 1)
    SELECT CASE WHEN (SELECT count(*) FROM w0) = 1 AND (SELECT count(*) FROM w1) = 1
                 AND (SELECT count(*) FROM w2) >= 0 THEN 1 ELSE <an error> END

The server runs a part when its count is asked for, and asks from left to right: locks are taken in
the order in which the code queued the writes, and the first guard that finds no row ends it all by
an error, before anything that stands behind it. An error undoes the whole statement.

No part sees what another one writes, and all see the rows of one moment, except that a row which is
locked or updated is looked at anew in its latest version. So `fits` lets pass only writes of which
none has to see an earlier one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

from app.database.fixed import Fixed

_PARAMETER = re.compile(r"%\((\w+)\)s|%s|%%")
LOST = "a guard of this transaction hit no row"


@dataclass(frozen=True, slots=True)
class Write:
    """One queued write: a statement for one or more rows; with `must` it has to hit one row."""

    statement: Fixed
    rows: Sequence[Mapping[str, Any]]
    must: bool


@dataclass(frozen=True)
class _Compound:
    """The text for a sequence of statements, whatever their values are."""

    sql: str
    names: Sequence[Sequence[str]]  #: of each part's parameters, in order; empty: all rows as JSON


_made: dict[tuple[tuple[Fixed, bool, bool], ...], _Compound | None] = {}


def fits(raw: Any, writes: Sequence[Write]) -> bool:
    """Whether they are all of a transaction, and none has to see what an earlier one wrote."""
    return isinstance(raw, psycopg.Connection) and is_idle(raw) and are_independent(writes)


def is_idle(raw: Any) -> bool:
    """Whether nothing was sent yet in the present transaction."""
    return bool(raw.pgconn.transaction_status == TransactionStatus.IDLE)


def are_independent(writes: Sequence[Write]) -> bool:
    """Whether no write is about a row that an earlier one has written."""
    written: dict[str, set[Any]] = {}  #: ids by table; None: it may be any row
    emptied: set[str] = set()
    for write in writes:
        statement, ids = write.statement, _ids(write)
        before = written.get(statement.table)
        if statement.inserts:
            if statement.table in emptied:  # the row may take the place of a deleted one
                return False
        elif before and (None in before or None in ids or before & ids):
            return False
        if statement.deletes:
            emptied.add(statement.table)
        if not statement.reads:
            written.setdefault(statement.table, set()).update(ids)
    return True


def _ids(write: Write) -> set[Any]:
    name = "id" if write.statement.inserts else "id_"
    return {row.get(name) for row in write.rows}


def send(raw: Any, dialect: Any, writes: Sequence[Write]) -> bool:
    """Runs the writes as one transaction; False when a guard hit no row, and nothing was written.

    Raises NotOne when there is no such statement for them, and what the driver raises.
    """
    key = tuple((write.statement, len(write.rows) > 1, write.must) for write in writes)
    if key not in _made:
        _made[key] = _compose(key, dialect)
    made = _made[key]
    if made is None:
        raise NotOne
    parts = zip(made.names, writes, strict=True)
    values = [value for names, write in parts for value in _values(names, write, dialect)]
    try:
        with by_itself(raw), psycopg.RawCursor(raw) as cursor:
            cursor.execute(made.sql, values)
    except psycopg.errors.InvalidTextRepresentation as error:
        if LOST in str(error):
            return False
        raise
    return True


class NotOne(Exception):
    """Some of the writes cannot be parts of one statement."""


@contextmanager
def by_itself(raw: Any) -> Iterator[None]:
    """What is sent in the block is a transaction by itself; the connection is in none."""
    raw.autocommit = True
    try:
        yield
    finally:
        if is_idle(raw):
            raw.autocommit = False
        else:
            raw.close()  # interrupted: nobody knows what its next answer belongs to


def _values(names: Sequence[str], write: Write, dialect: Any) -> Sequence[Any]:
    ready = write.statement.ready(dialect)
    if len(write.rows) > 1:
        return [ready.as_json(write.rows)]
    values = ready.parameters(write.rows[0])
    return [values[name] for name in names]


def _compose(parts: Sequence[tuple[Fixed, bool, bool]], dialect: Any) -> _Compound | None:
    texts, counts, names = [], [], []
    number = 0
    for at, (statement, many, must) in enumerate(parts):
        ready = statement.ready(dialect)
        sql = ready.of_many if many else ready.sql
        if sql is None:
            return None
        text, found = numbered(sql, number)
        number += len(found)
        names.append(found)
        texts.append(f"w{at} AS ({text}{'' if statement.reads else ' RETURNING 1'})")
        counts.append(f"(SELECT count(*) FROM w{at}) {'= 1' if must else '>= 0'}")
    # no constant, which the planner would work out beforehand
    lost = f"CAST('{LOST}' || (SELECT count(*) FROM w0) AS integer)"
    verdict = f"SELECT CASE WHEN {' AND '.join(counts)} THEN 1 ELSE {lost} END"
    return _Compound(f"WITH {', '.join(texts)} {verdict}", names)


def numbered(sql: str, before: int) -> tuple[str, Sequence[str]]:
    """A text with `$n` for its named parameters, counted from `before`; their names in order."""
    names: dict[str, int] = {}

    def place(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        return f"${names.setdefault(match[1] or '', before + len(names) + 1)}"

    return _PARAMETER.sub(place, sql), list(names)
