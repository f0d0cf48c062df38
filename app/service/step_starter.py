"""Starting steps inside one transaction: opened, born claimed, published or parked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from app.database import attempts, steps, timers, triggers
from app.database.executions import history_line
from app.database.session import Session
from app.dispatch.job import Job, Link
from app.engine.flowable.base import FlowableTask, Opening
from app.engine.flowable.for_each import EachParallel
from app.engine.index import ROOT, FlowIndex, Kind, asks, kind_of
from app.model.ids import new_id
from app.model.state import Gate, State
from app.model.task import Task
from app.service.runtime import Runtime
from app.service.work import Place, Progress, Step


@dataclass
class StepStarter:
    """Starts steps of one execution, inside the caller's transaction."""

    tx: Session
    rt: Runtime
    execution: Row[Any]  #: as locked at the start of the transaction
    index: FlowIndex
    owner: str | None = None  #: the process that may hold the next step, if it fits there
    slot: str = ""  #: the queue that this process works for at the moment
    progress: Progress = field(default_factory=Progress)
    gate: Gate = Gate.OPEN

    def __post_init__(self) -> None:
        self.gate = Gate(self.execution.gate)
        self.now = self.rt.clock()
        self._ticks = 0
        self.incarnation = self.rt.publisher.incarnation()

    def moment(self) -> datetime:
        """The time of this transaction, growing by a microsecond a call: rows keep their order."""
        self._ticks += 1
        return self.now + timedelta(microseconds=self._ticks)

    def note_state(self, state: State, *, has_moved: bool = False) -> None:
        """Flow triggers that wait for a state other than an end hear of it after the commit.

        With `has_moved` the execution's row shows the state already, and some are known to wait.
        """
        if has_moved or triggers.are_waiting_for(self.tx, state):
            number = self.execution.histories.count("\n") + (0 if has_moved else 1)
            data = {"state": state}
            note = timers.add(self.tx, "state", self.execution.id, number, self.now, data=data)
            self.progress.notes.append(note)

    # -- places

    def place(self, row: Row[Any]) -> Place:
        """The place of a step, from a row that `database.steps` has joined."""
        path = tuple(row.scope_path)
        if row.seq_value is not None:
            path = (*path, row.seq_value)
        scope_task = row.scope_task
        return Place(
            sequence=getattr(row, "sequence", None) or row.id,
            scope=row.scope_id,
            scope_task=scope_task,
            block=row.block,
            idx=row.idx,
            path=path,
            value=row.seq_value,
            steps=self.index.steps(scope_task, row.block, row.idx, row.scope_outputs or {}),
            parent_run=None if scope_task == ROOT else row.scope_id,
        )

    def start_step(self, place: Place, pos: int) -> None:
        """Inserts the task run of step `pos`: opened, born claimed, published, or parked."""
        task = place.steps[pos]
        kind = kind_of(task)
        is_open = self.gate in (Gate.OPEN, Gate.AFTER)
        run = self.new_run(place, pos, task)
        if is_open and kind is Kind.FLOWABLE and not asks(task):
            run.update(self._state(run, State.RUNNING))
            steps.add_run(self.tx, run)
            assert isinstance(task, FlowableTask)
            self.open_scope(run["id"], task.id, task.open(None))
            return
        if is_open and self._may_hold(kind, run["queue"]):
            self._start_fused(place, pos, task, run)
            return
        if is_open:
            run["publish_due"] = self.now + timedelta(seconds=self.rt.settings.republish_s)
            run["incarnation"] = self.incarnation
            self.progress.jobs.append(self.job(place, pos, 1))
        steps.add_run(self.tx, run)

    def new_run(
        self, place: Place, pos: int, task: Task, at: datetime | None = None
    ) -> dict[str, Any]:
        """The row of a task run that is CREATED, now or at a moment that has passed."""
        at = at or self.moment()
        return {
            "id": new_id(),
            "execution_id": self.execution.id,
            "sequence": place.sequence,
            "pos": pos,
            "task_id": task.id,
            "parent_id": place.parent_run,
            "value": place.value,
            "iteration": iteration_of(self.index, place),
            "path": list(place.path),
            "state": State.CREATED,
            "attempt": 0,
            "tries": 0,
            "lost": 0,
            "queue": self.index.queue_of(task),
            "created_at": at,
            "histories": history_line(State.CREATED, at),
        }

    def _state(self, run: Mapping[str, Any], state: State) -> dict[str, Any]:
        return {"state": state, "histories": run["histories"] + history_line(state, self.now)}

    def _may_hold(self, kind: Kind, queue: str) -> bool:
        """Whether a step may be born claimed by this process, which holds its sequence.

        A routed one may where the process works for that very queue (decision 0076).
        """
        if self.owner is None or self.progress.fused is not None:
            return False
        return kind in (Kind.INLINE, Kind.FLOWABLE) or (kind is Kind.ROUTED and queue == self.slot)

    def _start_fused(self, place: Place, pos: int, task: Task, run: dict[str, Any]) -> None:
        """The step is born claimed by this process: no message, one commit."""
        assert self.owner is not None
        run.update(self._state(run, State.RUNNING))
        run.update(attempt=1, owner=self.owner, first_start=self.now)
        lease = self.rt.database.lease(timedelta(seconds=self.rt.settings.lease_s))
        steps.add_held_run(self.tx, run, lease)
        attempts.add(self.tx, run["id"], 1, self.execution.id, self.owner, self.now)
        self.progress.fused = Step(
            execution_id=self.execution.id,
            task_run_id=run["id"],
            attempt=1,
            owner=self.owner,
            pos=pos,
            task=task,
            place=place,
            index=self.index,
            queue=run["queue"],
            tries=0,
            iteration=run["iteration"],
            started_at=self.now,
            execution=self.execution,
            slot=self.slot,
        )

    def job(self, place: Place, pos: int, attempt: int, queue: str | None = None) -> Job:
        """The job of a step, with the routed steps that follow it as its chain.

        It goes to the task's queue, or to the one that was chosen for this step alone.
        """
        task = place.steps[pos]
        links: list[Link] = []
        if kind_of(task) is Kind.ROUTED:
            for following in range(pos + 1, len(place.steps)):
                step = place.steps[following]
                if kind_of(step) is not Kind.ROUTED:
                    break
                if len(links) + 1 >= self.rt.settings.chain_links:
                    break
                link = Link(place.sequence, following, self.index.queue_of(step), step.id)
                links.append(link)
        queue = queue or self.index.queue_of(task)
        flow = f"{self.execution.namespace}.{self.execution.flow_id}"
        place_of_job = (self.execution.id, place.sequence, pos, attempt)
        is_background = bool(self.execution.is_background)
        return Job(*place_of_job, queue, task.id, tuple(links), flow, is_background)

    def open_scope(self, run_id: str, task_id: str, opening: Opening) -> None:
        """A flowable's (or the root's) main block begins."""
        raise NotImplementedError


def iteration_of(index: FlowIndex, place: Place) -> int | None:
    """The number of the iteration that a place stands in; None outside of loops."""
    if place.value is None:
        return None
    task = index.tasks.get(place.scope_task)
    return task.iteration(place.idx) if isinstance(task, EachParallel) else place.idx
