"""An Exit task: nothing starts any more, and the execution ends once no worker holds work of it.

What a worker holds goes on and its end is recorded; nothing follows it. Only KILLED stops it.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from app.database import executions, steps, timers
from app.model.state import Gate, State
from app.service import transitions
from app.service.progress import Mover
from app.service.work import Place

LOOK_AGAIN = timedelta(seconds=5)  #: for the end, should whoever recorded the last step have died


def leave(mover: Mover, place: Place, state: State) -> None:
    """Closes the gate, to end in `state`; the Exit's own run has ended. The strong lock is held."""
    tx = mover.tx
    if state is State.KILLED:
        transitions.kill_in(mover, state, cascade=False)
        return
    scope: Row[Any] | None = steps.run(tx, place.scope)
    while scope is not None and scope.sequence is not None:
        here = {"id": scope.id, "state": State.RUNNING}
        steps.write(tx, here, **steps.ending(state, mover.now), phase="done")
        placed = steps.placed(tx, scope.id)
        scope = steps.run(tx, placed.scope_id) if placed is not None else None
    steps.kill_waiting(tx, mover.execution.id, mover.now)
    steps.end_unheld(tx, mover.execution.id, State.KILLED, mover.now)
    steps.write(tx, {"id": mover.execution.root}, state=state, phase="done")
    executions.write(tx, mover.execution.id, gate=Gate.KILLING, end_state=state)
    mover.gate = Gate.KILLING
    timers.drop(tx, execution_id=mover.execution.id)
    note = ("leave", mover.execution.id, mover.execution.epoch)
    timers.add(tx, *note, mover.now + LOOK_AGAIN, execution_id=mover.execution.id)
    mover.progress.finish.append(mover.execution.id)
