"""The order of a page: by what was asked for, then the list's own, so that pages do not overlap."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement

from app.errors import BadRequest

Sort = Sequence[tuple[str, bool]]  #: names on the wire, each with whether it goes downwards


def ordered(
    sort: Sort, fields: Mapping[str, ColumnElement[Any]], *own: ColumnElement[Any]
) -> list[ColumnElement[Any]]:
    """What to order by; rows without a value come last. Raises BadRequest for an unknown field."""
    check(sort, fields.keys())
    asked = [(fields[name], down) for name, down in sort]
    return [(field.desc() if down else field.asc()).nulls_last() for field, down in asked] + [*own]


def check(sort: Sort, fields: Collection[str]) -> None:
    """Raises BadRequest for a field that a list cannot be sorted by."""
    for name, _ in sort:
        if name not in fields:
            known = ", ".join(fields)
            raise BadRequest(f"cannot sort by {name[:40]!r}: `sort` takes one of {known}")
