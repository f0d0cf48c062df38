"""Dashboards: kept as YAML; the one named `default` comes with the server until it is replaced."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row

from app.database import dashboards as rows
from app.errors import BadRequest, Conflict, Invalid, NotFound
from app.language.dashboard import parse_dashboard
from app.model.dashboard import Dashboard
from app.model.ids import new_id
from app.service import ownership
from app.service.blueprints import FOLDER
from app.service.runtime import Runtime

DEFAULT = "default"


class DashboardNotFound(NotFound):
    """No dashboard has this id."""

    def __init__(self, dashboard_id: str) -> None:
        super().__init__(f"no dashboard {dashboard_id[:100]!r}")


@dataclass(frozen=True)
class Kept:
    """A dashboard with its source."""

    id: str
    parsed: Dashboard
    document: dict[str, Any]
    source: str
    created: datetime | None = None
    updated: datetime | None = None


def _of(row: Row[Any]) -> Kept:
    parsed, document = parse_dashboard(row.source)
    return Kept(row.id, parsed, document, row.source, row.created_at, row.updated_at)


@cache
def _built_in() -> Kept:
    source = (FOLDER / "default-dashboard.yaml").read_text("utf-8")
    parsed, document = parse_dashboard(source)
    return Kept(DEFAULT, parsed, document, source)


def get(rt: Runtime, dashboard_id: str) -> Kept:
    """A dashboard. Raises DashboardNotFound."""
    with rt.database.reading() as tx:
        row = rows.find(tx, dashboard_id)
    if row is not None:
        return _of(row)
    if dashboard_id == DEFAULT:
        return _built_in()
    raise DashboardNotFound(dashboard_id)


def page(
    rt: Runtime, text: str, *, page: int, size: int, sort: Sequence[tuple[str, bool]]
) -> tuple[list[Kept], int]:
    """A page of dashboards, and how many there are. Raises BadRequest for a wrong sort."""
    for name, _ in sort:
        if name not in rows.SORTABLE:
            raise BadRequest(f"cannot sort by {name[:40]!r}")
    with rt.database.reading() as tx:
        found, total = rows.page(tx, text, offset=(page - 1) * size, limit=size, sort=sort)
    return [_of(row) for row in found], total


def create(rt: Runtime, source: str, author: str) -> Kept:
    """A new dashboard. Raises InvalidDashboard, Conflict for an id in use."""
    parsed, _ = parse_dashboard(source)
    dashboard_id = parsed.id or new_id()
    now = rt.clock()
    with rt.database.transaction() as tx:
        if rows.find(tx, dashboard_id) is not None:
            raise Conflict(f"there is a dashboard {dashboard_id!r} already")
        ownership.check(tx, now, "DASHBOARD", dashboard_id)
        values = {"id": dashboard_id, "title": parsed.title, "source": source, "author": author}
        rows.add(tx, values | {"created_at": now, "updated_at": now})
    return get(rt, dashboard_id)


def replace(rt: Runtime, dashboard_id: str, source: str, author: str) -> Kept:
    """Replaces a dashboard, or the built-in one. Raises InvalidDashboard, DashboardNotFound."""
    parsed, _ = parse_dashboard(source)
    if parsed.id is not None and parsed.id != dashboard_id:
        raise Invalid(f"`id` is {parsed.id!r} in the document and {dashboard_id!r} in the address")
    now = rt.clock()
    values = {"title": parsed.title, "source": source, "author": author, "updated_at": now}
    with rt.database.transaction() as tx:
        ownership.check(tx, now, "DASHBOARD", dashboard_id)
        if rows.find(tx, dashboard_id) is not None:
            rows.change(tx, dashboard_id, values)
        elif dashboard_id == DEFAULT:
            rows.add(tx, values | {"id": dashboard_id, "created_at": now})
        else:
            raise DashboardNotFound(dashboard_id)
    return get(rt, dashboard_id)


def delete(rt: Runtime, dashboard_id: str) -> None:
    """Removes a dashboard; the built-in one comes back. Raises DashboardNotFound."""
    with rt.database.transaction() as tx:
        ownership.check(tx, rt.clock(), "DASHBOARD", dashboard_id)
        if not rows.remove(tx, dashboard_id):
            raise DashboardNotFound(dashboard_id)
