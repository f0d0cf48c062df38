"""Moving on inside one transaction: a step ends, the next one starts, scopes open and close.

The rules are those of the engine rules ("Moving on"); each write is guarded, a lost guard raises
`Overtaken` and the whole transaction is rolled back without a trace. A `Mover` collects what the
commit makes due: jobs, one step born claimed for this process, work for after the commit.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from app.database import iterations, sequences, steps, timers
from app.database.change import More, Where
from app.engine.flowable.base import Opening
from app.engine.flowable.dag import Dag
from app.engine.flowable.loop import Loop
from app.engine.flowable.loop_until import LoopUntil
from app.engine.index import ROOT
from app.model.ids import new_id
from app.model.state import Gate, Severity, State, severity
from app.model.task import Task
from app.service import ordering
from app.service.step_starter import StepStarter
from app.service.work import Overtaken, Place

OPEN_AT_ONCE = 200  #: child sequences opened in one transaction; a note opens the rest
FINISH_AFTER = timedelta(seconds=5)


class Mover(StepStarter):
    """Moves one execution on, inside the caller's transaction."""

    def end_step(self, place: Place, pos: int, state: State) -> None:
        """The task run is terminated (by its own guarded write): its sequence moves on, once."""
        if self._is_left(place):
            return
        if self.index.has_assertions:
            self.note("sla", self.execution.id, -1)
        worst = severity(state)
        if worst >= Severity.FAILED or pos + 1 >= len(place.steps):
            ended = steps.end_sequence(self.tx, place.sequence, pos, worst)
            if ended is None:
                raise Overtaken
            self._child_ended(place, ended)
            return
        steps.step_on(self.tx, place.sequence, pos, worst)
        self.start_step(place, pos + 1)

    def _is_left(self, place: Place) -> bool:
        """Whether nothing may follow a step any more: an Exit left its execution as it ran."""
        if self.gate is not Gate.AFTER:
            return self.gate is Gate.ENDED
        scope = steps.run(self.tx, place.scope)
        return scope is None or scope.state != State.RUNNING or scope.phase != place.block

    def _child_ended(self, place: Place, worst: int) -> None:
        task = self.index.tasks.get(place.scope_task)
        if isinstance(task, Loop) and place.block == "main" and not task.transmit_failed:
            worst = min(worst, Severity.SUCCESS)
        scope = steps.close_child(self.tx, place.scope, worst)
        if scope is None:
            raise Overtaken
        if isinstance(task, Dag) and place.block == "main":
            sequences.unblock(self.tx, place.scope, task.dependents(place.idx))
        self._go_on(scope)

    # -- scopes

    def open_scope(self, run_id: str, task_id: str, opening: Opening) -> None:
        """A flowable's (or the root's) main block begins."""
        if opening.values:
            iterations.drop(self.tx, run_id)
            iterations.add(self.tx, run_id, opening.values)
        if opening.items:
            iterations.drop(self.tx, run_id)
            iterations.add_items(self.tx, run_id, opening.items)
        task = self.index.tasks.get(task_id)
        if isinstance(task, Dag):
            ordering.prepare(self.tx, self.execution.id, run_id, task)
        self._open_phase(
            run_id,
            "main",
            opening.total,
            outputs=opening.outputs or None,
            prepared=isinstance(task, Dag),
        )

    def _open_phase(self, run_id: str, phase: str, total: int, **values: Any) -> None:
        counters = {"phase": phase, "total": total, "next": 0, "open": 0, "worst": 0}
        where = {"id": run_id, "state": State.RUNNING}
        scope = steps.written(self.tx, where, **counters, **values)
        if scope is None:
            raise Overtaken
        self._go_on(scope)

    def fill(self, scope_id: str) -> None:
        """Starts child sequences while there is room, or ends the phase when all is done."""
        scope = steps.hold_run(self.tx, scope_id)
        if scope is None or scope.state != State.RUNNING:
            raise Overtaken
        self._go_on(scope)

    def _go_on(self, scope: Row[Any]) -> None:
        room = self._room(scope)
        following = None
        if room and scope.prepared and scope.phase == "main":
            found = sequences.ready(self.tx, scope.id, min(room, OPEN_AT_ONCE + 1))
            following, room = found[:OPEN_AT_ONCE], len(found)
        if room > 0:
            self._start_children(scope, min(room, OPEN_AT_ONCE), following)
            if room > OPEN_AT_ONCE:
                self.note("fill", scope.id, scope.next + OPEN_AT_ONCE)
        elif scope.open == 0:
            self._close(scope)

    def _room(self, scope: Row[Any]) -> int:
        """How many more child sequences may begin now."""
        if scope.worst >= Severity.FAILED and scope.phase != "after":
            return 0
        limit = self.index.limit(scope.task_id, scope.phase)
        room = int(scope.total - scope.next)
        return max(0, min(room, limit - scope.open)) if limit else room

    def _close(self, scope: Row[Any]) -> None:
        """A block is done, unless a loop asks whether to go on, or gathers outputs, first."""
        task = self.index.tasks.get(scope.task_id)
        is_good = scope.phase == "main" and scope.worst < Severity.FAILED
        if is_good and isinstance(task, LoopUntil):
            self.note("ask", scope.id, scope.next)
        elif is_good and isinstance(task, Loop) and scope.total:
            self.note("gather", scope.id, scope.next)
        else:
            self.end_phase(scope)

    def note(self, kind: str, target: str, guard: int) -> None:
        """Work for right after the commit, which a timer keeps safe; once, if asked for twice."""
        place = (kind, target, guard)
        if not timers.exists(self.tx, *place):
            note = timers.add(self.tx, *place, self.now, execution_id=self.execution.id)
            self.progress.notes.append(note)

    def _start_children(
        self, scope: Row[Any], count: int, prepared: Sequence[Row[Any]] | None
    ) -> None:
        steps.write(self.tx, {"id": scope.id}, next=More(count), open=More(count))
        if prepared is not None:
            if not sequences.begin(self.tx, [row.id for row in prepared]):
                raise Overtaken
            for row in prepared:
                self.start_step(self._child(scope, row.id, row.idx, row.value), row.cursor)
            return
        first = scope.next
        values = {}
        if scope.phase == "main" and scope.task_id != ROOT:
            values = iterations.values_of(self.tx, scope.id, first, count)
        for idx in range(first, first + count):
            self._start_child(scope, idx, values.get(idx))

    def _child(self, scope: Row[Any], sequence: str, idx: int, value: str | None) -> Place:
        return Place(
            sequence=sequence,
            scope=scope.id,
            scope_task=scope.task_id,
            block=scope.phase,
            idx=idx,
            path=tuple(scope.path) if value is None else (*scope.path, value),
            value=value,
            steps=self.index.steps(scope.task_id, scope.phase, idx, scope.outputs or {}),
            parent_run=None if scope.task_id == ROOT else scope.id,
        )

    def _start_child(self, scope: Row[Any], idx: int, value: str | None) -> None:
        self._begin_child(self._child(scope, new_id(), idx, value))

    def _begin_child(self, place: Place) -> None:
        values = {
            "id": place.sequence,
            "execution_id": self.execution.id,
            "scope": place.scope,
            "block": place.block,
            "idx": place.idx,
            "cursor": 0,
            "state": State.RUNNING,
            "worst": 0,
            "value": place.value,
        }
        sequences.add(self.tx, values)
        self.start_step(place, 0)

    def begin_root(self) -> None:
        """The one sequence of a root that is born open: nothing of it has to be read."""
        root = self.execution.root
        place = Place(
            sequence=new_id(),
            scope=root,
            scope_task=ROOT,
            block="main",
            idx=0,
            path=(),
            value=None,
            steps=self.index.steps(ROOT, "main", 0, {}),
            parent_run=None,
        )
        self._begin_child(place)

    def open_pausing(self, run_id: str) -> None:
        """What a Pause does before it waits."""
        self._open_phase(run_id, "pausing", 1)

    def end_phase(self, scope: Row[Any]) -> None:
        """main → errors → finally → the scope's own end."""
        if scope.phase == "pausing" and scope.worst < Severity.FAILED:
            self.note("pause", scope.id, scope.attempt)
            return
        result = max(scope.result or 0, scope.worst if scope.phase != "errors" else 0)
        if scope.phase == "finally" and scope.worst < Severity.FAILED:
            result = scope.result or 0
        following = self._next_phase(scope, result)
        if following is not None:
            self._open_phase(scope.id, following, 1, result=result)
            return
        self.end_scope(scope, Severity(result))

    def _next_phase(self, scope: Row[Any], result: int) -> str | None:
        outputs = scope.outputs or {}
        if scope.phase == "after":
            return None
        if (
            scope.phase in ("main", "pausing")
            and result == Severity.FAILED
            and self.index.steps(scope.task_id, "errors", 0, outputs)
        ):
            return "errors"
        is_early = scope.phase in ("main", "pausing", "errors")
        if is_early and result <= Severity.FAILED:
            return "finally" if self.index.steps(scope.task_id, "finally", 0, outputs) else None
        return None

    def end_scope(self, scope: Row[Any], result: Severity) -> None:
        """The flowable ends; the root instead leaves a note to finish the execution."""
        if scope.task_id == ROOT:
            self._end_root(scope, result)
            return
        state = allowed(self.index.tasks[scope.task_id], result.state)
        where = {"id": scope.id, "state": State.RUNNING}
        values = steps.ending(state, self.now, phase="done", result=result)
        if not steps.write(self.tx, where, **values):
            raise Overtaken
        self.after_end(scope, state)

    def after_end(self, run: Row[Any], state: State) -> None:
        """A task run that is no leaf of ours has ended: moves its sequence on."""
        row = steps.placed(self.tx, run.id)
        if row is None:
            raise Overtaken
        self.end_step(self.place(row), row.pos, state)

    def _end_root(self, scope: Row[Any], result: Severity) -> None:
        where = {"id": scope.id, "state": State.RUNNING}
        phase = "after_done" if scope.phase == "after" else "done"
        values = {"state": result.state, "phase": phase, "result": result}
        if not steps.write(self.tx, where, **values, owner=None, lease_until=None):
            raise Overtaken
        timers.add(
            self.tx,
            "finish",
            self.execution.id + phase,
            self.execution.epoch,
            self.now + FINISH_AFTER,
            execution_id=self.execution.id,
        )
        self.progress.finish.append(self.execution.id)


def allowed(task: Task, state: State) -> State:
    """A task's end after its `allowFailure` and `allowWarning`."""
    if state is State.FAILED and task.allow_failure:
        state = State.WARNING
    if state is State.WARNING and task.allow_warning:
        state = State.SUCCESS
    return state


def claimable(
    mover: Mover, place: Place, pos: int, attempt: int, where: Where, **values: Any
) -> None:
    """Makes a run claimable again, published while the gate is open, else parked."""
    state = values.pop("state", State.CREATED)
    changes = steps.ending(state, mover.now, **values)
    if mover.gate in (Gate.OPEN, Gate.AFTER):
        changes["publish_due"] = mover.now + timedelta(seconds=mover.rt.settings.republish_s)
        changes["runnable_at"] = mover.now
        changes["incarnation"] = mover.incarnation
        job = mover.job(place, pos, attempt + 1)
        changes["queue"] = job.queue  # an earlier attempt may have been sent elsewhere
        mover.progress.jobs.append(job)
    if not steps.write(mover.tx, where, **changes):
        raise Overtaken
