"""What taking over an attempt asks of the rows: who holds it, when it began, its stored lines."""

from datetime import datetime

from sqlalchemy import delete, select

from app.database.schema import attempts, logs, task_runs
from app.database.session import Session
from app.database.types import from_micros
from app.model.state import State

T = task_runs.c


def owner(tx: Session, task_run_id: str, attempt: int) -> str | None:
    """Who holds this attempt; None when it does not run."""
    where = (T.id == task_run_id) & (T.attempt == attempt) & (T.state == State.RUNNING.value)
    return tx.execute(select(T.owner).where(where)).scalar()


def change_owner(tx: Session, task_run_id: str, attempt: int, owner: str) -> None:
    """The record of the attempt names its new owner."""
    where = (attempts.c.task_run_id == task_run_id) & (attempts.c.n == attempt)
    tx.execute(attempts.update().where(where).values(owner=owner))


def began(tx: Session, task_run_id: str, attempt: int) -> datetime | None:
    """When the attempt began to run."""
    where = (attempts.c.task_run_id == task_run_id) & (attempts.c.n == attempt)
    lines = (tx.execute(select(attempts.c.histories).where(where)).scalar() or "").split("\n")
    found = [line.split(" ")[1] for line in lines if line.startswith(f"{State.RUNNING} ")]
    return from_micros(int(found[-1])) if found else None


def forget_log(tx: Session, task_run_id: str, attempt: int) -> None:
    """Drops the stored lines of an attempt, numbered from 1 as everywhere but in `logs`."""
    where = (logs.c.task_run_id == task_run_id) & (logs.c.attempt == attempt - 1)
    tx.execute(delete(logs).where(where))
