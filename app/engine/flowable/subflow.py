"""Subflow: an execution of another flow, waited for without a worker."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from app.model.property import Dynamic
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
    flow_id: Dynamic[str]
    revision: Dynamic[int] | None = None
    inputs: dict[str, Any] | None = None
    labels: dict[str, Any] | list[dict[str, Any]] | None = None
    wait: Dynamic[bool] = True
    transmit_failed: Dynamic[bool] = True
    inherit_labels: Dynamic[bool] = False
    schedule_date: Dynamic[datetime] | None = None
    outputs: dict[str, Any] | None = None
    restart_behavior: str = "RETRY_FAILED"


def caller_state(child: State, options: Mapping[str, Any]) -> State:
    """How the waiting task run ends, given its child's end and its own rendered properties."""
    if not options.get("transmitFailed", True) or severity(child) is Severity.SUCCESS:
        return State.SUCCESS
    return State.FAILED if child is State.CANCELLED else child
