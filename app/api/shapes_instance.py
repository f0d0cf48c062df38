"""Shapes of triggers, keys, namespaces, files, the catalogue and the installation."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from app.api.shapes import IdWithNamespace, Label, Optional, Shape
from app.trigger.backfill import MOST_AT_ONCE, Order


class TriggerId(Shape):
    """A trigger by its name."""

    namespace: str
    flow_id: str
    trigger_id: str


class TriggerState(TriggerId):
    """The state of a trigger."""

    disabled: bool | Optional = None
    locked: bool | Optional = None
    next_execution_date: datetime | Optional = None
    last_triggered_date: datetime | Optional = None
    execution_id: str | Optional = None
    put_off_until: datetime | Optional = None
    last_execution_id: str | Optional = None
    last_execution_state: str | Optional = None
    backfill: dict[str, Any] | Optional = None


class TriggerAndState(Shape):
    """A trigger and its state."""

    trigger: dict[str, Any]
    state: TriggerState


class DisableTrigger(TriggerId):
    """A trigger to switch."""

    disabled: bool


class SetDisabled(Shape):
    """Triggers to switch."""

    triggers: list[TriggerId]
    disabled: bool


class BackfillRange(Shape):
    """A time in the past, and the order of its dates."""

    start: datetime
    end: datetime | Optional = None
    order: Order | Optional = None  #: the oldest first without one


class Backfill(BackfillRange):
    """What a backfill runs, and how."""

    concurrency_limit: Annotated[int, Field(ge=1, le=MOST_AT_ONCE)] | Optional = None
    inputs: dict[str, Any] | Optional = None
    labels: list[Label] | Optional = None


class BackfillPreview(Shape):
    """The instants that a backfill would run."""

    count: int
    instants: list[datetime]
    last: list[datetime]
    is_cut: bool


class CreateBackfill(TriggerId):
    """A backfill of a trigger."""

    backfill: Backfill


class StateRequest(Shape):
    """A task run's new state."""

    task_run_id: str
    state: str


class SetLabelsByIds(Shape):
    """Labels for executions."""

    executions_id: list[str]
    execution_labels: list[Label]


class KVEntry(Shape):
    """A key."""

    namespace: str
    key: str
    type: str | Optional = None
    version: int | Optional = None
    preview: str | Optional = None
    description: str | Optional = None
    update_date: datetime | Optional = None
    expiration_date: datetime | Optional = None


class KVDetail(Shape):
    """A value with its type."""

    type: str
    value: Any


class KeyList(Shape):
    """Keys."""

    keys: list[str]


class Namespace(Shape):
    """A namespace."""

    id: str
    disabled: bool | Optional = None
    description: str | Optional = None
    variables: dict[str, Any] | Optional = None
    plugin_defaults: list[Any] | Optional = None


class FileAttributes(Shape):
    """A file or folder of a namespace; times are in milliseconds since 1970."""

    file_name: str
    type: Literal["File", "Directory"]
    size: int
    last_modified_time: int
    creation_time: int


class FileRevision(Shape):
    """A version of a file."""

    revision: int


class Autocomplete(Shape):
    """What to complete."""

    q: str | Optional = None
    ids: list[str] | Optional = None


class SecretMeta(Shape):
    """A secret without its value."""

    key: str | Optional = None
    description: str | Optional = None
    tags: list[Label] | Optional = None


class SecretValue(Shape):
    """A secret with its value."""

    key: str
    value: str


class SecretList(Shape):
    """A page of secrets."""

    read_only: bool
    results: list[SecretMeta]
    total: int


class Plugin(Shape):
    """A group of types."""

    name: str
    group: str


class Documentation(Shape):
    """The documentation of a type."""

    markdown: str | None = None
    schema_: dict[str, Any] = Field(alias="schema")


class MetricEntry(Shape):
    """A metric."""

    namespace: str
    flow_id: str
    type: str
    name: str
    value: float
    timestamp: datetime


class MetricAggregations(Shape):
    """A metric in buckets of time."""

    group_by: str
    aggregations: list[dict[str, Any]]


class StatisticsQuestion(Shape):
    """What to count."""

    namespace: str | Optional = None
    flow_id: str | Optional = None
    start_date: datetime | Optional = None
    end_date: datetime | Optional = None
    group_by: str | Optional = None


class FlowList(Shape):
    """Flows by their names."""

    flows: list[IdWithNamespace] | Optional = None


class RunGrid(Shape):
    """The last executions of a flow: rows are tasks, columns are executions."""

    tasks: list[dict[str, Any]]
    runs: list[dict[str, Any]]
    states: list[list[str]]
    counts: list[list[int]]


class RenderRequest(Shape):
    """Expressions to render, against an execution or a flow's source."""

    expressions: dict[str, str] | list[str]
    execution_id: str | Optional = None
    task_run_id: str | Optional = None
    flow: str | Optional = None
    inputs: dict[str, Any] | Optional = None


class Dashboard(Shape):
    """A dashboard."""

    id: str
    title: str


class ChartRequest(Shape):
    """What narrows the data of a chart."""

    filters: list[dict[str, Any]] | Optional = None
    page_size: int | Optional = None
    page_number: int | Optional = None


class ChartPreview(Shape):
    """A chart that is not saved, as YAML, and what narrows its data."""

    chart: str
    global_filter: ChartRequest | Optional = None


class Blueprint(Shape):
    """A ready-made flow."""

    id: str
    title: str
    tags: list[str]


class Configuration(Shape):
    """What clients ask first."""

    uuid: str
    version: str
    edition: str
    is_custom_dashboards_enabled: bool
    is_anonymous_usage_enabled: bool
    is_ui_anonymous_usage_enabled: bool
    is_basic_auth_initialized: bool
    is_ai_enabled: bool
    system_namespace: str
    hidden_labels_prefixes: list[str]
    max_upload_bytes: int
    url: str | Optional = None
    flower_url: str | Optional = None
    environment: dict[str, str] | Optional = None


class SignOn(Shape):
    """A way to come in by another service."""

    id: str
    name: str
    url: str


class LoginConfiguration(Shape):
    """What the login page has to offer."""

    is_basic_auth_initialized: bool
    sso: list[SignOn] | Optional = None


class Template(Shape):
    """An expression, and what it sees."""

    template: str
    context: dict[str, Any] | Optional = None


class Rendered(Shape):
    """What an expression came to."""

    result: str


class FunctionName(Shape):
    """A function of expressions and the names of its arguments."""

    name: str
    arguments: list[str]


class Origin(Shape):
    """Where a flow or a file comes from; only its name and `managed: false` where none owns it."""

    kind: str
    key: str
    managed: bool
    binding: str | Optional = None
    url: str | Optional = None
    ref: str | Optional = None
    ref_kind: str | Optional = None
    path: str | Optional = None
    commit: str | Optional = None
    author: str | Optional = None
    subject: str | Optional = None
    state: str | Optional = None
    edit_mode: str | Optional = None
    direct_commit: bool | Optional = None
    signed: bool | Optional = None
    suspended: bool | Optional = None
    web_url: str | Optional = None


class Credentials(Shape):
    """A first user."""

    username: str
    password: str


class LoggerLevel(Shape):
    """A level of a logger."""

    configured_level: str


class Tenant(Shape):
    """The tenant of an installation."""

    id: str
    name: str
    deleted: bool


class WorkerJob(Shape):
    """A task run that a worker holds; `worker` is `name@host`."""

    task_run_id: str
    task_id: str
    execution_id: str
    namespace: str
    flow_id: str
    queue: str
    attempt: int
    worker: str | Optional = None
    created_at: datetime
