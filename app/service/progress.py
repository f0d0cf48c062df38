"""Moving on inside one transaction: a step ends, the next one starts, scopes open and close.

The rules are those of the engine rules ("Moving on"); each write is guarded, a lost guard raises
`Overtaken` and the whole transaction is rolled back without a trace. A `Mover` collects what the
commit makes due: jobs, one step born claimed for this process, work for after the commit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from app.database import executions, steps, timers
from app.database.executions import history_line
from app.database.session import Session
from app.dispatch.job import Job, Link
from app.engine.flowable.base import FlowableTask, Opening
from app.engine.flowable.for_each import EachParallel
from app.engine.index import ROOT, FlowIndex, Kind, asks, kind_of
from app.model.ids import new_id
from app.model.state import Gate, Severity, State, severity
from app.model.task import Task
from app.service import ordering
from app.service.runtime import Runtime

OPEN_AT_ONCE = 200  #: child sequences opened in one transaction; a note opens the rest
FINISH_AFTER = timedelta(seconds=5)


class Overtaken(Exception):
    """A row is not where we last saw it: write nothing, go quietly."""


@dataclass(frozen=True)
class Place:
    """Where a step stands: the parts of its sequence and scope that never change."""

    sequence: str
    scope: str
    scope_task: str
    block: str
    idx: int
    path: tuple[str, ...]  #: values of the enclosing iterations, outermost first, its own last
    value: str | None
    steps: tuple[Task, ...]
    parent_run: str | None  #: the enclosing flowable's task run on the wire; None below the root


@dataclass(frozen=True)
class Step:
    """One claimed attempt: all that a process needs to run it."""

    execution_id: str
    task_run_id: str
    attempt: int
    owner: str
    pos: int
    task: Task
    place: Place
    index: FlowIndex
    queue: str
    tries: int
    iteration: int | None
    started_at: datetime
    execution: Row[Any]


@dataclass
class Progress:
    """What a committed transaction made due."""

    jobs: list[Job] = field(default_factory=list)
    fused: Step | None = None
    finish: list[str] = field(default_factory=list)  #: executions to finish
    notes: list[str] = field(default_factory=list)  #: ids of timers to work off now
    killed: list[str] = field(default_factory=list)  #: executions whose work is to be stopped
    ended: list[str] = field(default_factory=list)  #: executions that have a final state now


@dataclass
class Mover:
    """Moves one execution on, inside the caller's transaction."""

    tx: Session
    rt: Runtime
    execution: Row[Any]  #: as locked at the start of the transaction
    index: FlowIndex
    owner: str | None = None  #: the process that may hold the next in-process step
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

    # -- steps

    def start_step(self, place: Place, pos: int) -> None:
        """Inserts the task run of step `pos`: opened, born claimed, published, or parked."""
        task = place.steps[pos]
        kind = kind_of(task)
        is_open = self.gate in (Gate.OPEN, Gate.AFTER)
        run = self._new_run(place, pos, task)
        if is_open and kind is Kind.FLOWABLE and not asks(task):
            run.update(self._state(run, State.RUNNING))
            steps.add_run(self.tx, run)
            assert isinstance(task, FlowableTask)
            self.open_scope(run["id"], task.id, task.open(None))
            return
        if is_open and self.owner is not None and self.progress.fused is None and _fits(kind):
            self._start_fused(place, pos, task, run)
            return
        if is_open:
            run["publish_due"] = self.now + timedelta(seconds=self.rt.settings.republish_s)
            run["incarnation"] = self.incarnation
            self.progress.jobs.append(self.job(place, pos, 1))
        steps.add_run(self.tx, run)

    def _new_run(self, place: Place, pos: int, task: Task) -> dict[str, Any]:
        at = self.moment()
        return {
            "id": new_id(),
            "execution_id": self.execution.id,
            "sequence": place.sequence,
            "pos": pos,
            "task_id": task.id,
            "parent_id": place.parent_run,
            "value": place.value,
            "iteration": _iteration(self.index, place),
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

    def _start_fused(self, place: Place, pos: int, task: Task, run: dict[str, Any]) -> None:
        """The step is born claimed by this process: no message, one commit."""
        assert self.owner is not None
        run.update(self._state(run, State.RUNNING))
        lease = self.rt.database.now_plus(timedelta(seconds=self.rt.settings.lease_s))
        run.update(attempt=1, owner=self.owner, lease_until=lease, first_start=self.now)
        steps.add_run(self.tx, run)
        steps.add_attempt(self.tx, run["id"], 1, self.execution.id, self.owner, self.now)
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
        )

    def job(self, place: Place, pos: int, attempt: int) -> Job:
        """The job of a step, with the routed steps that follow it as its chain."""
        task = place.steps[pos]
        links: list[Link] = []
        if kind_of(task) is Kind.ROUTED:
            for following in range(pos + 1, len(place.steps)):
                step = place.steps[following]
                if kind_of(step) is not Kind.ROUTED:
                    break
                if len(links) + 1 >= self.rt.settings.chain_links:
                    break
                queue = self.index.queue_of(step)
                links.append(Link(place.sequence, following, queue, step.id))
        queue = self.index.queue_of(task)
        return Job(self.execution.id, place.sequence, pos, attempt, queue, task.id, tuple(links))

    def end_step(self, place: Place, pos: int, state: State) -> None:
        """The task run is terminated (by its own guarded write): its sequence moves on, once."""
        worst = severity(state)
        if worst >= Severity.FAILED or pos + 1 >= len(place.steps):
            ended = steps.end_sequence(self.tx, place.sequence, pos, worst)
            if ended is None:
                raise Overtaken
            self._child_ended(place.scope, ended)
            return
        if not steps.step_on(self.tx, place.sequence, pos, worst):
            raise Overtaken
        self.start_step(place, pos + 1)

    def _child_ended(self, scope_id: str, worst: int) -> None:
        scope = steps.close_child(self.tx, scope_id, worst)
        if scope is None:
            raise Overtaken
        self._go_on(scope)

    # -- scopes

    def open_scope(self, run_id: str, task_id: str, opening: Opening) -> None:
        """A flowable's (or the root's) main block begins."""
        if opening.values:
            steps.drop_iterations(self.tx, run_id)
            steps.add_iterations(self.tx, run_id, opening.values)
        self._open_phase(run_id, "main", opening.total, outputs=opening.outputs or None)

    def _open_phase(self, run_id: str, phase: str, total: int, **values: Any) -> None:
        where = steps.T.id == run_id
        counters = {"phase": phase, "total": total, "next": 0, "open": 0, "worst": 0}
        steps.write(self.tx, where, **counters, **values)
        self.fill(run_id)

    def fill(self, scope_id: str) -> None:
        """Starts child sequences while there is room, or ends the phase when all is done."""
        scope = steps.run(self.tx, scope_id)
        if scope is None or scope.state != State.RUNNING:
            raise Overtaken
        self._go_on(scope)

    def _go_on(self, scope: Row[Any]) -> None:
        limit = self.index.limit(scope.task_id, scope.phase)
        room = scope.total - scope.next
        if scope.worst >= Severity.FAILED:
            room = 0
        if limit:
            room = min(room, limit - scope.open)
        room = ordering.ready(self.tx, self.index, scope, room)
        if room > 0:
            self._start_children(scope, min(room, OPEN_AT_ONCE))
            if room > OPEN_AT_ONCE:
                self._note_fill(scope, scope.next + OPEN_AT_ONCE)
        elif scope.open == 0:
            self.end_phase(scope)

    def _note_fill(self, scope: Row[Any], following: int) -> None:
        self.progress.notes.append(
            timers.add(
                self.tx, "fill", scope.id, following, self.now, execution_id=self.execution.id
            )
        )

    def _start_children(self, scope: Row[Any], count: int) -> None:
        first = scope.next
        values = {}
        if scope.phase == "main" and scope.task_id != ROOT:
            values = steps.iteration_values(self.tx, scope.id, first, count)
        where = steps.T.id == scope.id
        steps.write(self.tx, where, next=steps.T.next + count, open=steps.T.open + count)
        for idx in range(first, first + count):
            self._start_child(scope, idx, values.get(idx))

    def _start_child(self, scope: Row[Any], idx: int, value: str | None) -> None:
        sequence_id = new_id()
        path = tuple(scope.path) if value is None else (*scope.path, value)
        place = Place(
            sequence=sequence_id,
            scope=scope.id,
            scope_task=scope.task_id,
            block=scope.phase,
            idx=idx,
            path=path,
            value=value,
            steps=self.index.steps(scope.task_id, scope.phase, idx, scope.outputs or {}),
            parent_run=None if scope.task_id == ROOT else scope.id,
        )
        values = {
            "id": sequence_id,
            "execution_id": self.execution.id,
            "scope": scope.id,
            "block": scope.phase,
            "idx": idx,
            "cursor": 0,
            "state": State.RUNNING,
            "worst": 0,
            "value": value,
        }
        steps.add_sequence(self.tx, values)
        self.start_step(place, 0)

    def end_phase(self, scope: Row[Any]) -> None:
        """main → errors → finally → the scope's own end."""
        result = max(scope.result or 0, scope.worst if scope.phase != "errors" else 0)
        if scope.phase == "finally" and scope.worst < Severity.FAILED:
            result = scope.result or 0
        steps.write(self.tx, steps.T.id == scope.id, result=result)
        following = self._next_phase(scope, result)
        if following is not None:
            self._open_phase(scope.id, following, 1)
            return
        self.end_scope(scope, Severity(result))

    def _next_phase(self, scope: Row[Any], result: int) -> str | None:
        outputs = scope.outputs or {}
        if scope.phase == "after":
            return None
        if (
            scope.phase == "main"
            and result == Severity.FAILED
            and self.index.steps(scope.task_id, "errors", 0, outputs)
        ):
            return "errors"
        is_early = scope.phase in ("main", "errors")
        if is_early and result <= Severity.FAILED:
            return "finally" if self.index.steps(scope.task_id, "finally", 0, outputs) else None
        return None

    def end_scope(self, scope: Row[Any], result: Severity) -> None:
        """The flowable ends; the root instead leaves a note to finish the execution."""
        if scope.task_id == ROOT:
            self._end_root(scope, result)
            return
        state = allowed(self.index.tasks[scope.task_id], result.state)
        where = (steps.T.id == scope.id) & (steps.T.state == State.RUNNING)
        if not steps.write(self.tx, where, **steps.ending(state, self.now), phase="done"):
            raise Overtaken
        self.after_end(scope, state)

    def after_end(self, run: Row[Any], state: State) -> None:
        """A task run that is no leaf of ours has ended: moves its sequence on."""
        row = steps.placed(self.tx, run.id)
        if row is None:
            raise Overtaken
        self.end_step(self.place(row), row.pos, state)

    def _end_root(self, scope: Row[Any], result: Severity) -> None:
        where = (steps.T.id == scope.id) & (steps.T.state == State.RUNNING)
        phase = "after_done" if scope.phase == "after" else "done"
        if not steps.write(
            self.tx, where, state=result.state, phase=phase, owner=None, lease_until=None
        ):
            raise Overtaken
        execution = executions.find(self.tx, self.execution.id)
        assert execution is not None
        timers.add(
            self.tx,
            "finish",
            self.execution.id + phase,
            execution.epoch,
            self.now + FINISH_AFTER,
            execution_id=self.execution.id,
        )
        self.progress.finish.append(self.execution.id)


def _fits(kind: Kind) -> bool:
    """Whether a step may be born claimed by a process that holds its sequence."""
    return kind in (Kind.INLINE, Kind.FLOWABLE)


def _iteration(index: FlowIndex, place: Place) -> int | None:
    if place.value is None:
        return None
    task = index.tasks.get(place.scope_task)
    return task.iteration(place.idx) if isinstance(task, EachParallel) else place.idx


def allowed(task: Task, state: State) -> State:
    """A task's end after its `allowFailure` and `allowWarning`."""
    if state is State.FAILED and task.allow_failure:
        state = State.WARNING
    if state is State.WARNING and task.allow_warning:
        state = State.SUCCESS
    return state
