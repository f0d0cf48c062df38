"""ForEachItem: a file cut into batches, and an execution of another flow for each of them.

It holds three steps: `<id>_split` cuts the file, `<id>_items` starts the executions and waits for
them without a worker, `<id>_merge` joins their outputs.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from pydantic import PrivateAttr, ValidationInfo, model_validator

from app.engine.flowable.base import FlowableTask
from app.engine.flowable.subflow import Subflow
from app.model.property import Dynamic, WireModel
from app.model.state import State
from app.model.task import Task

_NAME = "io.kestra.plugin.core.flow.ForEachItem"
SPLIT, MERGE = f"{_NAME}$ForEachItemSplit", f"{_NAME}$ForEachItemMergeOutputs"


class Batch(WireModel):
    """How a file is cut: by rows, into a number of parts, or by size."""

    rows: Dynamic[int] = 1
    """Rows of a batch."""
    partitions: Dynamic[int] | None = None
    """The number of batches, instead of their size."""
    bytes: Dynamic[str] | None = None
    """As `10MB`; a batch ends with the row that reaches it."""
    separator: Dynamic[str] = "\n"
    """What ends a row."""


class BatchCalls(Subflow):
    """The step that starts an execution for each batch."""

    type_name: ClassVar[str] = f"{_NAME}$ForEachItemExecutable"
    aliases: ClassVar[tuple[str, ...]] = ()


class ForEachItem(FlowableTask):
    """Run a flow once for each batch of rows of a stored file."""

    type_name: ClassVar[str] = _NAME
    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.flows.ForEachItem",)

    items: Dynamic[str]
    """The URI of the file."""
    batch: Batch = Batch()
    """How the file is cut."""
    namespace: Dynamic[str]
    """The namespace of the flow that is run."""
    flow_id: Dynamic[str]
    """Its id."""
    revision: Dynamic[int] | None = None
    """Its revision; the latest if none."""
    inputs: dict[str, Any] | None = None
    """Of each execution; `taskrun.items` is the URI of its batch, `taskrun.iteration` its number
    from 0."""
    labels: dict[str, Any] | list[dict[str, Any]] | None = None
    """Labels of its executions."""
    wait: Dynamic[bool] = True
    """Whether the task ends with the executions, or once they are started."""
    transmit_failed: Dynamic[bool] = True
    """Whether a failed, killed or warned execution decides how the task ends."""
    inherit_labels: Dynamic[bool] = False
    """Whether its executions get the labels of this one."""
    schedule_date: Dynamic[datetime] | None = None
    """When its executions start."""
    restart_behavior: str = "RETRY_FAILED"
    """A restart goes on with the executions that failed; with `NEW_EXECUTION` all start anew."""

    _inner: tuple[Task, ...] = PrivateAttr(())

    @model_validator(mode="after")
    def _make_steps(self, info: ValidationInfo) -> "ForEachItem":
        if info.context is None:
            raise TypeError("a TypeLookup is needed as validation context")
        split: dict[str, Any] = {"type": SPLIT, "id": f"{self.id}_split", "items": self.items}
        split["batch"] = self.batch.model_dump(by_alias=True, exclude_none=True)
        merge = {"type": MERGE, "id": f"{self.id}_merge", "calls": f"{self.id}_items"}
        calls: dict[str, Any] = {"type": BatchCalls.type_name, "id": f"{self.id}_items"}
        for name in Subflow.model_fields.keys() & ForEachItem.model_fields.keys():
            if name not in Task.model_fields:
                calls[name] = getattr(self, name)
        made = [BatchCalls.model_validate(calls, context=info.context)]
        for data in (split, merge):
            found = info.context.find_class(Task, data["type"])
            made.append(found.model_validate(data, context=info.context))
        self._inner = (made[1], made[0], made[2])
        return self

    def main_steps(self, idx: int, outputs: Mapping[str, Any]) -> tuple[Task, ...]:
        """Its three steps."""
        return self._inner

    def branches(self) -> tuple[Task, ...]:
        """Its three steps."""
        return self._inner


def batches_state(counts: Mapping[str, int], *, transmits: bool) -> State:
    """How the waiting step ends, given how many of its executions ended in each state."""
    if transmits:
        if counts.get(State.FAILED) or counts.get(State.CANCELLED):
            return State.FAILED
        for state in (State.KILLED, State.WARNING):
            if counts.get(state):
                return state
    return State.SUCCESS
