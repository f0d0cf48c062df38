"""Task runs of an execution that changed since a moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, func, or_, select

from app.database.schema import attempts, task_runs
from app.database.session import Session

AT_ONCE = 1000  #: ids in one statement
T = task_runs.c


def runs(tx: Session, execution_id: str, after: datetime) -> Sequence[Row[Any]]:
    """Those that have not ended, or have since `after`, in order."""
    is_open = or_(T.ended_at.is_(None), T.ended_at >= after)
    statement = select(task_runs).where(_are_of(execution_id), is_open)
    return tx.execute(statement.order_by(T.created_at)).all()


def attempts_of(tx: Session, run_ids: Sequence[str]) -> list[Row[Any]]:
    """The attempts of some task runs, in order for each of them."""
    found: list[Row[Any]] = []
    for start in range(0, len(run_ids), AT_ONCE):
        some = attempts.c.task_run_id.in_(run_ids[start : start + AT_ONCE])
        found += tx.execute(select(attempts).where(some).order_by(attempts.c.n))
    return found


def counts(tx: Session, execution_id: str) -> dict[str, int]:
    """How many task runs an execution has in each state, as users see them."""
    where = _are_of(execution_id)
    found = tx.execute(select(T.state, func.count()).where(where).group_by(T.state))
    return {row[0]: row[1] for row in found}


def _are_of(execution_id: str) -> Any:
    return and_(T.execution_id == execution_id, ~T.gone, T.sequence.is_not(None))
