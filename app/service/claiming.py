"""Claims: a process makes an attempt its own, in one transaction.

`None` means that the guard was lost: somebody else holds the step, or it has ended.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from app import failpoints
from app.database import attempts, executions, first_claim, holding, milestones, steps
from app.database.session import Session
from app.engine.flowable.working_directory import WorkingDirectory
from app.model.state import Gate, State
from app.service import flows
from app.service.progress import Mover
from app.service.runtime import Runtime
from app.service.work import Overtaken, Progress, Step
from app.telemetry.metrics import CLAIM_SECONDS, CLAIMS, timing


@dataclass(frozen=True)
class Claim:
    """What a job has won: an attempt to run, or progress that is already made."""

    step: Step | None = None
    progress: Progress = field(default_factory=Progress)


def claim(
    rt: Runtime, execution_id: str, sequence: str, pos: int, attempt: int, owner: str
) -> Claim | None:
    """Attempt number `attempt` of the step at (sequence, pos) becomes this process's own."""
    with timing(CLAIM_SECONDS):
        won = _try_claim(rt, execution_id, sequence, pos, attempt, owner)
    if won is None or won.step is None:
        CLAIMS.labels("", "lost").inc()
    else:
        CLAIMS.labels(won.step.queue, "won").inc()
    return won


def _try_claim(
    rt: Runtime, execution_id: str, sequence: str, pos: int, attempt: int, owner: str
) -> Claim | None:
    try:
        with rt.database.transaction() as tx:
            result = _claim(tx, rt, execution_id, (sequence, pos, attempt), owner)
    except Overtaken:
        return None
    failpoints.hit("after_claim")
    return result


def _claim(
    tx: Session, rt: Runtime, execution_id: str, place: tuple[str, int, int], owner: str
) -> Claim:
    sequence, pos, attempt = place
    lease = rt.database.lease(timedelta(seconds=rt.settings.lease_s))
    if attempt == 1:
        now = rt.clock()
        won = first_claim.claim(tx, (execution_id, sequence, pos), owner, lease, now)
        if won is not None:
            return _won(tx, rt, won, owner, now)
    row = steps.to_claim(tx, execution_id, sequence, pos)  # it says which lock is needed
    if row is None:
        raise Overtaken
    index = flows.index_in(tx, rt, row.namespace, row.flow_id, row.revision)
    begun = None
    if row.execution_state in (State.CREATED, State.RESTARTED):
        begun = milestones.begin(tx, execution_id, rt.clock())
    execution = begun if begun is not None else executions.share(tx, execution_id)
    if execution is None or execution.gate not in (Gate.OPEN, Gate.AFTER):
        raise Overtaken
    mover = Mover(tx, rt, execution, index, owner, row.queue)
    if begun is not None and begun.awaited:
        mover.note_state(State.RUNNING, has_moved=True)
    holding.claim(tx, row.id, attempt, owner, lease, mover.now)
    attempts.add(tx, row.id, attempt, execution.id, owner, mover.now)
    if isinstance(index.tasks[row.task_id], WorkingDirectory):
        _reset_children(tx, row.id, mover.now)
    return Claim(_step(mover, row, attempt), mover.progress)


def _won(
    tx: Session, rt: Runtime, won: tuple[Row[Any], Row[Any]], owner: str, now: datetime
) -> Claim:
    """A claim that is committed. What fails from here on costs the attempt, which ends LOST."""
    row, execution = won
    index = flows.index_in(tx, rt, execution.namespace, execution.flow_id, execution.revision)
    mover = Mover(tx, rt, execution, index, owner, row.queue)
    mover.now = now
    return Claim(_step(mover, row, 1), mover.progress)


def _reset_children(tx: Session, task_run_id: str, now: datetime) -> None:
    """A WorkingDirectory's earlier disk is gone: its children run again as further attempts."""
    for child in steps.inside(tx, task_run_id):
        attempts.end(tx, child.id, child.attempt, State.KILLED, now, "LOST")
        steps.write(tx, {"id": child.id}, **steps.ending(State.CREATED, now))


def _step(mover: Mover, row: Row[Any], attempt: int) -> Step:
    return Step(
        execution_id=mover.execution.id,
        task_run_id=row.id,
        attempt=attempt,
        owner=mover.owner,
        pos=row.pos,
        task=mover.index.tasks[row.task_id],
        place=mover.place(row),
        index=mover.index,
        queue=row.queue,
        tries=row.tries,
        iteration=row.iteration,
        started_at=mover.now,
        execution=mover.execution,
        slot=row.queue,
    )
