"""Rows of users, API tokens and the audit log."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, and_, delete, func, insert, select

from app.database.schema_instance import api_tokens, audit, users
from app.database.session import Session


def count(tx: Session) -> int:
    """How many users there are."""
    return int(tx.execute(select(func.count()).select_from(users)).scalar_one())


def add(tx: Session, values: Mapping[str, Any]) -> None:
    """A new user."""
    tx.execute(insert(users), dict(values))


def find(tx: Session, user_id: str) -> Row[Any] | None:
    """A user by id."""
    return tx.execute(select(users).where(users.c.id == user_id)).first()


def find_by_name(tx: Session, username: str) -> Row[Any] | None:
    """A user by name."""
    return tx.execute(select(users).where(users.c.username == username)).first()


def add_token(tx: Session, values: Mapping[str, Any]) -> None:
    """A new token; only its hash is kept."""
    tx.execute(insert(api_tokens), dict(values))


def find_token(tx: Session, digest: str) -> Row[Any] | None:
    """A token by the hash of its text."""
    return tx.execute(select(api_tokens).where(api_tokens.c.hash == digest)).first()


def list_tokens(tx: Session, user_id: str) -> Sequence[Row[Any]]:
    """The tokens of a user."""
    statement = select(api_tokens).where(api_tokens.c.user_id == user_id)
    return tx.execute(statement.order_by(api_tokens.c.created_at)).all()


def drop_token(tx: Session, user_id: str, token_id: str) -> bool:
    """Removes a token of a user."""
    where = and_(api_tokens.c.user_id == user_id, api_tokens.c.id == token_id)
    return tx.execute(delete(api_tokens).where(where)).rowcount == 1


def add_audit(tx: Session, values: Mapping[str, Any]) -> None:
    """One line of the audit log."""
    tx.execute(insert(audit), dict(values))
