"""Rows about the outside: what it is told, pull requests, proposed changes, promotions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, insert, select, update

from app.database.schema_git import (
    git_changes,
    git_outbox,
    git_promotions,
    git_pulls,
    git_sources,
)
from app.database.session import Session

X = git_outbox.c
P = git_pulls.c
G = git_changes.c
M = git_promotions.c


def tell(
    tx: Session, source_id: str, key: str, kind: str, payload: Mapping[str, Any], now: datetime
) -> bool:
    """Puts an event into the outbox; False when its key was there already."""
    if tx.execute(select(X.key).where(X.key == key)).first():
        return False
    values = {
        "key": key,
        "kind": kind,
        "source_id": source_id,
        "payload": dict(payload),
        "due_at": now,
    }
    tx.execute(insert(git_outbox), {**values, "attempts": 0, "created_at": now})
    return True


def sources_due(tx: Session, now: datetime) -> Sequence[str]:
    """The sources that are followed and of which something is to be sent."""
    where = and_(X.sent_at.is_(None), X.due_at <= now, git_sources.c.suspended.is_(False))
    joined = select(X.source_id).join(git_sources, git_sources.c.id == X.source_id)
    return list(tx.execute(joined.where(where).distinct()).scalars())


def due(tx: Session, source_id: str, now: datetime, most: int) -> Sequence[Row[Any]]:
    """Events of a source that are to be sent."""
    where = and_(X.source_id == source_id, X.sent_at.is_(None), X.due_at <= now)
    statement = select(git_outbox).where(where).order_by(X.due_at, X.created_at).limit(most)
    return tx.execute(statement).all()


def take(tx: Session, key: str, seen: int, until: datetime) -> bool:
    """Claims an event: nobody else sends it before `until`; False when it was claimed."""
    where = and_(X.key == key, X.attempts == seen, X.sent_at.is_(None))
    changes = {"attempts": seen + 1, "due_at": until}
    return tx.execute(update(git_outbox).where(where).values(changes)).rowcount == 1


def write_event(tx: Session, key: str, **values: Any) -> None:
    """How sending it went."""
    tx.execute(update(git_outbox).where(X.key == key).values(values))


# -- pull requests


def put_pull(tx: Session, values: Mapping[str, Any]) -> None:
    """Creates or changes the row of a pull request."""
    where = and_(P.binding_id == values["binding_id"], P.number == values["number"])
    if tx.execute(update(git_pulls).where(where).values(dict(values))).rowcount == 0:
        tx.execute(insert(git_pulls), dict(values))


def write_pull(tx: Session, binding_id: str, number: int, **values: Any) -> None:
    """Changes the row of a pull request."""
    where = and_(P.binding_id == binding_id, P.number == number)
    tx.execute(update(git_pulls).where(where).values(values))


def pulls_of(tx: Session, binding_id: str) -> Sequence[Row[Any]]:
    """The pull requests against a binding, the newest first."""
    where = P.binding_id == binding_id
    return tx.execute(select(git_pulls).where(where).order_by(P.number.desc())).all()


# -- changes


def add_change(tx: Session, values: Mapping[str, Any]) -> None:
    """A change that was proposed."""
    tx.execute(insert(git_changes), dict(values))


def find_change(tx: Session, change_id: str) -> Row[Any] | None:
    """One change."""
    return tx.execute(select(git_changes).where(G.id == change_id)).first()


def write_change(tx: Session, change_id: str, **values: Any) -> None:
    """What became of a change."""
    tx.execute(update(git_changes).where(G.id == change_id).values(values))


def list_changes(tx: Session, binding_id: str | None, most: int) -> Sequence[Row[Any]]:
    """Changes, the newest first."""
    statement = select(git_changes).order_by(G.created_at.desc()).limit(most)
    if binding_id is not None:
        statement = statement.where(G.binding_id == binding_id)
    return tx.execute(statement).all()


# -- promotions


def add_promotion(tx: Session, values: Mapping[str, Any]) -> None:
    """A promotion that was asked for."""
    tx.execute(insert(git_promotions), dict(values))


def find_promotion(tx: Session, promotion_id: str) -> Row[Any] | None:
    """One promotion."""
    return tx.execute(select(git_promotions).where(M.id == promotion_id)).first()


def write_promotion(tx: Session, promotion_id: str, **values: Any) -> None:
    """How it goes."""
    tx.execute(update(git_promotions).where(M.id == promotion_id).values(values))


def promotions_of(tx: Session, pipeline: str, most: int) -> Sequence[Row[Any]]:
    """The promotions of a pipeline, the newest first."""
    statement = select(git_promotions).where(M.pipeline == pipeline)
    return tx.execute(statement.order_by(M.created_at.desc()).limit(most)).all()


def promotions_into(tx: Session, stage: str, most: int) -> Sequence[Row[Any]]:
    """The promotions into a stage of any pipeline, the newest first."""
    statement = select(git_promotions).where(M.stage == stage)
    return tx.execute(statement.order_by(M.created_at.desc()).limit(most)).all()


def waiting_promotions(tx: Session) -> Sequence[Row[Any]]:
    """Promotions that wait for their gates, the oldest first."""
    where = M.status == "WAITING"
    return tx.execute(select(git_promotions).where(where).order_by(M.created_at)).all()


def ready_promotions(tx: Session) -> Sequence[Row[Any]]:
    """Promotions whose gates are open and that a worker has to carry out."""
    where = M.status == "READY"
    return tx.execute(select(git_promotions).where(where).order_by(M.created_at)).all()
