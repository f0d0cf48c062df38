"""The audit log: who did what, when, from where, and how it ended. Only ever appended to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from app.database import users
from app.database.ordering import Sort
from app.database.session import Session
from app.service.runtime import Runtime

DONE, REFUSED, FAILED = "DONE", "REFUSED", "FAILED"
_AT_ONCE = 500  #: lines that a reader of all holds


@dataclass(frozen=True, kw_only=True)
class Act:
    """One line: `action` names the route or use, `target` what it was done to."""

    actor: str
    action: str
    target: str
    verdict: str
    address: str | None = None
    namespace: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


def note(rt: Runtime, act: Act) -> None:
    """Keeps one line."""
    with rt.database.at_once() as tx:
        users.add_audit(tx, _values(rt, act))


def note_in(tx: Session, rt: Runtime, act: Act | None) -> None:
    """Keeps one line, if any, in the transaction of what was done: both, or neither."""
    if act is not None:
        users.add_audit_later(tx, _values(rt, act))


def _values(rt: Runtime, act: Act) -> dict[str, Any]:
    return {
        "at": rt.clock(),
        "actor": act.actor,
        "action": act.action,
        "target": act.target[:500],
        "verdict": act.verdict,
        "address": act.address,
        "namespace": act.namespace,
        "detail": dict(act.detail),
    }


@dataclass(frozen=True, kw_only=True)
class AuditFilter:
    """What to find; None is no limit."""

    actor: str | None = None
    action: str | None = None
    target: str | None = None
    verdict: str | None = None
    namespace: str | None = None
    after: datetime | None = None
    before: datetime | None = None


def find_page(
    rt: Runtime, wanted: AuditFilter, page: int, size: int, sort: Sort = ()
) -> tuple[Sequence[Row[Any]], int]:
    """A page of the log, newest first, and how many lines fit (at most 10,000 are counted).

    Raises BadRequest for the sort.
    """
    with rt.database.reading() as tx:
        return users.search_audit(tx, vars(wanted), page, size, sort)


def read_all(rt: Runtime, wanted: AuditFilter) -> Iterator[Row[Any]]:
    """Every line that fits, newest first, read piece by piece: the log may be of any length."""
    n: int | None = None
    while True:
        with rt.database.reading() as tx:
            rows = users.audit_before(tx, vars(wanted), n, _AT_ONCE)
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        n = rows[-1].n
