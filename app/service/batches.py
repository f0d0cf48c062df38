"""The executions of a ForEachItem: started a few at a time, counted when they end.

The waiting task run has no worker. Its counters are those of a scope: `total` batches, `next` to be
started, `open` started and not ended. A batch's row in `iterations` is the token that its
execution's end takes, so that each end counts once.
"""

import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from sqlalchemy import Row

from app.database import attempts, executions, flows, iterations, logs, steps, timers
from app.database.session import Session
from app.engine.flowable.for_each_item import BatchCalls, batches_state
from app.engine.index import FlowIndex
from app.errors import Invalid, TrunklineError
from app.expression.evaluate import render_deep_typed
from app.model.state import Gate, State
from app.service import flows as flow_service
from app.service import iteration_names, kept, scope, starting, subflows
from app.service.flow_outputs import world_of
from app.service.log_lines import error_line
from app.service.progress import Mover, allowed
from app.service.runtime import Runtime
from app.service.starting import Birth
from app.service.steps import End, hold, record
from app.service.work import Overtaken, Progress, Step
from app.storage.paths import execution_folder, task_folder, uri_of

AT_ONCE = 20  #: executions started in one transaction


def open_calls(rt: Runtime, step: Step) -> Progress | None:
    """A claimed step notes its batches and lets go of its worker; the executions follow.

    Raises Invalid when the step before it left no list of batches.
    """
    assert isinstance(step.task, BatchCalls)
    if step.attempt > 1 and step.task.restart_behavior == "RETRY_FAILED":
        called = _called_before(rt, step)
        if called:
            return _call_again(rt, step, called)
    try:
        total = _note_batches(rt, step)
        if total == 0:
            return record(rt, step, End(state=State.SUCCESS), fuse=False)
        with rt.database.transaction() as tx:
            execution = executions.share(tx, step.execution_id)
            if execution is None or execution.gate == Gate.KILLING:
                raise Overtaken
            mover = Mover(tx, rt, execution, step.index)
            values: dict[str, Any] = {"total": total, "next": 0, "open": 0, "worst": 0}
            values["outputs"] = {
                "numberOfBatches": total,
                "iterations": {State.CREATED: total},
                "subflowOutputsBaseUri": _base(execution, step.task.id, step.task_run_id),
            }
            fence = steps.fenced(step.task_run_id, step.attempt, step.owner)
            if not steps.write(tx, fence, owner=None, lease_until=None, **values):
                raise Overtaken
            mover.note("spawn", step.task_run_id, 0)
    except Overtaken:
        return record(rt, step, End(state=State.KILLED), fuse=False)
    return mover.progress


def _called_before(rt: Runtime, step: Step) -> list[Row[Any]]:
    """The last execution of each batch that has begun; none when all have to start anew.

    They do when there is nothing to go on with, or when an execution was purged.
    """
    with rt.database.reading() as tx:
        run = steps.run(tx, step.task_run_id)
        found = executions.called_by(tx, step.execution_id, step.task_run_id)
    if run is None or not run.next:
        return []
    last = {number_of(child): child for child in found if number_of(child) < run.next}
    goes_on = run.next < run.total or any(_runs_again(child) for child in last.values())
    return list(last.values()) if goes_on and len(last) == run.next else []


def _runs_again(child: Row[Any]) -> bool:
    """Whether the step waits for an execution of an earlier attempt, which failed or goes on."""
    state = State(child.state)
    return state.is_failed or not state.is_terminated


def _call_again(rt: Runtime, step: Step, called: Sequence[Row[Any]]) -> Progress | None:
    """The step waits again; a note for each execution that failed restarts it."""
    try:
        with rt.database.transaction() as tx:
            execution = executions.share(tx, step.execution_id)
            run = steps.hold_run(tx, step.task_run_id)
            if execution is None or run is None or execution.gate == Gate.KILLING:
                raise Overtaken
            mover = Mover(tx, rt, execution, step.index)
            again = [child for child in called if _runs_again(child)]
            for child in again:
                iterations.take(tx, run.id, number_of(child))
                iterations.add(tx, run.id, [""], first=number_of(child))
                subflows.note_restart(mover, step, child.id)
            ended = Counter(child.state for child in called if not _runs_again(child))
            counts = {State.CREATED: run.total - run.next, State.RUNNING: len(again), **ended}
            outputs = {**(run.outputs or {}), "iterations": counts}
            fence = steps.fenced(step.task_run_id, step.attempt, step.owner)
            values = {"open": len(again), "outputs": outputs, "worst": 0}
            if not steps.write(tx, fence, owner=None, lease_until=None, **values):
                raise Overtaken
            if run.next < run.total:
                mover.note("spawn", run.id, run.next)
    except Overtaken:
        return record(rt, step, End(state=State.KILLED), fuse=False)
    return mover.progress


def _base(execution: Row[Any], task_id: str, task_run_id: str) -> str:
    folder = execution_folder(execution.namespace, execution.flow_id, execution.id)
    return uri_of(task_folder(folder, task_id, task_run_id))


def _note_batches(rt: Runtime, step: Step) -> int:
    """Writes the URI of each batch as a row; a list of any length is read a piece at a time.

    Raises Overtaken when the step is no longer ours: the rows are those of its next attempt then.
    """
    with rt.database.reading() as tx:
        before = steps.at_place(tx, step.place.sequence, step.pos - 1)
    uri = ((before.outputs if before is not None else None) or {}).get("splits")
    if uri is None:
        raise Invalid("the list of batches is missing")
    with rt.database.transaction() as tx:
        hold(tx, step)
        iterations.drop(tx, step.task_run_id)
    count = 0
    with rt.storage.open(uri) as stream:
        for part in _pieces(line.decode().strip() for line in stream):
            with rt.database.transaction() as tx:
                hold(tx, step)
                iterations.add(tx, step.task_run_id, part, first=count)
            count += len(part)
    return count


def _pieces(lines: Iterator[str]) -> Iterator[list[str]]:
    lines = filter(None, lines)
    while part := list(islice(lines, 1000)):
        yield part


@dataclass(frozen=True)
class Planned:
    """The executions of some batches, or why there can be none."""

    waits: bool = True
    births: tuple[tuple[int, FlowIndex, Birth], ...] = ()
    error: str | None = None


def spawn(rt: Runtime, timer: Row[Any]) -> list[Progress]:
    """Starts the executions of the next batches."""
    with rt.database.reading() as tx:
        execution = executions.find(tx, timer.execution_id)
        run = steps.placed(tx, timer.target)
        found = iterations.values_of(tx, timer.target, timer.guard, AT_ONCE)
    planned = Planned()
    if execution is not None and run is not None and found:
        try:
            planned = _plan(rt, execution, run, found)
        except (TrunklineError, ValueError) as caught:
            planned = Planned(error=str(caught))
    with rt.database.transaction() as tx:
        _lock_limits(tx, planned)
        mover = _meet(tx, rt, timer)
        fresh = steps.hold_run(tx, timer.target)
        wanted = (State.RUNNING, None, timer.guard)
        if fresh is None or (fresh.state, fresh.owner, fresh.next) != wanted:
            return []
        if mover.gate in (Gate.OPEN, Gate.AFTER):
            _go_on(mover, fresh, planned)
        return [mover.progress]


def _go_on(mover: Mover, run: Row[Any], planned: Planned) -> None:
    if planned.error is None:
        _start(mover, run, planned)
        return
    logs.add(mover.tx, [error_line(mover.execution, run, mover.now, planned.error)])
    _end(mover, run.id, State.FAILED, run.outputs)


def _meet(tx: Session, rt: Runtime, timer: Row[Any]) -> Mover:
    execution = executions.share(tx, timer.execution_id)
    if not timers.take(tx, timer.id) or execution is None:
        raise Overtaken
    return Mover(tx, rt, execution, flow_service.index_of(rt, execution))


def _lock_limits(tx: Session, planned: Planned) -> None:
    """A flow's row comes before an execution's."""
    limited = {
        (birth.namespace, birth.flow_id)
        for _, index, birth in planned.births
        if starting.may_meet_limit(index, birth)
    }
    for namespace, flow_id in sorted(limited):
        flows.lock(tx, namespace, flow_id)


def _plan(rt: Runtime, execution: Row[Any], run: Row[Any], found: Mapping[int, str]) -> Planned:
    index = flow_service.index_of(rt, execution)
    step = scope.idle_step(execution, index, run)
    task = step.task
    assert isinstance(task, BatchCalls)
    names, world = scope.of_step(rt, step), world_of(rt, execution)
    names["outputs"].on_secret = world.masks.add
    iteration_names.path(scope.ring_of(rt, execution), step.place.path, world.masks.add)
    waits = subflows.is_true(render_deep_typed(task.wait, names, world))
    births = []
    for idx, uri in sorted(found.items()):
        names["taskrun"] = {**names["taskrun"], "items": uri, "iteration": idx}
        called, birth = subflows.prepare(
            rt,
            replace(step, iteration=idx),
            task,
            lambda value: render_deep_typed(value, names, world),
            world.masks,
            waits=waits,
        )
        births.append((idx, called, birth))
    return Planned(waits, tuple(births))


def _start(mover: Mover, run: Row[Any], planned: Planned) -> None:
    tx, count, waits = mover.tx, len(planned.births), planned.waits
    for _, called, birth in planned.births:
        _, begun = starting.create(tx, mover.rt, called, birth)
        mover.progress.take_on(begun)
    counts = _moved(run.outputs, State.CREATED, State.RUNNING, count)
    if not waits:
        counts = _moved({"iterations": counts}, State.RUNNING, State.SUCCESS, count)
    following = run.next + count
    outputs = {**run.outputs, "iterations": counts}
    values = {"next": following, "open": run.open + (count if waits else 0), "outputs": outputs}
    steps.write(tx, {"id": run.id}, **values)
    if following < run.total:
        mover.note("spawn", run.id, following)
    elif not waits:
        _end(mover, run.id, State.SUCCESS, outputs)


def _moved(outputs: Any, origin: State, to: State, count: int = 1) -> dict[str, int]:
    counts = dict((outputs or {}).get("iterations") or {})
    counts[origin] = max(0, counts.get(origin, 0) - count)
    counts[to] = counts.get(to, 0) + count
    return counts


def _end(mover: Mover, run_id: str, state: State, outputs: Any) -> None:
    """The step ends, and its sequence moves on."""
    row = steps.placed(mover.tx, run_id)
    assert row is not None
    state = allowed(mover.index.tasks[row.task_id], state)
    where = steps.fenced(run_id, row.attempt, None)
    if not steps.write(mover.tx, where, **steps.ending(state, mover.now, outputs=outputs)):
        raise Overtaken
    attempts.end(mover.tx, run_id, row.attempt, state, mover.now)
    mover.end_step(mover.place(row), row.pos, state)


def number_of(child: Any) -> int:
    """Which batch an execution works on."""
    return int(((child.trigger or {}).get("variables") or {}).get("taskRunIteration", 0))


def store_outputs(rt: Runtime, caller: Row[Any], run: Row[Any], child: Row[Any]) -> None:
    """Keeps an execution's outputs as one record beside those of its siblings."""
    given = kept.read(rt, child.outputs)
    if given:
        base = _base(caller, run.task_id, run.id)
        line = json.dumps(given, ensure_ascii=False, default=str) + "\n"
        path = f"{base}/{number_of(child)}/outputs.ion"
        rt.storage.put(path, io.BytesIO(line.encode()))


def count_end(mover: Mover, run: Row[Any], child: Any, *, transmits: bool) -> None:
    """One execution has ended: the step ends with the last of them."""
    held = steps.hold_run(mover.tx, run.id)
    if held is None or (held.state, held.attempt) != (State.RUNNING, child.caller_attempt):
        raise Overtaken
    if not iterations.take(mover.tx, run.id, number_of(child)):
        raise Overtaken
    counts = _moved(held.outputs, State.RUNNING, State(child.state))
    outputs = {**held.outputs, "iterations": counts}
    still_open = held.open - 1
    steps.write(mover.tx, {"id": run.id}, open=still_open, outputs=outputs)
    if mover.gate is Gate.KILLING:
        mover.progress.finish.append(mover.execution.id)
    elif still_open == 0 and held.next == held.total:
        _end(mover, run.id, batches_state(counts, transmits=transmits), outputs)
