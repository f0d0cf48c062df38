"""The items of a Loop that come from a file, and what its iterations give at the end."""

import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any, BinaryIO

from sqlalchemy import Row

from app.database import executions, iterations, logs, sequences, steps, timers
from app.engine.flowable.base import Opening
from app.engine.flowable.loop import FetchKind, Loop, counted, stored_item
from app.errors import TrunklineError
from app.expression.evaluate import render_deep_typed
from app.model.state import Gate, Severity, State
from app.service import convert, flows, kept, loop_scope, scope
from app.service.flow_outputs import world_of
from app.service.log_lines import error_line
from app.service.masking import Masks
from app.service.progress import Mover
from app.service.runtime import Runtime
from app.service.sealing import sealed
from app.service.steps import hold
from app.service.work import Overtaken, Progress, Step
from app.storage.paths import execution_folder, task_folder

AT_ONCE = 500


def is_file(answer: Any) -> bool:
    """Whether the rendered `values` of a Loop name a stored file."""
    return isinstance(answer, str) and answer.strip().startswith(("kestra://", "nsfile://"))


def open_loop(
    rt: Runtime,
    step: Step,
    task: Loop,
    answer: Any,
    open_uri: Callable[[str], BinaryIO],
    masks: Masks,
) -> Opening:
    """One sequence for each item; the lines of a file are noted a piece at a time.

    Items that show a secret are encrypted, where the installation has a key.

    Raises Overtaken when the step is no longer ours: the items are those of its next attempt then.
    """
    ring = scope.ring_of(rt, step.execution)

    def hide(item: str) -> str:
        if not ring.keys or not masks.values:
            return item
        return json.dumps(sealed(ring, masks, json.loads(item)), ensure_ascii=False)

    if not is_file(answer) or not task.has_work():
        opening = task.open(answer)
        return replace(opening, items=tuple(map(hide, opening.items)))
    with rt.database.transaction() as tx:
        hold(tx, step)
        iterations.drop(tx, step.task_run_id)
    count = 0
    with open_uri(answer.strip()) as stream:
        lines = (line.decode("utf-8", "replace").rstrip("\r\n") for line in stream)
        for part in _pieces(hide(stored_item(line)) for line in lines if line):
            with rt.database.transaction() as tx:
                hold(tx, step)
                iterations.add_items(tx, step.task_run_id, part, first=count)
            count += len(part)
    return Opening(total=count, outputs=counted(count, 0))


def _pieces(items: Iterator[str]) -> Iterator[list[str]]:
    while part := list(islice(items, 1000)):
        yield part


def gather(rt: Runtime, timer: Row[Any]) -> list[Progress]:
    """All iterations have ended: what they give is rendered, and the Loop goes on."""
    with rt.database.reading() as tx:
        execution = executions.find(tx, timer.execution_id)
        row = steps.placed(tx, timer.target)
    found: dict[str, Any] = {}
    error = None
    if execution is not None and row is not None and not row.gone:
        try:
            found = _outputs(rt, execution, row)
        except (TrunklineError, ValueError, TypeError) as caught:
            error = str(caught)
    with rt.database.transaction() as tx:
        execution = executions.share(tx, timer.execution_id)
        if not timers.take(tx, timer.id) or execution is None:
            raise Overtaken
        mover = Mover(tx, rt, execution, flows.index_of(rt, execution))
        loop = steps.hold_run(tx, timer.target)
        if loop is None or loop.gone or mover.gate in (Gate.KILLING, Gate.ENDED) or loop.open:
            return []
        if (loop.state, loop.phase, loop.next) != (State.RUNNING, "main", timer.guard):
            return []
        values: dict[str, Any] = found or {"outputs": loop.outputs}
        if error is not None:
            message = f"Failed to render output values: {error}"
            logs.add(tx, [error_line(execution, loop, mover.now, message)])
            values["worst"] = Severity.FAILED
        steps.write(tx, {"id": loop.id}, **values)
        mover.end_phase(steps.run(tx, loop.id) or loop)
        return [mover.progress]


def _outputs(rt: Runtime, execution: Row[Any], row: Row[Any]) -> dict[str, Any]:
    """The columns that hold the outputs of a Loop."""
    index = flows.index_of(rt, execution)
    task = index.tasks[row.task_id]
    assert isinstance(task, Loop)
    result = counted(row.total, row.total)
    if not task.outputs:
        return {"outputs": result}
    made = _given(rt, execution, row, task)
    base = execution_folder(execution.namespace, execution.flow_id, execution.id)
    base = task_folder(base, row.task_id, row.id)
    is_stored = task.fetch_type is FetchKind.STORE
    if task.fetch_type is FetchKind.AUTO:
        names = scope.of_run(rt, execution, index, row)
        is_stored = is_file(render_deep_typed(task.values, names, world_of(rt, execution)))
    if is_stored:
        with tempfile.TemporaryFile() as file:
            for entry in made:
                file.write(json.dumps(entry, ensure_ascii=False, default=str).encode() + b"\n")
            file.seek(0)
            return {"outputs": {**result, "uri": rt.storage.put(f"{base}/outputs.ion", file)}}
    result["outputs"] = list(made)
    convert.check_size("outputs", result)
    return kept.outputs(rt, kept.folder_of(execution), result)


def _given(
    rt: Runtime, execution: Row[Any], loop: Row[Any], task: Loop
) -> Iterator[dict[str, Any]]:
    """What each iteration that ended well gives, in order."""
    index = flows.index_of(rt, execution)
    inside = replace(scope.idle_step(execution, index, loop), task=task.tasks[0])
    world, keyring = world_of(rt, execution), scope.ring_of(rt, execution)
    for first in range(0, loop.total, AT_ONCE):
        with rt.database.reading() as tx:
            items = iterations.items_of(tx, loop.id, first, AT_ONCE)
            states = sequences.worst_of(tx, loop.id, first, AT_ONCE)
        for idx, item in sorted(items.items()):
            shown = loop_scope.read_item(item, idx)
            if states.get(idx, Severity.FAILED) >= Severity.FAILED:
                continue
            path = (*loop.path, str(idx))
            place = replace(
                inside.place, scope=loop.id, scope_task=task.id, block="main", idx=idx,
                path=path, value=str(idx), parent_run=loop.id,
            )  # fmt: skip
            names = scope.of_step(rt, replace(inside, place=place, iteration=idx))
            values = {}
            for output in task.outputs:
                value = convert.convert(output.type, render_deep_typed(output.value, names, world))
                values[output.id] = convert.stored(output.type, value, keyring)
            yield {"item": shown, "outputs": values}
