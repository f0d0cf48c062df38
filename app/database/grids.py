"""What the run grid needs: the last executions of a flow, and the states of their task runs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from app.database.schema import executions, task_runs
from app.database.session import Session

E, T = executions.c, task_runs.c


def last_executions(
    tx: Session, namespace: str, flow_id: str, limit: int, before: datetime | None
) -> Sequence[Row[Any]]:
    """The newest executions of a flow that were made before a moment."""
    where = [E.namespace == namespace, E.flow_id == flow_id, E.kind == "NORMAL"]
    where += [E.created_at < before] if before is not None else []
    order = (E.created_at.desc(), E.id.desc())
    return tx.execute(select(executions).where(*where).order_by(*order).limit(limit)).all()


def states(tx: Session, execution_ids: Sequence[str]) -> Sequence[tuple[str, str, str, int]]:
    """(execution, task, state, how many task runs)."""
    columns = (T.execution_id, T.task_id, T.state)
    where = (T.execution_id.in_(list(execution_ids)), T.gone.is_(False), T.sequence.is_not(None))
    statement = select(*columns, func.count()).where(*where).group_by(*columns)
    return [(row[0], row[1], row[2], row[3]) for row in tx.execute(statement)]
