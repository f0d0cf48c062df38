"""Rows of dashboards."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, delete, func, insert, or_, select, update

from app.database.schema_boards import dashboards
from app.database.session import Session

C = dashboards.c
SORTABLE = {"id": C.id, "title": C.title, "created": C.created_at, "updated": C.updated_at}


def find(tx: Session, dashboard_id: str) -> Row[Any] | None:
    """A dashboard by id."""
    return tx.execute(select(dashboards).where(C.id == dashboard_id)).first()


def list_all(tx: Session) -> Sequence[Row[Any]]:
    """Every dashboard, by id."""
    return tx.execute(select(dashboards).order_by(C.id)).all()


def page(
    tx: Session, text: str, *, offset: int, limit: int, sort: Sequence[tuple[str, bool]]
) -> tuple[Sequence[Row[Any]], int]:
    """Dashboards whose id or title holds a text, and how many there are."""
    where = or_(C.id.icontains(text, autoescape=True), C.title.icontains(text, autoescape=True))
    order = [SORTABLE[name].desc() if down else SORTABLE[name].asc() for name, down in sort]
    statement = select(dashboards).where(where).order_by(*order, C.id)
    total = tx.execute(select(func.count()).select_from(dashboards).where(where)).scalar_one()
    return tx.execute(statement.offset(offset).limit(limit)).all(), int(total)


def add(tx: Session, values: Mapping[str, Any]) -> None:
    """A new dashboard."""
    tx.execute(insert(dashboards), dict(values))


def change(tx: Session, dashboard_id: str, values: Mapping[str, Any]) -> None:
    """Changes columns of a dashboard."""
    tx.execute(update(dashboards).where(C.id == dashboard_id).values(**values))


def remove(tx: Session, dashboard_id: str) -> bool:
    """Removes a dashboard; False when there was none."""
    return tx.execute(delete(dashboards).where(C.id == dashboard_id)).rowcount == 1
