"""Lists of trigger states, and the definitions that belong to them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from app.database import filters, triggers
from app.database import flows as flow_rows
from app.errors import BadRequest, Invalid
from app.model.filter import Group
from app.service.runtime import Runtime
from app.service.search import asked

Place = tuple[str, str, str]
MOST_AT_ONCE = 10_000


def page(
    rt: Runtime, where: Group, *, page: int, size: int, sort: Sequence[tuple[str, bool]] = ()
) -> tuple[Sequence[Row[Any]], int]:
    """A page of the states that fit, and how many there are. Raises BadRequest for the sort."""
    for name, _ in sort:
        if name not in triggers.SORTABLE:
            raise BadRequest(f"cannot sort by {name[:40]!r}")
    condition = filters.condition(filters.TRIGGERS, where, asked(rt))
    with rt.database.reading() as tx:
        return triggers.page(tx, condition, sort=sort, offset=(page - 1) * size, limit=size)


def every(rt: Runtime, where: Group) -> list[Row[Any]]:
    """All states that fit."""
    found: list[Row[Any]] = []
    while True:
        rows, _ = page(rt, where, page=len(found) // MOST_AT_ONCE + 1, size=MOST_AT_ONCE)
        found += rows
        if len(rows) < MOST_AT_ONCE:
            return found


def places(rt: Runtime, where: Group) -> list[Place]:
    """Those that fit, by their names. Raises Invalid when there are more than 10,000."""
    rows, total = page(rt, where, page=1, size=MOST_AT_ONCE)
    if total > MOST_AT_ONCE:
        raise Invalid(f"more than {MOST_AT_ONCE} triggers fit; narrow the filters")
    return [(row.namespace, row.flow_id, row.trigger_id) for row in rows]


def definitions(rt: Runtime, rows: Sequence[Row[Any]]) -> dict[Place, dict[str, Any]]:
    """What the flows' latest revisions say of these triggers."""
    found: dict[Place, dict[str, Any]] = {}
    with rt.database.reading() as tx:
        for namespace, flow_id in dict.fromkeys((row.namespace, row.flow_id) for row in rows):
            saved = flow_rows.revision(tx, namespace, flow_id)
            for item in (saved.document.get("triggers") or []) if saved is not None else []:
                found[(namespace, flow_id, str(item.get("id")))] = item
    return found


def last_runs(rt: Runtime, rows: Sequence[Row[Any]]) -> dict[Place, tuple[str, str]]:
    """The execution that each schedule began last, and its state; as long as both are kept."""
    with rt.database.reading() as tx:
        found = triggers.last_runs(tx, rows)
    return {(row.namespace, row.flow_id, row.trigger_id): (row.id, row.state) for row in found}
