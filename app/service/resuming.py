"""Resuming a Pause with the inputs that its `onResume` asks for."""

from collections.abc import Mapping
from typing import Any

from app.expression.values import instant_text
from app.model.input import flat
from app.service import executions, flows, inputs, kept, operations, reopen
from app.service.inputs import Resolved
from app.service.runtime import Runtime


def resume_with_inputs(
    rt: Runtime, execution_id: str, given: Mapping[str, Any], by: str | None = None
) -> None:
    """`by` is who resumes, if a person does. Conflict unless PAUSED, InvalidInputs."""
    execution, _, task = operations.paused_run(rt, execution_id)
    outputs: dict[str, Any] = {}
    if task is not None:
        flow = flows.index_of(rt, execution).flow
        person = {"by": by} if by else {}
        outputs["resumed"] = {**person, "on": instant_text(rt.clock()), "to": "RUNNING"}
        if task.on_resume:
            outputs["onResume"] = inputs.accept(rt, task.on_resume, given, flow, execution_id)
    operations.resume(rt, execution_id, outputs)


def check_resume(rt: Runtime, execution_id: str, given: Mapping[str, Any]) -> list[Resolved]:
    """What a resume would make of the inputs; nothing is changed. Raises Conflict."""
    execution, _, task = operations.paused_run(rt, execution_id)
    if task is None or not task.on_resume:
        return []
    flow = flows.index_of(rt, execution).flow
    return inputs.resolve(rt, task.on_resume, given, flow, execution_id)


def replay_with_inputs(
    rt: Runtime,
    execution_id: str,
    given: Mapping[str, Any],
    *,
    task_run_id: str | None = None,
    revision: int | None = None,
) -> str:
    """A replay with other inputs; the ones that are not given stay. Raises InvalidInputs."""
    execution = executions.get(rt, execution_id)
    number = revision or execution.revision
    flow = flows.index(rt, execution.namespace, execution.flow_id, number).flow
    declared = {item.id: item for item in flat(flow.inputs)}
    changed = [declared[name] for name in given if name in declared]
    values = dict(kept.read(rt, execution.inputs)) | inputs.accept(
        rt, changed, given, flow, execution_id
    )
    return reopen.replay(
        rt, execution_id, task_run_id=task_run_id, revision=revision, inputs=values
    )
