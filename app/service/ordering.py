"""Which child sequences of a flowable may begin: a Dag's wait for what they depend on."""

from typing import Any

from sqlalchemy import Row

from app.database import steps
from app.database.session import Session
from app.engine.flowable.dag import Dag
from app.engine.index import FlowIndex
from app.model.state import State


def ready(tx: Session, index: FlowIndex, scope: Row[Any], room: int) -> int:
    """How many of the next `room` sequences may begin now."""
    task = index.tasks.get(scope.task_id)
    if room <= 0 or scope.phase != "main" or not isinstance(task, Dag):
        return room
    rows = steps.child_sequences(tx, scope.id, ("main",))
    ended = {row.idx for row in rows if row.state != State.RUNNING}
    count = 0
    while count < room and task.needs(scope.next + count) <= ended:
        count += 1
    return count
