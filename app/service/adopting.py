"""A worker that was started again takes over an attempt whose container went on without it.

Only the owner changes: the attempt is the same one, so nothing of it may run twice. Its log is read
from the container once more, from the start: what was stored of it is dropped with the change.
"""

from datetime import timedelta
from pathlib import Path

from app.database import adopting, executions, steps
from app.model.state import Gate, State
from app.service import flows
from app.service.progress import Mover
from app.service.runtime import Runtime
from app.service.work import Adopted, Overtaken, Step


def owner_of(rt: Runtime, task_run_id: str, attempt: int) -> str | None:
    """Who holds an attempt that runs; None: nobody, or another attempt does."""
    with rt.database.reading() as tx:
        return adopting.owner(tx, task_run_id, attempt)


def adopt(
    rt: Runtime, held: tuple[str, int, str], owner: str, container: str, directory: Path
) -> Step | None:
    """Makes an attempt (task run, number, its owner so far) `owner`'s own.

    None: its lease was over before, it has ended, or its execution is not open.
    """
    task_run_id, attempt, before = held
    try:
        with rt.database.transaction() as tx:
            row = steps.placed(tx, task_run_id)
            execution = executions.share(tx, row.execution_id) if row is not None else None
            if row is None or execution is None or execution.gate not in (Gate.OPEN, Gate.AFTER):
                raise Overtaken
            index = flows.index_of(rt, execution)
            mover = Mover(tx, rt, execution, index)
            lease = rt.database.now_plus(timedelta(seconds=rt.settings.lease_s))
            where = steps.fenced(task_run_id, attempt, before)
            if row.inside is not None or not steps.write(
                tx, where, owner=owner, lease_until=lease, state=State.RUNNING
            ):
                raise Overtaken
            adopting.change_owner(tx, task_run_id, attempt, owner)
            adopting.forget_log(tx, task_run_id, attempt)
            return Step(
                execution_id=execution.id,
                task_run_id=task_run_id,
                attempt=attempt,
                owner=owner,
                pos=row.pos,
                task=index.tasks[row.task_id],
                place=mover.place(row),
                index=index,
                queue=row.queue,
                tries=row.tries,
                iteration=row.iteration,
                started_at=adopting.began(tx, task_run_id, attempt) or mover.now,
                execution=execution,
                adopted=Adopted(container, directory),
            )
    except Overtaken:
        return None
