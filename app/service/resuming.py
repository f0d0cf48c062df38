"""Resuming a Pause with the inputs that its `onResume` asks for."""

from collections.abc import Mapping
from typing import Any

from app.expression.values import instant_text
from app.service import flows, inputs, operations
from app.service.runtime import Runtime


def resume_with_inputs(rt: Runtime, execution_id: str, given: Mapping[str, Any]) -> None:
    """Raises Conflict unless PAUSED, InvalidInputs for what does not fit."""
    execution, _, task = operations.paused_run(rt, execution_id)
    outputs: dict[str, Any] = {}
    if task is not None:
        flow = flows.index_of(rt, execution).flow
        outputs["resumed"] = {"on": instant_text(rt.clock()), "to": "RUNNING"}
        if task.on_resume:
            outputs["onResume"] = inputs.accept(rt, task.on_resume, given, flow, execution_id)
    operations.resume(rt, execution_id, outputs)
