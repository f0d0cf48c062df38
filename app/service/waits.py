"""What an execution that does not go on waits for, and since when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row

from app.database import executions, flows, steps
from app.database.session import Session
from app.database.types import from_micros
from app.model.state import Gate, State
from app.service import queue_pauses
from app.service.routing import served
from app.service.runtime import Runtime
from app.service.transitions import ExecutionNotFound


class Cause(StrEnum):
    """Why nothing starts."""

    DATE = "DATE"  #: its schedule date lies in the future
    SLOT = "SLOT"  #: its flow's limit lets no more run
    WORKER = "WORKER"  #: a worker has to take its next task from a queue
    PAUSE = "PAUSE"  #: a Pause, or somebody who paused it
    RETRY = "RETRY"  #: the next attempt has its moment


@dataclass(frozen=True, kw_only=True)
class Wait:
    """One cause; what is not said has no meaning for it."""

    cause: Cause
    since: datetime
    until: datetime | None = None
    task_id: str | None = None
    queue: str | None = None
    is_served: bool | None = None  #: whether a live worker serves the queue
    is_paused: bool | None = None  #: whether somebody paused the queue
    limit: int | None = None
    running: int | None = None  #: how many executions of the flow hold a slot


def of_execution(rt: Runtime, execution_id: str) -> Wait | None:
    """What it waits for; None while something runs and after its end. Raises ExecutionNotFound."""
    with rt.database.reading() as tx:
        row = executions.find(tx, execution_id)
        if row is None:
            raise ExecutionNotFound(execution_id)
        if row.gate == Gate.WAITING:
            return Wait(cause=Cause.DATE, since=row.created_at, until=row.schedule_date)
        if row.gate == Gate.QUEUED:
            return _slot(tx, row)
        if row.gate in (Gate.KILLING, Gate.ENDED):
            return None
        run = steps.next_open(tx, execution_id)
        if row.gate == Gate.PAUSED and (run is None or run.state != State.PAUSED):
            return Wait(cause=Cause.PAUSE, since=_since(row))
    return _of_run(rt, run) if run is not None else None


def _slot(tx: Session, row: Row[Any]) -> Wait:
    head = flows.head(tx, row.namespace, row.flow_id)
    limit = head.concurrency["limit"] if head is not None and head.concurrency else None
    running = flows.count_live(tx, row.namespace, row.flow_id)
    return Wait(cause=Cause.SLOT, since=_since(row), limit=limit, running=running)


def _of_run(rt: Runtime, run: Row[Any]) -> Wait | None:
    if run.state == State.RUNNING:
        return None
    if run.state in _CAUSES:
        return Wait(cause=_CAUSES[State(run.state)], since=_since(run), task_id=run.task_id)
    return Wait(
        cause=Cause.WORKER,
        since=run.runnable_at or run.created_at,
        task_id=run.task_id,
        queue=run.queue,
        is_served=run.queue in served(rt).now,
        is_paused=run.queue in queue_pauses.names(rt),
    )


_CAUSES = {State.PAUSED: Cause.PAUSE, State.RETRYING: Cause.RETRY}


def _since(row: Row[Any]) -> datetime:
    """When it came to the state in which it is: the last line of its history."""
    return from_micros(int(row.histories.splitlines()[-1].partition(" ")[2]))
