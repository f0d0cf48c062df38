"""One pass over an ended execution that opens it again (engine rules, "Reopen").

Counters are recomputed from rows first, and only then may scopes end again: doing both in one pass
ends scopes too early.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from app.database import attempts, executions, iterations, sequences, steps, timers
from app.database.session import Session
from app.engine.flowable.base import FlowableTask
from app.engine.flowable.choice import If, Switch
from app.engine.flowable.dag import Dag
from app.engine.flowable.loop_until import LoopUntil
from app.engine.flowable.pause import Pause
from app.engine.flowable.working_directory import WorkingDirectory
from app.engine.index import ROOT, Kind, kind_of
from app.errors import Conflict, Invalid
from app.model.flow import ConcurrencyBehavior
from app.model.state import Gate, State
from app.service import blocks, ordering, starting
from app.service.progress import Mover, claimable

#: states in which a step is done with
WELL = (State.SUCCESS, State.WARNING, State.SKIPPED)


class NothingToRestart(Invalid):
    """No task run failed, was killed or is paused."""

    def __init__(self) -> None:
        super().__init__("No task found to restart execution from!")


class NoFreeSlot(Conflict):
    """The flow runs as many executions as it may, and lets none wait."""

    def __init__(self) -> None:
        super().__init__("the flow's concurrency limit is reached: no execution can go on now")


@dataclass
class Reopening:
    """One pass over an execution whose strong lock is held."""

    mover: Mover
    later: str | None = None  #: a flowable whose children begin only after the commit
    reopened: int = 0
    given: str | None = None  #: the run that has been given an end, and keeps it
    full: ConcurrencyBehavior | None = None  #: what the flow does without a free slot; None: it has
    standing: dict[str, str] = field(default_factory=dict)  #: scope to the block that goes on there

    def restart(self) -> None:
        """Reopens the root, or queues the execution; NothingToRestart when nothing would run.

        Raises NoFreeSlot.
        """
        if self._waits() and not self._has_stopped():
            raise NothingToRestart
        self.replay()
        if self.reopened == 0 and self.mover.gate is not Gate.QUEUED:
            raise NothingToRestart

    def replay(self) -> None:
        """Reopens the root of a copy, or of what was queued; may queue it. Raises NoFreeSlot."""
        if self._waits():
            self._queue()
            return
        self._open_execution()
        root = steps.run(self.mover.tx, self.mover.execution.root)
        assert root is not None
        self._scope(root)

    def change(self, run: Row[Any], state: State) -> None:
        """The run takes the end `state`, its ancestors run again, and its sequence moves on.

        Raises NoFreeSlot, also where executions queue: an end that is given counts at once.
        """
        tx = self.mover.tx
        self._give(run, state)
        row = steps.placed(tx, run.inside or run.id)
        assert row is not None
        if run.inside is not None:
            end = blocks.end_of_directory(tx, self.mover.index, row, state)
            if end is not None:
                self._give(row, end)
        self._drop_rest(row)
        if self.standing.get(self.mover.execution.root) == "after":
            self._open_after()
        elif self._waits():
            raise NoFreeSlot
        else:
            self._open_execution()
        root = steps.run(tx, self.mover.execution.root)
        assert root is not None
        self._scope(root)

    def _waits(self) -> bool:
        """Whether there is no slot; an execution that is PAUSED has kept its own."""
        return self.full is not None and self.mover.gate is not Gate.PAUSED

    def _has_stopped(self) -> bool:
        """Whether the root's own steps came to a stop before their end."""
        found = sequences.children(self.mover.tx, self.mover.execution.root, ("main",))
        return any(row.state not in (*WELL, State.CREATED) for row in found)

    def _queue(self) -> None:
        """It waits for a slot with its rows as they are: the pass is made when it is admitted."""
        mover, execution = self.mover, self.mover.execution
        if self.full is not ConcurrencyBehavior.QUEUE:
            raise NoFreeSlot
        timers.drop(mover.tx, execution_id=execution.id)
        executions.move(
            mover.tx,
            execution.id,
            state=State.QUEUED,
            gate=Gate.QUEUED,
            at=mover.now,
            epoch=execution.epoch + 1,
            end_state=None,
            error=None,
            ended_at=None,
            duration_us=None,
        )
        mover.gate = Gate.QUEUED
        mover.note_state(State.QUEUED)

    def _give(self, run: Any, state: State) -> None:
        tx = self.mover.tx
        attempts.end(tx, run.id, run.attempt, state, self.mover.now)
        steps.write(tx, {"id": run.id}, **steps.ending(state, self.mover.now))
        timers.drop(tx, target=run.id)
        _kill_below(tx, run, self.mover.now)
        self.given = run.id

    def _drop_rest(self, row: Row[Any]) -> None:
        """Sequences around the run count as failed there, so that the pass meets them."""
        tx = self.mover.tx
        current: Row[Any] | None = row
        while current is not None and current.sequence is not None:
            if current.block in blocks.AFTER_MAIN:
                self.standing[current.scope_id] = current.block
            sequences.reset(tx, current.sequence, current.pos, State.FAILED)
            later = [run for run in steps.runs_of(tx, current.sequence) if run.pos > current.pos]
            set_aside(tx, sequences.below(tx, [run.id for run in later]), self.mover.now)
            _kill_open(tx, later, self.mover.now)
            steps.set_aside(tx, [], [run.id for run in later])
            if current.scope_task == ROOT:
                return
            where = {"id": current.scope_id}
            steps.write(tx, where, state=State.FAILED)
            current = steps.placed(tx, current.scope_id)

    def _open_execution(self) -> None:
        mover, execution = self.mover, self.mover.execution
        if mover.gate is not Gate.PAUSED:  # what runs beside a pause still has its timers
            timers.drop(mover.tx, execution_id=execution.id)
        executions.move(
            mover.tx,
            execution.id,
            state=State.RESTARTED,
            gate=Gate.OPEN,
            at=mover.now,
            epoch=execution.epoch + 1,
            end_state=None,
            error=None,
            ended_at=None,
            duration_us=None,
            outputs=None,
            attempt_number=execution.attempt_number + 1,
        )
        if mover.gate is not Gate.PAUSED:
            mover.progress.notes.extend(
                starting.watch(mover.tx, mover.index, execution.id, mover.now)
            )
        mover.gate = Gate.OPEN
        mover.note_state(State.RESTARTED)

    def _open_after(self) -> None:
        """What runs after the end goes on: the end stays as it is."""
        mover = self.mover
        executions.write(mover.tx, mover.execution.id, gate=Gate.AFTER)
        mover.gate = Gate.AFTER

    def _scope(self, scope: Row[Any]) -> None:
        """Sets the blocks after the one that goes on aside, recounts, then lets what may end again
        end."""
        tx = self.mover.tx
        block = self.standing.get(scope.id, "main")
        later = sequences.children(tx, scope.id, blocks.after(block))
        set_aside(tx, [row.id for row in later], self.mover.now)
        found = sequences.children(tx, scope.id, (block,))
        begun = [row for row in found if row.state != State.CREATED]
        back = [row for row in begun if row.state not in WELL]
        task = self.mover.index.tasks.get(scope.task_id)
        if block == "main":
            values = self._counters(scope, begun, back)
        else:
            values = blocks.counters(tx, self.mover.index, scope, block, begun, len(back))
        if scope.task_id == ROOT:
            values["state"] = State.RUNNING
        elif scope.state != State.RUNNING:
            values.update(steps.ending(State.RUNNING, self.mover.now))
        steps.write(tx, {"id": scope.id}, **values)
        for row in back:
            worst = sequences.worst_before(tx, row.id, row.cursor)
            sequences.reset(tx, row.id, row.cursor, State.RUNNING, worst)
        for row in back:
            self._step(row)
        fresh = steps.run(tx, scope.id)
        if isinstance(task, LoopUntil) and scope.state == State.RUNNING and not back:
            return  # it waits for its next round
        if scope.id == self.later:
            self.mover.note("fill", scope.id, values["next"])
        elif fresh is not None and fresh.state == State.RUNNING:
            self.mover.fill(scope.id)

    def _counters(
        self, scope: Row[Any], begun: Sequence[Row[Any]], back: Sequence[Row[Any]]
    ) -> dict[str, Any]:
        """The columns of a scope whose sequences in `back` run again."""
        ended = [row for row in begun if row.state in WELL]
        following = max((row.idx + 1 for row in begun), default=0)
        if scope.prepared:
            following = len(begun)
        values: dict[str, Any] = {
            "phase": "main",
            "total": self._total(scope, following),
            "next": following,
            "open": len(back),
            "worst": max((row.worst for row in ended), default=0),
            "result": None,
            "ended_at": None,
        }
        task = self.mover.index.tasks.get(scope.task_id)
        if isinstance(task, Dag):
            self._recount(scope, task, begun, ended)
        if isinstance(task, LoopUntil) and not back and scope.state != State.RUNNING:
            set_aside(self.mover.tx, [row.id for row in begun], self.mover.now)
            self._loop_again(values)
        return values

    def _recount(
        self, scope: Row[Any], dag: Dag, begun: Sequence[Row[Any]], ended: Sequence[Row[Any]]
    ) -> None:
        """What did not begin waits again for all that did not end well."""
        sequences.drop_prepared(self.mover.tx, scope.id)
        numbers = {row.idx for row in begun}, {row.idx for row in ended}
        place = (self.mover.tx, self.mover.execution.id, scope.id, dag)
        ordering.prepare(*place, begun=numbers[0], ended=numbers[1])

    def _loop_again(self, values: dict[str, Any]) -> None:
        """A loop that gave up gets all its rounds again."""
        self.reopened += 1
        values |= {"total": values["next"] + 1, "first_start": self.mover.now}
        values["outputs"] = {"iterationCount": 1}

    def _total(self, scope: Row[Any], children: int) -> int:
        if scope.phase == "main" and scope.total is not None:
            return int(scope.total)
        if scope.task_id == ROOT:
            return 1
        task = self.mover.index.tasks[scope.task_id]
        assert isinstance(task, FlowableTask)
        if isinstance(task, LoopUntil):
            return max(children, 1)
        if isinstance(task, If | Switch):
            return min(1, len(self.mover.index.steps(task.id, "main", 0, scope.outputs or {})))
        if task.question() is None:
            return task.open(None).total
        return max(children, iterations.count(self.mover.tx, scope.id))

    def _step(self, sequence: Row[Any]) -> None:
        """The step at which a sequence stood: reopened, or moved on from."""
        mover, tx = self.mover, self.mover.tx
        row = steps.at_place(tx, sequence.id, sequence.cursor)
        assert row is not None
        place = mover.place(row)
        if row.state in WELL or row.id == self.given:
            mover.end_step(place, row.pos, State(row.state))
            return
        if row.state == State.PAUSED:
            self._paused_again()
            return
        task = mover.index.tasks[row.task_id]
        is_leaf = row.phase is None or isinstance(task, WorkingDirectory)
        if row.state == State.RUNNING and is_leaf:
            return  # the execution was PAUSED, and this goes on beside it
        if isinstance(task, Pause):
            is_scope = bool(sequences.children(tx, row.id, ("main",)))  # it had been resumed
        else:
            is_scope = row.phase is not None and kind_of(task) is Kind.FLOWABLE
        if is_scope or row.id in self.standing:
            self._scope(row)
            return
        self.reopened += 1
        if isinstance(task, WorkingDirectory):
            steps.reset_inside(tx, row.id)
        if isinstance(task, WorkingDirectory | Pause):
            around = sequences.children(tx, row.id, ("pausing", "errors", "finally"))
            set_aside(tx, [block.id for block in around], self.mover.now)
        values = {"state": State.RESTARTED, "tries": 0, "lost": 0, "phase": None, "result": None}
        claimable(mover, place, row.pos, row.attempt, {"id": row.id}, **values)

    def _paused_again(self) -> None:
        """A Pause that still waits keeps the gate closed."""
        mover = self.mover
        self.reopened += 1
        execution_id = mover.execution.id
        executions.move(mover.tx, execution_id, state=State.PAUSED, gate=Gate.PAUSED, at=mover.now)
        mover.note_state(State.PAUSED)
        mover.gate = Gate.PAUSED


def set_aside(tx: Session, sequence_ids: Sequence[str], now: datetime) -> None:
    """Sequences and all below them are gone: kept for the audit, never met again.

    What still runs there is killed: its worker learns of it from its next heartbeat.
    """
    waiting = list(sequence_ids)
    while waiting:
        runs = [run for sequence_id in waiting for run in steps.runs_of(tx, sequence_id)]
        _kill_open(tx, runs, now)
        ids = [run.id for run in runs]
        steps.set_aside(tx, waiting, ids)
        waiting = sequences.below(tx, ids)


def _kill_below(tx: Session, run: Row[Any], now: datetime) -> None:
    """What is open below a run ends: the run itself has an end now."""
    waiting = sequences.below(tx, [run.id])
    while waiting:
        runs = [found for sequence_id in waiting for found in steps.runs_of(tx, sequence_id)]
        _kill_open(tx, runs, now)
        sequences.kill(tx, waiting)
        waiting = sequences.below(tx, [found.id for found in runs])


def _kill_open(tx: Session, runs: Sequence[Row[Any]], now: datetime) -> None:
    for run in runs:
        if not State(run.state).is_terminated:
            attempts.end(tx, run.id, run.attempt, State.KILLED, now)
            steps.write(tx, {"id": run.id}, **steps.ending(State.KILLED, now))
            timers.drop(tx, target=run.id)
