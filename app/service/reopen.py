"""Restart, replay and change of a task run's state: what a user asks of an ended execution."""

from typing import Any

from app.database import flows as flow_rows
from app.database import steps
from app.errors import Conflict, Invalid
from app.model.state import Gate, State
from app.service import copying
from app.service.admission import full
from app.service.reopening import Reopening
from app.service.runtime import Runtime
from app.service.settle import settle
from app.service.transitions import held, resume_run


def restart(rt: Runtime, execution_id: str, revision: int | None = None) -> str:
    """Runs the failed and killed task runs of an ended or PAUSED execution again.

    Another `revision` makes a new execution. The id of the execution that runs, or waits for a
    free slot of its flow. Raises Conflict while it runs and when the flow's limit lets none wait,
    NothingToRestart when nothing failed.
    """
    with rt.database.transaction() as tx:
        limit = full(tx, execution_id)
        mover = held(tx, rt, execution_id)
        execution = mover.execution
        if revision is not None and revision != execution.revision:
            new_id, progress = copying.replay_in(
                tx, rt, execution, None, revision, failed=True, full=limit
            )
        else:
            if mover.gate not in (Gate.ENDED, Gate.AFTER, Gate.PAUSED):
                raise Conflict(f"the execution is {execution.state}, it has not ended")
            new_id, progress = execution_id, mover.progress
            Reopening(mover, full=limit).restart()
    settle(rt, progress)
    return new_id


def change_state(rt: Runtime, execution_id: str, task_run_id: str, state: State) -> None:
    """Gives one task run another end; the flow goes on from there.

    A run that is PAUSED may be set to RUNNING: it is resumed. Raises Conflict while the execution
    runs and while its flow has no free slot, Invalid for a task run it does not have, and for a
    state that is no end.
    """
    with rt.database.transaction() as tx:
        limit = full(tx, execution_id)
        mover = held(tx, rt, execution_id)
        if mover.gate not in (Gate.ENDED, Gate.AFTER, Gate.PAUSED):
            raise Conflict(f"the execution is {mover.execution.state}, it has not ended")
        run = steps.run(tx, task_run_id)
        if run is None or run.execution_id != execution_id or run.gone or run.sequence is None:
            raise Invalid(f"no task run {task_run_id!r} in this execution")
        if run.state == State.PAUSED and state is State.RUNNING:
            resume_run(mover, run, State.SUCCESS)  # set going by hand: it is resumed
        elif not state.is_terminated:
            raise Invalid(f"state: {state} is no end state")
        else:
            Reopening(mover, full=limit).change(run, state)
    settle(rt, mover.progress)


def replay(
    rt: Runtime,
    execution_id: str,
    *,
    task_run_id: str | None = None,
    revision: int | None = None,
    inputs: dict[str, Any] | None = None,
    latest: bool = False,
) -> str:
    """A new execution with the same inputs, from the start or from one task run. Gives its id.

    It runs the same revision, commit and files, unless `revision` or `latest` says otherwise.
    Without a free slot of the flow it waits; Conflict when the flow's limit lets none wait.
    """
    with rt.database.transaction() as tx:
        limit = full(tx, execution_id)
        execution = held(tx, rt, execution_id).execution
        if latest:
            head = flow_rows.head(tx, execution.namespace, execution.flow_id)
            revision = head.revision if head is not None and not head.deleted else revision
        new_id, progress = copying.replay_in(
            tx, rt, execution, task_run_id, revision, inputs=inputs, full=limit
        )
    settle(rt, progress)
    return new_id
