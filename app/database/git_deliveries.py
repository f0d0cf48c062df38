"""Rows of webhook endpoints and of what was delivered to them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

from app.database.schema_git import git_deliveries, git_endpoints
from app.database.session import Session

D = git_deliveries.c
E = git_endpoints.c
REFUSED_PER_MINUTE, MOST_REFUSED = 10, 100


def add_endpoint(tx: Session, values: Mapping[str, Any]) -> None:
    """A new endpoint."""
    tx.execute(insert(git_endpoints), dict(values))


def find_endpoint(tx: Session, token_hash: str) -> Row[Any] | None:
    """The endpoint of a token."""
    return tx.execute(select(git_endpoints).where(E.token_hash == token_hash)).first()


def list_endpoints(tx: Session) -> Sequence[Row[Any]]:
    """Every endpoint."""
    return tx.execute(select(git_endpoints).order_by(E.created_at)).all()


def reseal_endpoint(tx: Session, endpoint_id: str, secrets: Sequence[str]) -> None:
    """Replaces the ciphertexts of an endpoint's secrets, the present one first."""
    tx.execute(update(git_endpoints).where(E.id == endpoint_id).values(secrets=list(secrets)))


def drop_endpoint(tx: Session, endpoint_id: str) -> bool:
    """Closes an endpoint and forgets its deliveries; False when there was none."""
    tx.execute(delete(git_deliveries).where(D.endpoint_id == endpoint_id))
    return tx.execute(delete(git_endpoints).where(E.id == endpoint_id)).rowcount == 1


def find(tx: Session, endpoint_id: str, delivery_id: str) -> Row[Any] | None:
    """A delivery that was received before."""
    where = and_(D.endpoint_id == endpoint_id, D.delivery_id == delivery_id)
    return tx.execute(select(git_deliveries).where(where)).first()


def add(tx: Session, values: Mapping[str, Any]) -> bool:
    """A delivery; False when it is there, also by a request that came at the same moment."""
    make = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    statement = make(git_deliveries).values(**values).on_conflict_do_nothing()
    return tx.execute(statement.returning(D.delivery_id)).first() is not None


def matched(tx: Session, endpoint_id: str, delivery_id: str, names: Sequence[str]) -> None:
    """Notes which sources a delivery has woken."""
    where = and_(D.endpoint_id == endpoint_id, D.delivery_id == delivery_id)
    tx.execute(update(git_deliveries).where(where).values(matched=list(names)))


def count_since(tx: Session, endpoint_id: str, now: datetime) -> int:
    """Deliveries of the minute before `now` that were taken."""
    return _count(tx, _of_minute(endpoint_id, now), D.refused.is_(None))


def add_refused(tx: Session, values: Mapping[str, Any]) -> None:
    """Notes a delivery that was refused, unless many of its endpoint were within the minute.

    The newest of an endpoint stay.
    """
    endpoint_id = values["endpoint_id"]
    refused = and_(D.endpoint_id == endpoint_id, D.refused.is_not(None))
    if _count(tx, _of_minute(endpoint_id, values["received_at"]), refused) >= REFUSED_PER_MINUTE:
        return
    tx.execute(insert(git_deliveries), dict(values))
    order = (D.received_at.desc(), D.delivery_id.desc())
    newest = select(D.delivery_id).where(refused).order_by(*order).limit(MOST_REFUSED)
    tx.execute(delete(git_deliveries).where(refused, D.delivery_id.not_in(newest)))


def _of_minute(endpoint_id: str, now: datetime) -> ColumnElement[bool]:
    return and_(D.endpoint_id == endpoint_id, D.received_at > now - timedelta(minutes=1))


def _count(tx: Session, *where: ColumnElement[bool]) -> int:
    return int(
        tx.execute(select(func.count()).select_from(git_deliveries).where(*where)).scalar_one()
    )
