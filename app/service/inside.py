"""The children of a WorkingDirectory: run by its job, fenced by its row, recorded like others."""

from datetime import datetime
from typing import Any

from app.database import attempts, executions, sequences, steps
from app.database.executions import history_line
from app.engine.index import has_run_if
from app.model.ids import new_id
from app.model.state import Gate, State
from app.service import effects
from app.service.progress import Mover, allowed
from app.service.runtime import Runtime
from app.service.steps import End, end_attempt
from app.service.work import Overtaken, Place, Step


def claim_child(rt: Runtime, parent: Step, pos: int) -> Step | None:
    """The next attempt of child `pos` begins. None: the directory is no longer ours."""
    try:
        with rt.database.transaction() as tx:
            execution = executions.share(tx, parent.execution_id)
            fence = steps.fenced(parent.task_run_id, parent.attempt, parent.owner)
            if execution is None or execution.gate == Gate.KILLING:
                raise Overtaken
            if not steps.write(tx, fence, queue=parent.queue):
                raise Overtaken
            mover = Mover(tx, rt, execution, parent.index)
            place = _place(mover, parent)
            return _claim(mover, parent, place, pos)
    except Overtaken:
        return None


def _place(mover: Mover, parent: Step) -> Place:
    found = sequences.children(mover.tx, parent.task_run_id, ("inside",))
    sequence_id = found[0].id if found else new_id()
    if not found:
        values = {
            "id": sequence_id,
            "execution_id": parent.execution_id,
            "scope": parent.task_run_id,
            "block": "inside",
            "idx": 0,
            "cursor": 0,
            "state": State.RUNNING,
            "worst": 0,
        }
        sequences.add(mover.tx, values)
    return Place(
        sequence=sequence_id,
        scope=parent.task_run_id,
        scope_task=parent.task.id,
        block="inside",
        idx=0,
        path=parent.place.path,
        value=parent.place.value,
        steps=parent.index.steps(parent.task.id, "main", 0, {}),
        parent_run=parent.task_run_id,
    )


def _claim(mover: Mover, parent: Step, place: Place, pos: int) -> Step:
    task, now, tx = place.steps[pos], mover.moment(), mover.tx
    row = steps.at_place(tx, place.sequence, pos)
    if row is None:
        run_id, attempt, tries = new_id(), 1, 0
        values = {
            **_new_run(parent, place, pos, now),
            "id": run_id,
        }
        steps.add_run(tx, values)
    else:
        run_id, attempt, tries = row.id, row.attempt + 1, row.tries
        where = {"id": row.id, "attempt": row.attempt}
        values = steps.ending(State.RUNNING, now, attempt=attempt)
        if not steps.write(tx, where, **values):
            raise Overtaken
    attempts.add(tx, run_id, attempt, parent.execution_id, parent.owner, now)
    return Step(
        execution_id=parent.execution_id,
        task_run_id=run_id,
        attempt=attempt,
        owner=parent.owner,
        pos=pos,
        task=task,
        place=place,
        index=parent.index,
        queue=parent.queue,
        tries=tries,
        iteration=None,
        started_at=now,
        execution=mover.execution,
    )


def _new_run(parent: Step, place: Place, pos: int, now: datetime) -> dict[str, Any]:
    return {
        "execution_id": parent.execution_id,
        "sequence": place.sequence,
        "pos": pos,
        "task_id": place.steps[pos].id,
        "parent_id": parent.task_run_id,
        "path": list(place.path),
        "state": State.RUNNING,
        "attempt": 1,
        "tries": 0,
        "lost": 0,
        "queue": parent.queue,
        "inside": parent.task_run_id,
        "created_at": now,
        "first_start": now,
        "histories": history_line(State.CREATED, now) + history_line(State.RUNNING, now),
    }


def end_child(rt: Runtime, parent: Step, child: Step, end: End) -> tuple[State, datetime | None]:
    """Records a child's attempt: its final state, or RETRYING and when to try again.

    Raises Overtaken when the directory is no longer ours.
    """
    with rt.database.transaction() as tx:
        lock = executions.hold if effects.need_lock(end.effects) else executions.share
        execution = lock(tx, parent.execution_id)
        fence = steps.fenced(parent.task_run_id, parent.attempt, parent.owner)
        if execution is None or not steps.write(tx, fence, queue=parent.queue):
            raise Overtaken
        mover = Mover(tx, rt, execution, parent.index)
        end_attempt(tx, child, end, end.state, mover.now)
        state, due = _outcome(mover, child, end)
        values = steps.ending(state, mover.now, tries=child.tries + 1)
        if end.outputs is not None or end.outputs_uri is not None:
            values["outputs"] = dict(end.outputs) if end.outputs is not None else None
            values["outputs_uri"] = end.outputs_uri
        here = {"id": child.task_run_id, "attempt": child.attempt}
        if not steps.write(tx, here, **values):
            raise Overtaken
        effects.apply(mover, end.effects)
        return state, due


def _outcome(mover: Mover, child: Step, end: End) -> tuple[State, datetime | None]:
    retry = child.index.retry_of(child.task.id)
    if end.state is State.FAILED and not end.is_final and retry is not None:
        row = steps.run(mover.tx, child.task_run_id)
        first = (row.first_start if row is not None else None) or child.started_at
        due = retry.next_start(child.tries + 1, first, mover.now)
        if due is not None:
            return State.RETRYING, due
    if end.state is State.SUCCESS and child.tries and retry and retry.warning_on_retry:
        return State.WARNING, None
    return allowed(child.task, end.state), None


def skips(step: Step) -> bool:
    """Whether a child's `runIf` has to be asked."""
    return has_run_if(step.task)
