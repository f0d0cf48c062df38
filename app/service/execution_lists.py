"""Lists of executions beside the search: the last of each flow, values for a filter bar."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from app.database import search
from app.service.runtime import Runtime
from app.service.search import Wanted, asked

FIELDS = tuple(search.VALUES)  #: whose values can be listed


def latest(rt: Runtime, places: Sequence[tuple[str, str]]) -> list[Row[Any]]:
    """The newest execution of each flow that has one, in the order asked for."""
    with rt.database.reading() as tx:
        found = [search.newest(tx, namespace, flow_id) for namespace, flow_id in places]
    return [row for row in found if row is not None]


def values(rt: Runtime, name: str, wanted: Wanted, most: int) -> list[str]:
    """The distinct values of a field among the executions that fit."""
    with rt.database.reading() as tx:
        return search.values_of(tx, name, wanted.conditions(asked(rt)), most)
