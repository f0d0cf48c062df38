"""Lists of executions beside the search: the last of each flow, values for a filter bar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from app.database import changed, executions, search, steps
from app.database.types import from_micros
from app.errors import NotFound
from app.service import kept
from app.service.runtime import Runtime
from app.service.search import Wanted, asked
from app.service.transitions import ExecutionNotFound

OVERLAP = timedelta(seconds=2)  #: clocks of two machines, and a commit that took its time
FIELDS = tuple(search.VALUES)  #: whose values can be listed


def latest(rt: Runtime, places: Sequence[tuple[str, str]]) -> list[Row[Any]]:
    """The newest execution of each flow that has one, in the order asked for."""
    with rt.database.reading() as tx:
        found = [search.newest(tx, namespace, flow_id) for namespace, flow_id in places]
    return [row for row in found if row is not None]


def values(rt: Runtime, name: str, wanted: Wanted, most: int) -> list[str]:
    """The distinct values of a field among the executions that fit."""
    with rt.database.reading() as tx:
        return search.values_of(tx, name, wanted.conditions(asked(rt)), most)


def average_duration(rt: Runtime, namespace: str, flow_id: str) -> tuple[float | None, int]:
    """Seconds that the last 100 successful executions took on average, and how many there are."""
    with rt.database.reading() as tx:
        micros = search.last_durations(tx, namespace, flow_id, 100)
    return (sum(micros) / len(micros) / 1e6 if micros else None), len(micros)


def task_runs(
    rt: Runtime,
    execution_id: str,
    *,
    parent: str | None,
    task_id: str | None,
    state: str | None,
    page: int,
    size: int,
) -> tuple[list[tuple[Row[Any], list[Row[Any]]]], int]:
    """A page of task runs with their attempts, and how many fit."""
    with rt.database.reading() as tx:
        runs, total = search.page_of_runs(
            tx,
            execution_id,
            parent=parent,
            task_id=task_id,
            state=state,
            offset=(page - 1) * size,
            limit=size,
        )
        tries = search.attempts_of_runs(tx, [run.id for run in runs])
    return [(run, [a for a in tries if a.task_run_id == run.id]) for run in runs], total


@dataclass(frozen=True)
class Changes:
    """What of an execution is new since a moment, all of it as of one read."""

    execution: Row[Any]
    runs: list[Row[Any]]
    attempts: Sequence[Row[Any]]
    counts: Mapping[str, int]  #: all of its task runs by state: who has all changes has as many


def changes(rt: Runtime, execution_id: str, since: datetime) -> Changes:
    """The task runs that changed since a moment, or may have. Raises ExecutionNotFound.

    Moments are of the clock of whoever wrote the row: those shortly before `since` count as well.
    One that has begun and not ended is always told; one that only waits is when it is new.
    """
    after = since - OVERLAP
    with rt.database.standing_still() as tx:
        row = executions.find(tx, execution_id)
        if row is None:
            raise ExecutionNotFound(execution_id)
        runs = [run for run in changed.runs(tx, execution_id, after) if _is_told(run, after)]
        tries = changed.attempts_of(tx, [run.id for run in runs])
        return Changes(row, runs, tries, changed.counts(tx, execution_id))


def _is_told(run: Row[Any], after: datetime) -> bool:
    last = int(run.histories.splitlines()[-1].partition(" ")[2])
    return run.attempt > 0 or from_micros(last) >= after


def outputs(rt: Runtime, execution_id: str, task_run_id: str) -> Mapping[str, Any]:
    """What a task run gave. Raises NotFound."""
    with rt.database.reading() as tx:
        run = steps.run(tx, task_run_id)
    if run is None or run.execution_id != execution_id or run.gone:
        raise NotFound(f"no task run {task_run_id!r} in execution {execution_id!r}")
    return kept.outputs_of(rt, run)
