"""An Exit task: the execution ends where it stands, whatever other branches do.

Work that a worker holds goes on and its end is recorded; nothing follows it. Only KILLED stops it.
"""

from typing import Any

from sqlalchemy import Row

from app.database import executions, steps
from app.model.state import Gate, State
from app.service import finishing, transitions
from app.service.progress import Mover
from app.service.work import Place


def leave(mover: Mover, place: Place, state: State) -> None:
    """Ends the execution in `state`; the Exit's own run has ended. The strong lock is held."""
    tx = mover.tx
    if state is State.KILLED:
        transitions.kill_in(mover, state, cascade=False)
        return
    scope: Row[Any] | None = steps.run(tx, place.scope)
    while scope is not None and scope.sequence is not None:
        here = (steps.T.id == scope.id) & (steps.T.state == State.RUNNING)
        steps.write(tx, here, **steps.ending(state, mover.now), phase="done")
        placed = steps.placed(tx, scope.id)
        scope = steps.run(tx, placed.scope_id) if placed is not None else None
    steps.kill_waiting(tx, mover.execution.id, mover.now)
    steps.write_many(tx, _unheld(mover.execution.id), **steps.ending(State.KILLED, mover.now))
    steps.write(tx, steps.T.id == mover.execution.root, state=state, phase="done")
    execution = executions.hold(tx, mover.execution.id)
    assert execution is not None
    mover.gate = Gate.ENDED
    finishing.end_in(mover, execution, state)


def _unheld(execution_id: str) -> Any:
    """What is open and has no worker: flowables, and runs that wait for a timer."""
    runs = (steps.T.execution_id == execution_id) & (steps.T.state == State.RUNNING)
    return runs & steps.T.owner.is_(None) & steps.T.sequence.is_not(None) & steps.T.inside.is_(None)
