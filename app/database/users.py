"""Rows of users, API tokens and the audit log."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, delete, func, insert, select
from sqlalchemy import update as sql_update
from sqlalchemy.dialects import postgresql, sqlite

from app.database.batch import insert_later
from app.database.ordering import Sort, ordered
from app.database.schema_instance import api_tokens, audit, browser_sessions, users
from app.database.session import Session

_BY_NAME = select(users).where(users.c.username == bindparam("name"))
_ACCOUNTS = {
    "id": users.c.id,
    "username": users.c.username,
    "name": users.c.username,
    "superAdmin": users.c.is_admin,
    "disabled": users.c.disabled,
    "createdAt": users.c.created_at,
}
_ACTS = {"id": audit.c.n, "date": audit.c.n}  # it is written in the order of time
_ADD_AUDIT = insert(audit).inline()  # its number is not asked for


def count(tx: Session) -> int:
    """How many users there are."""
    return int(tx.execute(select(func.count()).select_from(users)).scalar_one())


def add(tx: Session, values: Mapping[str, Any]) -> None:
    """A new user."""
    tx.execute(insert(users), dict(values))


def add_once(tx: Session, values: Mapping[str, Any]) -> bool:
    """A new user; False when the name is taken, also by a request of the same moment."""
    make = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    statement = make(users).values(**values).on_conflict_do_nothing()
    return tx.execute(statement.returning(users.c.id)).first() is not None


def find(tx: Session, user_id: str) -> Row[Any] | None:
    """A user by id."""
    return tx.execute(select(users).where(users.c.id == user_id)).first()


def find_by_name(tx: Session, username: str) -> Row[Any] | None:
    """A user by name."""
    return tx.execute(_BY_NAME, {"name": username}).first()


def update(tx: Session, user_id: str, values: Mapping[str, Any]) -> None:
    """Changes columns of a user."""
    if values:
        tx.execute(sql_update(users).where(users.c.id == user_id).values(**values))


def remove(tx: Session, user_id: str) -> None:
    """Removes a user with its tokens and sessions."""
    tx.execute(delete(browser_sessions).where(browser_sessions.c.user_id == user_id))
    tx.execute(delete(api_tokens).where(api_tokens.c.user_id == user_id))
    tx.execute(delete(users).where(users.c.id == user_id))


def lock_admins(tx: Session) -> None:
    """Locks the administrators until the transaction ends: one change of them after the other."""
    where = select(users.c.id).where(users.c.is_admin).order_by(users.c.id)
    tx.execute(where.with_for_update()).all()


def count_admins(tx: Session) -> int:
    """How many administrators may come in."""
    where = and_(users.c.is_admin, users.c.disabled.is_(False))
    return int(tx.execute(select(func.count()).select_from(users).where(where)).scalar_one())


def search(
    tx: Session, kind: str, text: str, page: int, size: int, sort: Sort = ()
) -> tuple[Sequence[Row[Any]], int]:
    """A page of users of a kind, by name unless sorted, and how many there are."""
    where: ColumnElement[bool] = users.c.kind == kind
    if text:
        where = and_(where, users.c.username.icontains(text, autoescape=True))
    total = tx.execute(select(func.count()).select_from(users).where(where)).scalar_one()
    order = ordered(sort, _ACCOUNTS, users.c.username)
    statement = select(users).where(where).order_by(*order)
    return tx.execute(statement.limit(size).offset((page - 1) * size)).all(), int(total)


def add_token(tx: Session, values: Mapping[str, Any]) -> None:
    """A new token; only its hash is kept."""
    tx.execute(insert(api_tokens), dict(values))


def find_token(tx: Session, digest: str) -> Row[Any] | None:
    """A token by the hash of its text."""
    return tx.execute(select(api_tokens).where(api_tokens.c.hash == digest)).first()


def token_used(tx: Session, token_id: str, at: datetime) -> None:
    """Keeps when a token was last used."""
    tx.execute(sql_update(api_tokens).where(api_tokens.c.id == token_id).values(used_at=at))


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
    tx.execute(_ADD_AUDIT, dict(values))


def add_audit_later(tx: Session, values: Mapping[str, Any]) -> None:
    """One line of the audit log, sent with the other writes of a transaction."""
    insert_later(tx, audit, values)


MOST_COUNTED = 10_000


def search_audit(
    tx: Session, wanted: Mapping[str, Any], page: int, size: int, sort: Sort = ()
) -> tuple[Sequence[Row[Any]], int]:
    """A page of the audit log, newest first unless sorted; how many fit, up to `MOST_COUNTED`."""
    where = _acts(wanted)
    some = select(audit.c.n).where(*where).limit(MOST_COUNTED).subquery()
    total = tx.execute(select(func.count()).select_from(some)).scalar_one()
    order = ordered(sort, _ACTS, audit.c.n.desc())
    statement = select(audit).where(*where).order_by(*order)
    return tx.execute(statement.limit(size).offset((page - 1) * size)).all(), int(total)


def audit_before(
    tx: Session, wanted: Mapping[str, Any], n: int | None, size: int
) -> Sequence[Row[Any]]:
    """The newest lines that fit and are older than line `n`; None: the newest of all."""
    where = [*_acts(wanted), *([audit.c.n < n] if n is not None else [])]
    return tx.execute(select(audit).where(*where).order_by(audit.c.n.desc()).limit(size)).all()


def _acts(wanted: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """The conditions of a filter of the audit log."""
    where = [audit.c[name] == wanted[name] for name in ("actor", "verdict") if wanted.get(name)]
    for name in ("action", "target"):
        if wanted.get(name):
            where.append(audit.c[name].icontains(wanted[name], autoescape=True))
    if wanted.get("namespace"):
        name = wanted["namespace"]
        below = audit.c.namespace.startswith(name + ".", autoescape=True)
        where.append((audit.c.namespace == name) | below)
    if wanted.get("after"):
        where.append(audit.c.at >= wanted["after"])
    if wanted.get("before"):
        where.append(audit.c.at <= wanted["before"])
    return where
