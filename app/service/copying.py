"""Replay: a new execution that begins with a copy of another one's rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row

from app.database import copies, executions, iterations, namespaces, sequences, steps
from app.database.executions import history_line
from app.database.session import Session
from app.engine.flowable.dag import Dag
from app.engine.index import ROOT, FlowIndex, Kind, kind_of
from app.errors import Invalid
from app.model.flow import ConcurrencyBehavior
from app.model.ids import new_id
from app.model.state import Gate, State
from app.service import flows as flow_service
from app.service import kept, reopening, starting
from app.service.kept import Column
from app.service.progress import Mover
from app.service.runtime import Runtime
from app.service.starting import Birth
from app.service.work import Progress
from app.storage.paths import execution_folder


def replay_in(
    tx: Session,
    rt: Runtime,
    execution: Row[Any],
    task_run_id: str | None,
    revision: int | None,
    *,
    inputs: Mapping[str, Any] | None = None,
    failed: bool = False,
    full: ConcurrencyBehavior | None,
) -> tuple[str, Progress]:
    """A new execution after another one: from the start, from a task run, or what had failed.

    `full` is what the flow does while it has no free slot. Gives the new id and what is due after
    the commit. Raises Invalid for an unknown task run, NotFound for an unknown revision, and
    NoFreeSlot.
    """
    number = revision or execution.revision
    index = flow_service.index_in(tx, rt, execution.namespace, execution.flow_id, number)
    if task_run_id is None and not failed:
        return starting.create(tx, rt, index, _birth(execution, number, inputs))
    copy = _Copy(tx, rt, execution, index, number, full)
    if failed:
        return copy.whole()
    run = steps.placed(tx, task_run_id or "")
    if run is None or run.execution_id != execution.id or run.gone:
        raise Invalid(f"no task run {task_run_id!r} in this execution")
    return copy.until(run, inputs)


def _birth(execution: Row[Any], revision: int, inputs: Mapping[str, Any] | None) -> Birth:
    """The same revision is pinned as the first was, another one takes its own commit and files."""
    labels = {k: v for k, v in execution.labels.items() if k != "system.correlationId"}
    is_same = revision == execution.revision
    return Birth(
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        revision=revision,
        is_pinned=True,
        inputs=execution.inputs if inputs is None else inputs,
        labels=labels | {"system.replay": "true"},
        trigger=execution.trigger,
        parent_id=execution.id,
        original_id=execution.original_id,
        commit=execution.commit if is_same else None,
        snapshot=execution.snapshot if is_same else None,
        kind=execution.kind,
        variables=execution.variables,
    )


@dataclass
class _Copy:
    """Copies the rows of one execution under new ids, then reopens the copy."""

    tx: Session
    rt: Runtime
    old: Row[Any]
    index: FlowIndex
    revision: int
    full: ConcurrencyBehavior | None  #: what the flow does without a free slot; None: it has
    dropped_runs: set[str] = field(default_factory=set)
    dropped_sequences: set[str] = field(default_factory=set)
    shortened: dict[str, int] = field(default_factory=dict)  #: sequence to where it goes on

    def whole(self) -> tuple[str, Progress]:
        """All rows; what failed runs again."""
        new_id_, mover = self._copy(self.old.inputs)
        reopening.Reopening(mover, full=self.full).restart()
        return new_id_, mover.progress

    def until(self, run: Row[Any], inputs: Mapping[str, Any] | None) -> tuple[str, Progress]:
        """The rows before `run`; it and what follows run again."""
        chain: list[Row[Any]] = []
        current: Row[Any] | None = run
        while current is not None:
            chain.append(current)
            self._drop_after(current)
            current = (
                None if current.scope_task == ROOT else steps.placed(self.tx, current.scope_id)
            )
        self._drop_below(run.id)
        execution_id, mover = self._copy(self.old.inputs if inputs is None else inputs)
        names = self._names
        is_scope = run.phase is not None and kind_of(self.index.tasks[run.task_id]) is Kind.FLOWABLE
        for row in chain:
            sequences.reset(self.tx, names[row.sequence], row.pos, State.FAILED)
            values: dict[str, Any] = {"state": State.FAILED}
            if row.id == run.id and not is_scope:
                values |= {"phase": None, "outputs": None, "outputs_uri": None}
            steps.write(self.tx, {"id": names[row.id]}, **values)
            self._prepare(row.scope_id, execution_id)
        later = names[run.id] if is_scope else None
        reopening.Reopening(mover, later, full=self.full).replay()
        return execution_id, mover.progress

    def _prepare(self, old_scope: str, execution_id: str) -> None:
        """Later iterations that keep some steps, and all after them, wait for their turn."""
        scope = self._names[old_scope]
        kept = sequences.children(self.tx, scope, ("main",))
        ours = {self._names[name]: pos for name, pos in self.shortened.items()}
        later = [row for row in kept if row.id in ours]
        if not later:
            return
        for row in later:
            sequences.reset(self.tx, row.id, ours[row.id], State.CREATED)
        first = max(row.idx for row in kept) + 1
        total = iterations.count(self.tx, scope)
        for start in range(first, total, 1000):
            values = iterations.values_of(self.tx, scope, start, 1000)
            rows = [
                sequences.unbegun(execution_id, scope, idx) | {"value": value}
                for idx, value in sorted(values.items())
            ]
            sequences.prepare(self.tx, rows)
        steps.write(self.tx, {"id": scope}, prepared=True)

    def _drop_after(self, row: Row[Any]) -> None:
        """Successors of a step: later steps of its sequence, later iterations, other blocks."""
        for later in steps.runs_of(self.tx, row.sequence):
            if later.pos > row.pos:
                self._drop_run(later.id)
        limit = self.index.limit(row.scope_task, row.block)
        task = self.index.tasks.get(row.scope_task)
        successors = task.successors(row.idx) if isinstance(task, Dag) else set()
        for sibling in sequences.children(
            self.tx, row.scope_id, ("main", "errors", "finally", "after")
        ):
            is_later = sibling.block == row.block and sibling.idx > row.idx and limit == 1
            is_later |= sibling.idx in successors
            if is_later and row.pos and not successors:
                self._shorten(sibling.id, row.pos)
            elif is_later or sibling.block != row.block:
                self._drop_sequence(sibling.id)

    def _shorten(self, sequence_id: str, pos: int) -> None:
        """A later iteration keeps what ended well before the chosen step, and goes on in turn."""
        kept = 0
        for run in steps.runs_of(self.tx, sequence_id):
            if run.pos == kept < pos and run.state in reopening.WELL:
                kept += 1
            else:
                self._drop_run(run.id)
        self.shortened[sequence_id] = kept

    def _drop_run(self, run_id: str) -> None:
        self.dropped_runs.add(run_id)
        self._drop_below(run_id)

    def _drop_below(self, run_id: str) -> None:
        for sequence_id in sequences.below(self.tx, [run_id]):
            self._drop_sequence(sequence_id)
        for child in steps.inside(self.tx, run_id):
            self.dropped_runs.add(child.id)

    def _drop_sequence(self, sequence_id: str) -> None:
        self.dropped_sequences.add(sequence_id)
        for run in steps.runs_of(self.tx, sequence_id):
            self._drop_run(run.id)

    def _copy(self, inputs: Column) -> tuple[str, Mover]:
        now = self.rt.clock()
        execution_id = new_id()
        folder = execution_folder(self.old.namespace, self.old.flow_id, execution_id)
        self._names = copies.rows(
            self.tx, self.old.id, execution_id, self.dropped_sequences, self.dropped_runs
        )
        values = dict(self.old._mapping)
        values.update(
            id=execution_id,
            root=self._names[self.old.root],
            revision=self.revision,
            inputs=kept.keep(self.rt, folder, inputs),
            variables=kept.keep(self.rt, folder, self.old.variables),
            trigger=kept.keep_trigger(self.rt, folder, self.old.trigger),
            outputs=None,
            parent_id=self.old.id,
            gate=Gate.ENDED,
            state=State.FAILED,
            epoch=1,
            trigger_id=None,
            caller_id=None,
            caller_run=None,
            caller_attempt=None,
            created_at=now,
            histories=self.old.histories or history_line(State.CREATED, now),
            labels=self.old.labels | {"system.replay": "true"},
        )
        if self.revision != self.old.revision:
            values["commit"] = self.index.commit
            values["snapshot"] = namespaces.snapshot(self.tx, self.old.namespace)
        executions.add(self.tx, values)
        for run in steps.with_stored_outputs(self.tx, execution_id):
            uri = kept.keep(self.rt, folder, run.outputs_uri)
            steps.write(self.tx, {"id": run.id}, outputs_uri=uri)
        # what ran in the original does not run here: it begins anew
        steps.kill_rest(self.tx, execution_id, now)
        row = executions.hold(self.tx, execution_id)
        assert row is not None
        return execution_id, Mover(self.tx, self.rt, row, self.index)
