"""A flow's declared outputs, and what a Subflow task gets from its child."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from app.database import executions, logs, steps
from app.database.logs import LogLine, level_number
from app.engine.flowable.subflow import Subflow
from app.errors import TrunklineError, Unavailable
from app.expression.evaluate import render_deep, render_deep_typed
from app.model.state import State
from app.service import convert, flows, kept, scope
from app.service.kept import Column
from app.service.masking import Masks
from app.service.runtime import Runtime
from app.service.sealing import sealed, unsealed
from app.service.world import OpenWorld, caller_folder


def world_of(rt: Runtime, execution: Row[Any], masks: Masks | None = None) -> OpenWorld:
    """The world that expressions of an execution see; it knows the secrets of its inputs."""
    place = (execution.namespace, execution.flow_id, execution.id)
    world = OpenWorld(rt, *place, parent=caller_folder(execution), masks=masks)
    scope.hear_secrets(rt, execution, world.masks.add)
    return world


def outputs_of(rt: Runtime, execution: Row[Any], state: State) -> tuple[State, Column]:
    """The rendered and converted outputs; FAILED, with a log line, when they cannot be had.

    Raises Unavailable when a secret or a file cannot be had now: whoever ends it comes back.
    """
    index = flows.index_of(rt, execution)
    names = scope.of_execution(rt, execution, index)
    names["execution"]["state"] = state
    ring = scope.ring_of(rt, execution)
    result: dict[str, Any] = {}
    try:
        for item in index.flow.outputs:
            value = render_deep_typed(item.value, names, world_of(rt, execution))
            value = convert.convert(item.type, value)
            result[item.id] = convert.stored(item.type, value, ring)
        convert.check_size("outputs", result)
    except Unavailable:
        raise
    except (TrunklineError, ValueError, TypeError) as error:
        if state in (State.SUCCESS, State.WARNING):
            _log(rt, execution, f"Failed to render output values: {error}")
            return State.FAILED, None
        return state, None
    return state, kept.keep(rt, kept.folder_of(execution), result)


def _log(rt: Runtime, execution: Row[Any], message: str) -> None:
    line = LogLine(
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        execution_id=execution.id,
        task_id=None,
        task_run_id=None,
        attempt=None,
        seq=None,
        at=rt.clock(),
        level=level_number("ERROR"),
        message=message,
    )
    with rt.database.transaction() as tx:
        logs.add(tx, [line])


@dataclass(frozen=True)
class Given:
    """What a Subflow task gets at the end of its child."""

    outputs: Mapping[str, Any]
    transmits: bool = True  #: whether the child's end is the task's own
    error: str | None = None  #: why the task fails, however the child ended


def for_caller(rt: Runtime, child: Row[Any]) -> Given:
    """The outputs that the waiting Subflow task asks for, and its rendered `transmitFailed`.

    Raises TrunklineError, ValueError or TypeError when they cannot be rendered.
    """
    with rt.database.reading() as tx:
        parent = executions.find(tx, child.caller_id)
        row = steps.placed(tx, child.caller_run)
    result: dict[str, Any] = {"executionId": child.id, "state": child.state}
    if parent is None or row is None:
        return Given(result)
    transmits = True
    masks, ring = Masks(), scope.ring_of(rt, parent)
    given = unsealed(scope.ring_of(rt, child), kept.read(rt, child.outputs), masks.add)
    index = flows.index_of(rt, parent)
    task = index.tasks[row.task_id]
    if isinstance(task, Subflow):
        names = scope.of_execution(rt, parent, index)
        value = task.transmit_failed
        if isinstance(value, str):
            value = render_deep(value, names, world_of(rt, parent)).strip() == "true"
        transmits = bool(value)
        if task.outputs:
            given = _asked_for(rt, child, task.outputs, masks)
    result["outputs"] = sealed(ring, masks, given)
    return Given(result, transmits)


def _asked_for(
    rt: Runtime, child: Row[Any], wanted: Mapping[str, Any], masks: Masks
) -> Mapping[str, Any]:
    """What the deprecated `outputs` of a Subflow task gives, from the child's own scope."""
    names = scope.of_execution(rt, child, flows.index_of(rt, child))
    names["outputs"].on_secret = masks.add
    found: Mapping[str, Any] = render_deep(wanted, names, world_of(rt, child, masks))
    return found
