"""Parts of one execution's log: a window of lines, counts, the places of a text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from app.database.schema import logs
from app.database.session import Session


@dataclass(frozen=True, kw_only=True)
class LinesFilter:
    """Which lines of an execution; None is no limit."""

    execution_id: str
    least_level: int = 0
    task_id: str | None = None
    task_run_id: str | None = None
    attempt: int | None = None
    text: str | None = None  #: contained in the message, whatever the case

    def conditions(self) -> list[ColumnElement[bool]]:
        """As SQL."""
        found: list[ColumnElement[bool]] = [logs.c.execution_id == self.execution_id]
        if self.least_level:
            found.append(logs.c.level >= self.least_level)
        for name in ("task_id", "task_run_id", "attempt"):
            if (value := getattr(self, name)) is not None:
                found.append(logs.c[name] == value)
        if self.text:
            found.append(logs.c.message.icontains(self.text, autoescape=True))
        return found


def count(tx: Session, wanted: LinesFilter) -> int:
    """How many lines fit."""
    statement = select(func.count()).select_from(logs).where(*wanted.conditions())
    return int(tx.execute(statement).scalar_one())


def window(tx: Session, wanted: LinesFilter, start: int, most: int) -> Sequence[Row[Any]]:
    """Lines `start` (from 0, in the filtered order) and those that follow it."""
    statement = select(logs).where(*wanted.conditions()).order_by(logs.c.n)
    return tx.execute(statement.offset(start).limit(most)).all()


def counts(tx: Session, execution_id: str) -> Sequence[Row[Any]]:
    """Lines by task, task run and level."""
    key = (logs.c.task_id, logs.c.task_run_id, logs.c.level)
    statement = select(*key, func.count().label("lines"))
    return tx.execute(statement.where(logs.c.execution_id == execution_id).group_by(*key)).all()


def places(
    tx: Session, wanted: LinesFilter, text: str, start: int, most: int
) -> tuple[int, list[int]]:
    """How many of the lines that fit hold a text, and the numbers of some of them (from 0)."""
    number = (func.row_number().over(order_by=logs.c.n) - 1).label("number")
    numbered = select(number, logs.c.message).where(*wanted.conditions()).subquery()
    fits = numbered.c.message.icontains(text, autoescape=True)
    total = tx.execute(select(func.count()).select_from(numbered).where(fits)).scalar_one()
    statement = select(numbered.c.number).where(fits).order_by(numbered.c.number)
    return int(total), list(tx.execute(statement.offset(start).limit(most)).scalars())
