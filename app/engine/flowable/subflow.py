"""Subflow: an execution of another flow, waited for without a worker."""

from datetime import datetime
from typing import Any, ClassVar

from pydantic import Field

from app.model.property import DEPRECATED, Dynamic
from app.model.state import Severity, State, severity
from app.model.task import Task


class Subflow(Task):
    """Start an execution of another flow and, unless `wait` is false, wait for its end."""

    type_name: ClassVar[str] = "io.kestra.plugin.core.flow.Subflow"
    aliases: ClassVar[tuple[str, ...]] = (
        "io.kestra.core.tasks.flows.Subflow",
        "io.kestra.core.tasks.flows.Flow",
        "io.kestra.plugin.core.flow.Flow",
    )

    namespace: Dynamic[str]
    """The namespace of the flow that is run."""
    flow_id: Dynamic[str]
    """Its id."""
    revision: Dynamic[int] | None = None
    """Its revision; the latest if none."""
    inputs: dict[str, Any] | None = None
    """Its inputs."""
    labels: dict[str, Any] | list[dict[str, Any]] | None = None
    """Labels of its execution."""
    wait: Dynamic[bool] = True
    """Whether the task ends with the execution, or once it is started."""
    transmit_failed: Dynamic[bool] = True
    """Whether the execution's failure, kill or warning is the task's own."""
    inherit_labels: Dynamic[bool] = False
    """Whether the execution gets the labels of this one."""
    schedule_date: Dynamic[datetime] | None = None
    """When the execution starts."""
    outputs: dict[str, Any] | None = Field(None, json_schema_extra=DEPRECATED)
    """Rendered at the end, with the variables of the flow that was run; flow outputs do better."""
    restart_behavior: str = "RETRY_FAILED"
    """A restart goes on with the execution that failed; `NEW_EXECUTION` starts another."""


def caller_state(child: State, *, transmits: bool) -> State:
    """How the waiting task run ends, given its child's end and its own `transmitFailed`."""
    if not transmits or severity(child) is Severity.SUCCESS:
        return State.SUCCESS
    return State.FAILED if child is State.CANCELLED else child
