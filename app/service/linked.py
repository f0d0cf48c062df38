"""Executions that belong together: those with one correlation id."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from app.database import search
from app.model.label import CORRELATION_ID
from app.service import executions
from app.service.runtime import Runtime

MOST = 500


def executions_of(
    rt: Runtime, execution_id: str, *, only_after: bool = False
) -> Sequence[Row[Any]]:
    """The executions linked with this one (itself too), the first one first.

    `only_after` leaves out those that were there before it. Raises ExecutionNotFound.
    """
    row = executions.get(rt, execution_id)
    correlation = row.labels.get(CORRELATION_ID, execution_id)
    conditions = [search.has_label(CORRELATION_ID, correlation)]
    if only_after:
        conditions.append(row.created_at <= search.E.created_at)
    with rt.database.reading() as tx:
        return search.list_linked(tx, conditions, MOST)
