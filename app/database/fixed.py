"""Statements with named parameters, compiled once for each dialect."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Delete, Insert, Select, Update
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from app.model.json_text import encode

_NAMED = re.compile(r"%\((\w+)\)s")
_INSERT = re.compile(r"(INSERT INTO .*? )VALUES (\(.*\))([^()]*)", re.DOTALL)


def _plain(value: Any) -> Any:
    return repr(value) if isinstance(value, float) else getattr(value, "obj", value)


@dataclass(frozen=True)
class Ready:
    """A statement in one dialect's words."""

    sql: str
    names: Sequence[str] | None  #: of positional parameters, in order
    fixed: Mapping[str, Any]
    processors: Mapping[str, Any]
    of_many: str | None = None  #: an INSERT of any number of rows, given as one JSON text

    def as_json(self, rows: Sequence[Mapping[str, Any]]) -> str:
        """The parameter of `of_many`; numbers that JSON has no word for travel as texts."""
        found = [self.parameters(row) for row in rows]
        return encode([{name: _plain(v) for name, v in row.items()} for row in found])

    def parameters(self, given: Mapping[str, Any]) -> Any:
        """What the driver takes: a mapping, or a list for positional ones."""
        values = {**self.fixed, **given}
        for name, process in self.processors.items():
            values[name] = process(values[name])
        if self.names is None:
            return values
        return [values[name] for name in self.names]


class Fixed:
    """A statement with named parameters, compiled once for each dialect.

    `columns` are those of an INSERT; its other columns get the defaults of the table. A SELECT is a
    guard, or a lock: what counts is whether it finds its row. A parameter `id_` is the primary key
    of the one row that the statement is about.
    """

    def __init__(
        self,
        statement: Insert | Update | Delete | Select[Any],
        columns: Sequence[str] | None = None,
    ) -> None:
        self._statement, self._columns = statement, columns
        self.reads = isinstance(statement, Select)
        self.inserts = isinstance(statement, Insert)
        self.deletes = isinstance(statement, Delete)
        if isinstance(statement, Select):
            self.table = str(statement.get_final_froms()[0])
        else:
            self.table = str(statement.table)
        self._ready: dict[str, Ready] = {}

    def ready(self, dialect: Any) -> Ready:
        """In the words of a dialect."""
        found = self._ready.get(dialect.name)
        if found is None:
            found = self._ready[dialect.name] = self._compile(dialect)
        return found

    def _compile(self, dialect: Any) -> Ready:
        compiled = self._statement.compile(dialect=dialect, column_keys=self._columns)
        assert isinstance(compiled, SQLCompiler)
        fixed = dict(compiled.construct_params(_check=False))
        if isinstance(self._statement, Insert):
            for column in compiled.insert_prefetch:
                assert isinstance(column.default, ScalarElementColumnDefault)
                fixed[column.key] = column.default.arg
        names = compiled.positiontup
        ready = Ready(compiled.string, names, fixed, dict(compiled._bind_processors))
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
