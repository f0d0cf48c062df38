"""Shapes of what pages of ours show at a glance, and of what namespaces hand down."""

from datetime import datetime
from typing import Any, Literal

from app.api.shapes import LightExecution, Optional, Shape, TaskRun


class Spread(Shape):
    """Durations in seconds: half took at most p50, 95 of 100 at most p95."""

    count: int
    p50: float | Optional = None
    p95: float | Optional = None


class Durations(Shape):
    """How long executions of a range took, and of the range of the same length before it."""

    current: Spread
    previous: Spread


class ShortRun(Shape):
    """An execution in a strip."""

    id: str
    state: str
    start_date: datetime
    seconds: float | Optional = None


class RunStrip(Shape):
    """The last executions of a flow, the newest first."""

    namespace: str
    flow_id: str
    runs: list[ShortRun]


class NamespaceCounts(Shape):
    """What a namespace holds itself; those below it count for themselves."""

    id: str
    flows: int
    files: int
    keys: int
    secrets: int


class GivenVariable(Shape):
    """A variable with the namespace that gives it."""

    key: str
    value: Any
    namespace: str


class GivenDefault(Shape):
    """A plugin default with the namespace that gives it."""

    value: dict[str, Any]
    namespace: str


class HandedDown(Shape):
    """What flows of a namespace have from it and from those above it."""

    variables: list[GivenVariable]
    plugin_defaults: list[GivenDefault]


class TypeFound(Shape):
    """A type that holds a text, and where: `name`, `title`, `property x`, `example y`."""

    cls: str
    title: str
    kind: str
    deprecated: bool
    found: list[str]


class FlowOrigin(Shape):
    """A flow that Git owns."""

    namespace: str
    id: str
    binding: str
    state: str
    commit: str


class FailingFlow(Shape):
    """A flow whose latest ended execution failed."""

    execution: LightExecution
    since: datetime
    failures: int
    task_id: str | Optional = None
    error: str | Optional = None


class Revision(Shape):
    """When, by whom and from where a revision of a flow came."""

    revision: int
    date: datetime
    deleted: bool
    author: str | Optional = None
    origin: str | Optional = None
    commit: str | Optional = None
    message: str | Optional = None
    url: str | Optional = None


class Waiting(Shape):
    """What an execution waits for; empty while something runs and after its end."""

    cause: Literal["DATE", "SLOT", "WORKER", "PAUSE", "RETRY"] | Optional = None
    since: datetime | Optional = None
    until: datetime | Optional = None
    task_id: str | Optional = None
    queue: str | Optional = None
    served: bool | Optional = None
    queue_paused: bool | Optional = None
    limit: int | Optional = None
    running: int | Optional = None


class QueueDepth(Shape):
    """Messages of a queue in the broker, by priority."""

    normal: int
    background: int


class WorkQueue(Shape):
    """A queue: task runs that wait and run, messages in the broker (null: it was not asked).

    `depthByPriority` is null where the broker tells the sum only, as RabbitMQ does.
    """

    name: str
    waiting: int
    running: int
    oldest_seconds: float
    depth: int | None
    depth_by_priority: QueueDepth | None
    can_be_paused: bool
    begun_per_minute: float
    paused_since: datetime | Optional = None


class ExecutionChanges(Shape):
    """What of an execution changed, and how many task runs it has in each state."""

    execution: LightExecution
    task_runs: list[TaskRun]
    counts: dict[str, int]
