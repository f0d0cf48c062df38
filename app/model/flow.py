"""A flow: one YAML document, compiled. Saved changes of it are its revisions (flow language 1)."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from pydantic import AliasChoices, Field

from app.model.input import Input, Output
from app.model.label import Labels
from app.model.property import DEPRECATED, Duration, Dynamic, WireModel
from app.model.retry import Retry
from app.model.task import AnyCondition, AnyTask, AnyTrigger, Task, WorkerGroup

FLOW_ID_PATTERN = r"^[a-zA-Z0-9][a-zA-Z0-9._-]*$"
NAMESPACE_PATTERN = r"^[a-z0-9][a-z0-9._-]*$"


class ConcurrencyBehavior(StrEnum):
    """What happens to an execution beyond the limit."""

    QUEUE = "QUEUE"
    CANCEL = "CANCEL"
    FAIL = "FAIL"


class Concurrency(WireModel):
    """How many executions of the flow may run at once (4.8)."""

    limit: int = Field(gt=0)
    behavior: ConcurrencyBehavior = ConcurrencyBehavior.QUEUE


class PluginDefault(WireModel):
    """Values that every task, trigger, condition or runner of a type gets (10.5)."""

    type: str | None = None
    forced: bool = False
    values: dict[str, Any] | None = None


class SlaBehavior(StrEnum):
    """What a violated SLA does."""

    FAIL = "FAIL"
    CANCEL = "CANCEL"
    NONE = "NONE"


class Sla(WireModel):
    """A promise about an execution (4.9): its longest duration, or an expression that must hold."""

    id: str
    type: str
    behavior: SlaBehavior
    labels: Labels | None = None
    duration: Duration | None = None
    assert_: str | None = Field(None, alias="assert")


class Check(WireModel):
    """A condition on the inputs of an execution, asked before it is created (4.10)."""

    condition: Dynamic[str] = Field(validation_alias=AliasChoices("condition", "when"))
    message: str = ""
    style: str = "INFO"
    behavior: str = "BLOCK_EXECUTION"


class Listener(WireModel):
    """Tasks for after the end of an execution, if its conditions hold (deprecated)."""

    description: str | None = None
    conditions: tuple[AnyCondition, ...] | None = None
    tasks: tuple[AnyTask, ...] = Field(min_length=1)


class Flow(WireModel):
    """A flow as its tasks see it; `tasks` run one after the other.

    Immutable by (namespace, id, revision), so it may be cached for ever under that key.
    """

    id: str = Field(pattern=FLOW_ID_PATTERN, min_length=1, max_length=100)
    namespace: str = Field(pattern=NAMESPACE_PATTERN, min_length=1, max_length=150)
    revision: int | None = Field(None, ge=1)
    tenant_id: str | None = None
    description: str | None = None
    labels: Labels | None = None
    inputs: tuple[Input, ...] = ()
    outputs: tuple[Output, ...] = ()
    variables: dict[str, Any] | None = None
    tasks: tuple[AnyTask, ...] = Field(min_length=1)
    errors: tuple[AnyTask, ...] = ()
    finally_: tuple[AnyTask, ...] = Field((), alias="finally")
    after_execution: tuple[AnyTask, ...] = ()
    triggers: tuple[AnyTrigger, ...] = ()
    plugin_defaults: tuple[PluginDefault, ...] = Field(
        (), validation_alias=AliasChoices("pluginDefaults", "taskDefaults", "plugin_defaults")
    )
    concurrency: Concurrency | None = None
    retry: Retry | None = None
    sla: tuple[Sla, ...] = ()
    checks: tuple[Check, ...] = ()
    disabled: bool = False
    deleted: bool = False
    draft: bool = False
    worker_group: WorkerGroup | None = None
    worker_selector: dict[str, Any] | None = None
    listeners: tuple[Listener, ...] = Field((), json_schema_extra=DEPRECATED)
    policy_refs: Any = None
    extend: Any = None

    def all_tasks(self) -> Iterator[Task]:
        """Every task at any depth, error, finally and after blocks included."""
        stack: list[Task] = [*self.tasks, *self.errors, *self.finally_, *self.after_execution]
        stack += [task for listener in self.listeners for task in listener.tasks]
        while stack:
            task = stack.pop(0)
            yield task
            stack = [*task.children(), *stack]

    def find_task(self, task_id: str) -> Task | None:
        """The task with this id at any depth; None when there is none."""
        return next((task for task in self.all_tasks() if task.id == task_id), None)
