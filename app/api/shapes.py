"""Shapes of bodies on the wire, for the OpenAPI document (HTTP API 5).

An optional field is left out of an answer when it has no value, never null. Other fields may
stand beside those named here: clients of three generations read one answer.
"""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic.json_schema import SkipJsonSchema

Optional = SkipJsonSchema[None]


class Shape(BaseModel):
    """Base of all shapes: camelCase, open for more fields."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="allow")


class Label(Shape):
    """A label."""

    key: str
    value: str


class IdWithNamespace(Shape):
    """A flow by its name."""

    namespace: str
    id: str


class Problem(Shape):
    """What went wrong."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    message: str


class History(Shape):
    """A state and since when."""

    state: str
    date: datetime


class StateShape(Shape):
    """Where something stands."""

    current: str
    start_date: datetime
    end_date: datetime | Optional = None
    duration: str
    histories: list[History]


class LightExecution(Shape):
    """An execution without its task runs."""

    tenant_id: str
    id: str
    namespace: str
    flow_id: str
    flow_revision: int
    state: StateShape
    labels: list[Label]
    original_id: str
    deleted: bool
    inputs: dict[str, Any] | Optional = None
    outputs: dict[str, Any] | Optional = None
    variables: dict[str, Any] | Optional = None
    trigger: dict[str, Any] | Optional = None
    parent_id: str | Optional = None
    commit: str | Optional = None


class Attempt(Shape):
    """One try at a task run."""

    state: StateShape


class TaskRun(Shape):
    """One task within an execution."""

    id: str
    execution_id: str
    namespace: str
    flow_id: str
    task_id: str
    state: StateShape
    parent_task_run_id: str | Optional = None
    value: str | Optional = None
    iteration: int | Optional = None
    outputs: dict[str, Any] | Optional = None
    attempts: list[Attempt] | Optional = None


class Execution(LightExecution):
    """An execution."""

    task_run_list: list[TaskRun] | Optional = None


class LastExecution(Shape):
    """The last execution of a flow."""

    id: str
    namespace: str
    flow_id: str
    status: str


class Flow(Shape):
    """A flow."""

    id: str
    namespace: str
    revision: int
    disabled: bool
    deleted: bool
    draft: bool
    description: str | Optional = None
    labels: list[Label] | Optional = None
    inputs: list[dict[str, Any]] | Optional = None
    triggers: list[dict[str, Any]] | Optional = None
    updated: datetime | Optional = None


class FlowWithSource(Flow):
    """A flow with its YAML."""

    source: str | Optional = None


class SourceLine(Shape):
    """A line of a source by its number, which begins with 1."""

    line: int
    text: str


class SourceMatch(Shape):
    """A flow whose source holds a text."""

    model: Flow
    fragments: list[str]
    namespace: str
    id: str
    count: int
    lines: list[SourceLine]
    around: list[SourceLine]


class SourceReplace(Shape):
    """What to find in sources, and what to put there."""

    query: str = Field(min_length=1)
    replacement: str
    case_sensitive: bool = False
    whole_word: bool = False
    regex: bool = False


class SourceReplaceFlows(SourceReplace):
    """Find and replace in some flows."""

    flows: list[IdWithNamespace]


class SourceReplaceLine(SourceReplace):
    """Find and replace in one line of a flow."""

    namespace: str = Field(min_length=1)
    id: str = Field(min_length=1)
    line: int = Field(ge=1)
    column: int | Optional = None


class SourceReplacePreview(Shape):
    """What a replacement would change."""

    total_matches: int
    total_flows: int
    editable_flow_count: int
    flows: list[dict[str, Any]]


class SourceReplaced(Shape):
    """What a replacement changed, and what it left alone."""

    updated: list[FlowWithSource]
    skipped: list[IdWithNamespace]


class DeprecatedFlow(Shape):
    """A flow that uses deprecated types."""

    namespace: str
    id: str
    revision: int
    tasks: list[str]


class Violation(Shape):
    """One thing that is wrong with a document, and where it stands."""

    path: str
    message: str
    severity: str | Optional = None
    line: int | Optional = None
    column: int | Optional = None
    end_line: int | Optional = None
    end_column: int | Optional = None
    suggestion: str | Optional = None


class Verdict(Shape):
    """What validating a document found."""

    index: int
    outdated: bool
    namespace: str | Optional = None
    flow: str | Optional = None
    constraints: str | Optional = None
    infos: list[str] | Optional = None
    warnings: list[str] | Optional = None
    deprecation_paths: list[str] | Optional = None
    violations: list[Violation] | Optional = None


class Count(Shape):
    """How many were changed."""

    count: int


class AsyncOperation(Count):
    """How many were changed, and a name for the act."""

    operation_id: str
    total_items: int


class FlowRefused(IdWithNamespace):
    """A flow that an act was not done to, and why."""

    message: str


class FlowsDone(AsyncOperation):
    """How many flows an act was done to, and the others, which are told in `failed`."""

    failed: list[FlowRefused]


class FlowLabels(Shape):
    """Labels for several flows."""

    flows: list[IdWithNamespace]
    labels: list[Label]


class ImportReport(Shape):
    """What an import would do with one flow of a file: CREATE, UPDATE, SAME or REFUSED."""

    name: str
    action: str
    verdict: Verdict


class ConcurrencyLimit(Shape):
    """How many executions of a flow hold a slot."""

    namespace: str
    flow_id: str
    running: int


class GraphEdge(Shape):
    """A line of a picture."""

    source: str
    target: str


class FlowGraph(Shape):
    """The picture of a flow."""

    nodes: list[dict[str, Any]]
    edges: list[GraphEdge]
    clusters: list[dict[str, Any]]
    flowables: list[str]


class FlowTopologyGraph(Shape):
    """Which flows call which."""

    nodes: list[dict[str, Any]]
    edges: list[GraphEdge]


class EvalResult(Shape):
    """A rendered expression, or why it could not be rendered."""

    result: Any | Optional = None
    error: str | Optional = None


class ValidatedInputs(Shape):
    """What each input is worth."""

    id: str
    namespace: str
    inputs: list[dict[str, Any]]


class FileMetas(Shape):
    """The size of a file, in bytes."""

    size: int


class FilePreview(Shape):
    """The first rows of a file."""

    extension: str
    type: str
    content: Any
    truncated: bool


class TaskOutputs(Shape):
    """A task run that has outputs."""

    task_id: str
    task_run_id: str


class LogEntry(Shape):
    """A line of a log."""

    namespace: str
    flow_id: str
    timestamp: datetime
    level: str
    message: str


class LogPage(Shape):
    """A page of lines."""

    results: list[LogEntry]
    total: int
    type: str


class LogWindow(Shape):
    """A window of lines."""

    total: int
    from_: int = Field(alias="from")
    lines: list[LogEntry]


class HistogramBar(Shape):
    """What there is from a moment on until the next bar begins."""

    at: datetime
    counts: dict[str, int]


class Histogram(Shape):
    """Counts by state or level in bars of equal length."""

    start_date: datetime
    end_date: datetime
    step_ms: float
    bars: list[HistogramBar]


def all_shapes() -> list[type[Shape]]:
    """Every shape of the modules that are imported, by name."""
    found: list[type[Shape]] = []
    waiting = list(Shape.__subclasses__())
    while waiting:
        shape = waiting.pop()
        found.append(shape)
        waiting += shape.__subclasses__()
    return sorted(set(found), key=lambda shape: shape.__name__)
