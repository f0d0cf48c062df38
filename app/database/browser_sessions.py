"""Rows of the sessions of browsers: what has none, or one of an older epoch, is no session."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select

from app.database.schema_instance import browser_sessions, users
from app.database.session import Session

C = browser_sessions.c
_IS_THEIRS = (users.c.id == C.user_id) & (users.c.epoch == C.epoch)
_ACCOUNT = (
    select(users).join(browser_sessions, _IS_THEIRS).where(C.id == bindparam("session_id"))
)  # made once: every request of a browser asks it


def add(tx: Session, session_id: str, account: Row[Any], now: datetime) -> None:
    """A session that an account has opened."""
    values = {"id": session_id, "user_id": account.id, "epoch": account.epoch, "opened_at": now}
    tx.execute(insert(browser_sessions), values)


def find_account(tx: Session, session_id: str) -> Row[Any] | None:
    """The row in `users` of an open session's account; None when the session has ended."""
    return tx.execute(_ACCOUNT, {"session_id": session_id}).first()


def remove(tx: Session, session_id: str) -> bool:
    """Ends a session; False when it had ended before."""
    return tx.execute(delete(browser_sessions).where(C.id == session_id)).rowcount == 1
