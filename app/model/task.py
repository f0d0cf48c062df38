"""What every task of a flow has in common, and how a document's `type` finds its class.

A flow holds tasks of many types. The field type `AnyTask` looks a document's `type` up through the
`TypeLookup` given as pydantic validation context, so this room knows no registry. The same holds
for triggers, conditions and task runners (`AnyTrigger`, `AnyCondition`, `AnyTaskRunner`).
"""

from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, Protocol, TypeVar

from pydantic import (
    AliasChoices,
    Field,
    SerializeAsAny,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    WrapValidator,
)

from app.model.property import Duration, Dynamic, WireModel
from app.model.retry import Retry
from app.model.state import State

ID_PATTERN = r"^[a-zA-Z0-9][a-zA-Z0-9_-]*$"


class TypeLookup(Protocol):
    """Finds the class that a `type` names; raises ValueError (`Invalid type: x`) for none."""

    def find_class(self, kind: type["Typed"], type_name: str) -> type["Typed"]:
        """The subclass of `kind` that `type_name` or one of its aliases names."""
        ...


class Typed(WireModel):
    """Anything that a document names by its `type`; a plug-in is a subclass with `type_name`."""

    type_name: ClassVar[str] = ""  #: the full name, e.g. `io.kestra.plugin.core.log.Log`
    aliases: ClassVar[tuple[str, ...]] = ()  #: older names that mean the same
    is_deprecated: ClassVar[bool] = False
    notice: ClassVar[str] = ""  #: a warning for every document that uses it

    type: str


class LogLevel(StrEnum):
    """How much a line of a log matters."""

    TRACE = "TRACE"
    DEBUG = "DEBUG"
    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"


class Fallback(StrEnum):
    """What happens to a task while no live worker may take it."""

    WAIT = "WAIT"  #: it waits for one
    FAIL = "FAIL"
    CANCEL = "CANCEL"
    IGNORE = "IGNORE"  #: any worker of its queue takes it


class Match(StrEnum):
    """How many of its tags a selector asks for."""

    ALL = "ALL"
    ANY = "ANY"


_Group = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_-]*$", max_length=100)]


class WorkerGroup(WireModel):
    """Routes a task to the workers that serve `<queue>.<key>`."""

    key: _Group
    """The name of the group."""
    fallback: Literal[Fallback.WAIT, Fallback.FAIL, Fallback.CANCEL] = Fallback.WAIT
    """What happens to the task while no worker of the group is alive."""


class WorkerSelector(WireModel):
    """Routes a task to workers by their tags (2.x)."""

    tags: tuple[_Group, ...] = Field(min_length=1, max_length=10)
    """Tags that workers were started with."""
    match: Match = Match.ALL
    """Whether a worker needs all of the tags, or any one."""
    fallback: Fallback = Fallback.FAIL
    """What happens to the task while no such worker is alive."""


class TaskCache(WireModel):
    """Whether outputs of an earlier run of a task stand in for a run of it."""

    enabled: bool = True
    """False: every run does its work."""
    ttl: Duration | None = None
    """How long outputs are good for; for ever if none."""


class Task(Typed):
    """A step of a flow: the properties that each of them has (flow language 3.1)."""

    id: str = Field(pattern=ID_PATTERN, min_length=1, max_length=256)
    """Its name, once in the flow."""
    description: str | None = None
    """Markdown."""
    version: str | None = None
    """Accepted and ignored."""
    retry: Retry | None = None
    """When a failed attempt is tried again."""
    timeout: Dynamic[Duration] | None = None
    """Limit of one attempt."""
    disabled: bool = False
    """The task is left out, as if it were not written."""
    run_if: Dynamic[str] | bool = Field(
        "true", validation_alias=AliasChoices("runIf", "when", "run_if")
    )
    """Rendered when the task is about to start; falsy: the task is SKIPPED."""
    allow_failure: bool = False
    """A final FAILED counts as WARNING and the flow goes on."""
    allow_warning: bool = False
    """A final WARNING counts as SUCCESS."""
    log_level: LogLevel | None = None
    """The least level of log lines that are kept."""
    log_to_file: bool = False
    """Whether logs go to a file of the storage."""
    worker_group: WorkerGroup | None = None
    """Sends it to the workers of a group."""
    worker_selector: WorkerSelector | None = None
    """Sends it to workers by their tags."""
    task_cache: TaskCache | None = None
    """Outputs of an earlier run with the same rendered properties stand in for those of this."""
    assets: dict[str, Any] | list[Any] | None = None
    """Accepted and ignored."""
    meta: dict[str, Any] | None = None
    """Accepted and ignored."""

    def children(self) -> "tuple[Task, ...]":
        """Every task nested directly in this one, error and finally blocks included."""
        return ()


class Condition(Typed):
    """A question about an execution or a date that a trigger asks before it fires."""


class TaskRunner(Typed):
    """Where the commands of a script task run."""


class AbstractTrigger(Typed):
    """What starts executions of its flow: the properties that each trigger has (7.1)."""

    id: str = Field(pattern=ID_PATTERN, min_length=1, max_length=256)
    """Its name, once among the triggers of the flow."""
    description: str | None = None
    """Markdown."""
    conditions: "tuple[AnyCondition, ...] | None" = None
    """All of them must hold."""
    when: Dynamic[str] | None = None
    """An expression that must hold."""
    disabled: bool = False
    """Whether it starts nothing."""
    labels: dict[str, Any] | list[dict[str, Any]] | None = None
    """Added to its executions."""
    inputs: dict[str, Any] | None = None
    """Given to its executions."""
    stop_after: tuple[State, ...] = ()
    """States of its executions that disable it."""
    log_level: LogLevel | None = Field(
        None, validation_alias=AliasChoices("logLevel", "minLogLevel", "log_level")
    )
    """The least level of log lines that are kept."""
    log_to_file: bool = False
    """Whether logs go to a file of the storage."""
    worker_group: WorkerGroup | None = None
    """Workers that evaluate it."""
    worker_selector: WorkerSelector | None = None
    """Workers by their tags."""
    allow_concurrent: bool = False
    """A new execution may start while the last one of this trigger still runs."""
    fail_on_trigger_error: bool = False
    """A failed execution stands for a failed evaluation."""
    version: str | None = None
    """Accepted and ignored."""
    assets: dict[str, Any] | list[Any] | None = None
    """Accepted and ignored."""


K = TypeVar("K", bound=Typed)


def _by_type(kind: type[Typed]) -> WrapValidator:
    """A validator that turns a mapping into the class its `type` names."""

    def validate(value: Any, follow: Any, info: ValidationInfo) -> Any:
        if isinstance(value, kind):
            return value
        if not isinstance(value, dict):
            return follow(value)
        name = value.get("type")
        if not isinstance(name, str) or not name:
            raise ValueError("`type` must not be null")
        lookup: TypeLookup | None = info.context
        if lookup is None:
            raise TypeError("a TypeLookup is needed as validation context")
        return lookup.find_class(kind, name).model_validate(value, context=info.context)

    return WrapValidator(validate)


def _schema(kind: type[Typed]) -> WithJsonSchema:
    """A place that `app/plugin/schema.py` fills with every type of the kind."""
    return WithJsonSchema({"$typed": kind.__name__})


AnyTask = Annotated[SerializeAsAny[Task], _by_type(Task), _schema(Task)]
AnyTrigger = Annotated[
    SerializeAsAny[AbstractTrigger], _by_type(AbstractTrigger), _schema(AbstractTrigger)
]
AnyCondition = Annotated[SerializeAsAny[Condition], _by_type(Condition), _schema(Condition)]
AnyTaskRunner = Annotated[SerializeAsAny[TaskRunner], _by_type(TaskRunner), _schema(TaskRunner)]
AbstractTrigger.model_rebuild()
