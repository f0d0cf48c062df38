"""Rows of iterations: the values of a loop, by number."""

from collections.abc import Sequence

from sqlalchemy import and_, bindparam, delete, func, insert, select

from app.database.schema import iterations
from app.database.session import Session

_ARE_AMONG = and_(
    iterations.c.scope == bindparam("scope"),
    iterations.c.idx >= bindparam("first"),
    iterations.c.idx < bindparam("end"),
)
_VALUES = select(iterations.c.idx, iterations.c.value).where(_ARE_AMONG)
_ITEMS = select(iterations.c.idx, iterations.c.item).where(
    _ARE_AMONG, iterations.c.item.is_not(None)
)


def add(tx: Session, scope_id: str, values: Sequence[str], *, first: int = 0) -> None:
    """Values of a loop, numbered from `first`."""
    rows = [{"scope": scope_id, "idx": i, "value": v} for i, v in enumerate(values, first)]
    for start in range(0, len(rows), 1000):
        tx.execute(insert(iterations), rows[start : start + 1000])


def add_items(tx: Session, scope_id: str, items: Sequence[str], *, first: int = 0) -> None:
    """Items of a Loop, numbered from `first`; the number is the value of the iteration."""
    rows = [
        {"scope": scope_id, "idx": i, "value": str(i), "item": item}
        for i, item in enumerate(items, first)
    ]
    for start in range(0, len(rows), 1000):
        tx.execute(insert(iterations), rows[start : start + 1000])


def items_of(tx: Session, scope_id: str, first: int, count: int) -> dict[int, str]:
    """The items number `first` up to `first + count - 1` of a Loop."""
    found = tx.execute(_ITEMS, {"scope": scope_id, "first": first, "end": first + count})
    return {row.idx: row.item for row in found}


def values_of(tx: Session, scope_id: str, first: int, count: int) -> dict[int, str]:
    """The values number `first` up to `first + count - 1` of a loop."""
    found = tx.execute(_VALUES, {"scope": scope_id, "first": first, "end": first + count})
    return {row.idx: row.value for row in found}


def take(tx: Session, scope_id: str, idx: int) -> bool:
    """Removes one value; False when somebody else did."""
    where = and_(iterations.c.scope == scope_id, iterations.c.idx == idx)
    return tx.execute(delete(iterations).where(where)).rowcount == 1


def drop(tx: Session, scope_id: str) -> None:
    """Forgets the values of a loop that is evaluated anew."""
    tx.execute(delete(iterations).where(iterations.c.scope == scope_id))


def count(tx: Session, scope_id: str) -> int:
    """How many values a loop has."""
    statement = select(func.count()).select_from(iterations).where(iterations.c.scope == scope_id)
    return int(tx.execute(statement).scalar_one())
