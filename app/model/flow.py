"""A flow: one YAML document, compiled. Saved changes of it are its revisions (flow language 1)."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from pydantic import AliasChoices, Field, model_validator

from app.model.input import Input, Output
from app.model.label import Labels
from app.model.namespace import LONGEST_NAMESPACE, NAMESPACE_PATTERN
from app.model.property import DEPRECATED, Duration, Dynamic, WireModel
from app.model.retry import Retry
from app.model.task import AnyCondition, AnyTask, AnyTrigger, Task, WorkerGroup, WorkerSelector

FLOW_ID_PATTERN = r"^[a-zA-Z0-9][a-zA-Z0-9._-]*$"


class ConcurrencyBehavior(StrEnum):
    """What happens to an execution beyond the limit."""

    QUEUE = "QUEUE"
    CANCEL = "CANCEL"
    FAIL = "FAIL"


class Concurrency(WireModel):
    """How many executions of the flow may run at once (4.8)."""

    limit: int = Field(gt=0)
    """Executions that may run at once."""
    behavior: ConcurrencyBehavior = ConcurrencyBehavior.QUEUE
    """What happens to one beyond the limit."""


class PluginDefault(WireModel):
    """Values that every task, trigger, condition or runner of a type gets (10.5)."""

    type: str | None = None
    """A type, or the beginning of the names of several."""
    forced: bool = False
    """Whether the values win over those of the task."""
    values: dict[str, Any] | None = None
    """Properties and their values."""


class SlaBehavior(StrEnum):
    """What a violated SLA does."""

    FAIL = "FAIL"
    CANCEL = "CANCEL"
    NONE = "NONE"


class SlaType(StrEnum):
    """What an SLA promises."""

    MAX_DURATION = "MAX_DURATION"
    EXECUTION_ASSERTION = "EXECUTION_ASSERTION"


class Sla(WireModel):
    """A promise about an execution (4.9): its longest duration, or an expression that must hold."""

    id: str
    """Its name."""
    type: SlaType
    """What is promised: a longest duration, or that an expression holds."""
    behavior: SlaBehavior
    """What a violation does."""
    labels: Labels | None = None
    """Added to the execution that violates it."""
    duration: Duration | None = None
    """For MAX_DURATION: the longest time."""
    assert_: str | None = Field(None, alias="assert")
    """For EXECUTION_ASSERTION: an expression that must hold."""

    @model_validator(mode="after")
    def _complete(self) -> "Sla":
        wanted = {
            SlaType.MAX_DURATION: ("duration", self.duration),
            SlaType.EXECUTION_ASSERTION: ("assert", self.assert_),
        }
        name, value = wanted[self.type]
        if value is None:
            raise ValueError(f"`{name}` must not be null for {self.type}")
        return self


class CheckStyle(StrEnum):
    """How the message of a check looks."""

    ERROR = "ERROR"
    SUCCESS = "SUCCESS"
    WARNING = "WARNING"
    INFO = "INFO"


class CheckBehavior(StrEnum):
    """What follows when a check does not hold."""

    BLOCK_EXECUTION = "BLOCK_EXECUTION"
    FAIL_EXECUTION = "FAIL_EXECUTION"
    CREATE_EXECUTION = "CREATE_EXECUTION"


class Check(WireModel):
    """A condition on the inputs of an execution, asked before it is created (4.10)."""

    condition: Dynamic[str] | bool = Field(validation_alias=AliasChoices("condition", "when"))
    """An expression over the inputs that must hold."""
    message: str
    """Shown when it does not."""
    style: CheckStyle = CheckStyle.INFO
    """How the message looks; it has no other effect."""
    behavior: CheckBehavior = CheckBehavior.BLOCK_EXECUTION
    """Whether the start is refused, the execution FAILED from its start, or made as usual."""


class Listener(WireModel):
    """Tasks for after the end of an execution, if its conditions hold (deprecated)."""

    description: str | None = None
    """Markdown."""
    conditions: tuple[AnyCondition, ...] | None = None
    """All of them must hold for the execution that has ended."""
    tasks: tuple[AnyTask, ...] = Field(min_length=1)
    """Run one after the other."""


class Flow(WireModel):
    """A flow as its tasks see it; `tasks` run one after the other.

    Immutable by (namespace, id, revision), so it may be cached for ever under that key.
    """

    id: str = Field(pattern=FLOW_ID_PATTERN, min_length=1, max_length=100)
    """Its name within the namespace; never changes."""
    namespace: str = Field(pattern=NAMESPACE_PATTERN, min_length=1, max_length=LONGEST_NAMESPACE)
    """Where it belongs, levels separated by dots; never changes."""
    revision: int | None = Field(None, ge=1)
    """Counted by the server."""
    tenant_id: str | None = None
    """Always `main`."""
    description: str | None = None
    """Markdown."""
    labels: Labels | None = None
    """Texts that its executions carry."""
    inputs: tuple[Input, ...] = ()
    """What an execution asks for."""
    outputs: tuple[Output, ...] = ()
    """What an execution gives at its end."""
    variables: dict[str, Any] | None = None
    """`vars` in expressions; not rendered by themselves."""
    tasks: tuple[AnyTask, ...] = Field(min_length=1)
    """Run one after the other."""
    errors: tuple[AnyTask, ...] = ()
    """Run when a task failed and will not be tried again."""
    finally_: tuple[AnyTask, ...] = Field((), alias="finally")
    """Run after `tasks` and `errors` whatever their end."""
    after_execution: tuple[AnyTask, ...] = ()
    """Run once the execution has its final state."""
    triggers: tuple[AnyTrigger, ...] = ()
    """What starts executions."""
    plugin_defaults: tuple[PluginDefault, ...] = Field(
        (), validation_alias=AliasChoices("pluginDefaults", "taskDefaults", "plugin_defaults")
    )
    """Values for all tasks of a type."""
    concurrency: Concurrency | None = None
    """How many executions run at once."""
    retry: Retry | None = None
    """For each task without a retry of its own."""
    sla: tuple[Sla, ...] = ()
    """Promises about executions."""
    checks: tuple[Check, ...] = ()
    """Asked of the inputs before an execution is made."""
    disabled: bool = False
    """Whether nothing may start it."""
    deleted: bool = False
    """Set by the server."""
    draft: bool = False
    """Saved, not yet to be run."""
    worker_group: WorkerGroup | None = Field(None, json_schema_extra=DEPRECATED)
    """Workers for all of its tasks."""
    worker_selector: WorkerSelector | None = None
    """Workers by their tags."""
    listeners: tuple[Listener, ...] = Field((), json_schema_extra=DEPRECATED)
    """Older form of `afterExecution`."""
    policy_refs: Any = None
    """Accepted and ignored."""
    extend: Any = None
    """Metadata of catalogues, ignored."""

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
