"""The tables of flows, executions and all that the engine moves (engine rules, table of rows).

Names of columns are the words of the engine rules. `histories` holds one line per state: the state,
a blank and microseconds since the epoch. Other tables: `schema_instance.py`, `schema_git.py`.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from app.database.types import MaybeJson, Moment

metadata = MetaData()
#: SQLite numbers rows only for a plain INTEGER primary key
RowNumber = BigInteger().with_variant(Integer, "sqlite")

flows = Table(  # one row per flow: its latest revision; the row that concurrency locks
    "flows",
    metadata,
    Column("namespace", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("deleted", Boolean, nullable=False, default=False),
    Column("disabled", Boolean, nullable=False, default=False),
    Column("labels", JSON, nullable=False),
    Column("concurrency", MaybeJson),
    Column("search_text", Text, nullable=False),  # lower-case id, namespace, description
    Column("updated_at", Moment, nullable=False),
    PrimaryKeyConstraint("namespace", "id"),
)

flow_revisions = Table(
    "flow_revisions",
    metadata,
    Column("namespace", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("document", JSON, nullable=False),  # the parsed document, plain data
    Column(
        "hash", Text, nullable=False
    ),  # of the document without revision: equal, no new revision
    Column("deleted", Boolean, nullable=False, default=False),
    Column("disabled", Boolean, nullable=False, default=False),
    Column("git", MaybeJson),  # {sourceId, commit, path, blob, author, url} when it came from Git
    Column("author", Text),
    Column("via", Text),  # what it was saved with: UI, API, TERRAFORM; null by the engine
    Column("created_at", Moment, nullable=False),
    PrimaryKeyConstraint("namespace", "id", "revision"),
)

executions = Table(
    "executions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("namespace", Text, nullable=False),
    Column("flow_id", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("gate", Text, nullable=False),
    Column("end_state", Text),  # what a kill, Exit or SLA ends in
    Column("epoch", Integer, nullable=False),  # 1 + restarts
    Column("root", Text, nullable=False),  # the hidden task run that holds the flow's own tasks
    Column("inputs", JSON, nullable=False),
    Column("outputs", MaybeJson),
    Column("labels", JSON, nullable=False),
    Column("variables", JSON, nullable=False),  # SetVariables, over the flow's own
    Column("trigger", MaybeJson),  # {id, type, variables, logFile}
    Column("trigger_id", Text),
    Column("parent_id", Text),  # the execution it was replayed from
    Column("original_id", Text, nullable=False),
    Column("caller_id", Text),  # the execution whose Subflow task started it
    Column("caller_run", Text),  # that task run, and its attempt
    Column("caller_attempt", Integer),
    Column("schedule_date", Moment),
    Column("commit", Text),
    Column("source_id", Text),
    Column("snapshot", BigInteger),  # of its namespace's files
    Column("kind", Text, nullable=False),
    Column("is_background", Boolean, nullable=False, default=False),  # its messages wait longer
    Column("fixtures", MaybeJson),  # of a test: {task id: {state, outputs}} instead of running it
    Column("attempt_number", Integer, nullable=False),
    Column("original_created_at", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("duration_us", BigInteger),  # once ended, for sorting
    Column("histories", Text, nullable=False),
    Column("error", Text),  # why it ended when no task run says it
    Index("ix_executions_flow", "namespace", "flow_id", "created_at"),
    Index("ix_executions_created", "created_at", "id"),
    Index("ix_executions_state", "state", "created_at"),
    Index("ix_executions_original", "original_id"),
    Index("ix_executions_caller", "caller_id"),
    Index("ix_executions_commit", "commit"),
    Index(
        "ix_executions_live",
        "namespace",
        "flow_id",
        "gate",
        "created_at",  # the queue's order
        sqlite_where=text("gate <> 'ENDED'"),
        postgresql_where=text("gate <> 'ENDED'"),
    ),
)

execution_labels = Table(
    "execution_labels",
    metadata,
    Column("execution_id", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("value", Text, nullable=False),
    PrimaryKeyConstraint("execution_id", "key"),
    Index("ix_execution_labels_value", "key", "value"),
)

sequences = Table(
    "sequences",
    metadata,
    Column("id", Text, primary_key=True),
    Column("execution_id", Text, nullable=False),
    Column("scope", Text, nullable=False),  # the task run (or root) that holds it
    Column("block", Text, nullable=False),  # main, errors, finally, after, inside
    Column("idx", Integer, nullable=False),
    Column("cursor", Integer, nullable=False),  # position of the step that runs now
    Column("state", Text, nullable=False),
    Column("worst", Integer, nullable=False),
    Column("waiting", Integer, nullable=False, default=0),  # Dag: dependencies not yet ended
    Column("value", Text),  # the iteration's value
    Column("gone", Boolean, nullable=False, default=False),
    Index(
        "ux_sequences_place",
        "scope",
        "block",
        "idx",
        unique=True,
        sqlite_where=text("gone = 0"),
        postgresql_where=text("not gone"),
    ),
    Index(
        "ix_sequences_ready",
        "scope",
        "idx",
        sqlite_where=text("state = 'CREATED' and waiting = 0"),
        postgresql_where=text("state = 'CREATED' and waiting = 0"),
    ),
    Index("ix_sequences_execution", "execution_id"),
)

task_runs = Table(
    "task_runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("execution_id", Text, nullable=False),
    Column("sequence", Text),  # None for the root
    Column("pos", Integer, nullable=False, default=0),
    Column("task_id", Text, nullable=False),
    Column("parent_id", Text),  # the task run of the enclosing flowable, for the wire
    Column("value", Text),  # its own iteration's value
    Column("iteration", Integer),
    Column("path", JSON, nullable=False),  # values of enclosing iterations, outermost first
    Column("state", Text, nullable=False),
    Column("attempt", Integer, nullable=False),  # only ever grows
    Column("tries", Integer, nullable=False),  # attempts that count for `retry`
    Column("lost", Integer, nullable=False),  # LOST in a row
    Column("refused", Integer),  # how often the engine failed on the row itself
    Column("owner", Text),
    Column("lease_until", Moment),
    Column("queue", Text, nullable=False),
    Column("publish_due", Moment),
    Column("runnable_at", Moment),  # since when it may be claimed; None: since created_at
    Column("incarnation", Text),
    Column("inside", Text),  # the WorkingDirectory that runs it
    Column("gone", Boolean, nullable=False, default=False),
    # flowables and roots:
    Column("phase", Text),  # main, errors, finally, after, done
    Column("total", Integer),
    Column("next", Integer),
    Column("open", Integer),
    Column("worst", Integer),
    Column("result", Integer),
    Column("prepared", Boolean, nullable=False, default=False),  # main sequences exist unbegun
    # what it gave:
    Column("outputs", MaybeJson),
    Column("outputs_uri", Text),  # instead of `outputs` when they are large
    Column("first_start", Moment),  # of the first attempt that counts for `retry`
    Column("created_at", Moment, nullable=False),  # strictly growing within a transaction
    Column("ended_at", Moment),
    Column("histories", Text, nullable=False),
    Index("ix_task_runs_execution", "execution_id", "created_at"),
    Index("ix_task_runs_state", "execution_id", "state"),
    Index(
        "ix_task_runs_task",  # with the order of its readers: a planner prefers it then
        "execution_id",
        "task_id",
        "created_at",
        sqlite_where=text("gone = 0"),
        postgresql_where=text("not gone"),
    ),
    Index(
        "ux_task_runs_place",
        "sequence",
        "pos",
        unique=True,
        sqlite_where=text("gone = 0 and sequence is not null"),
        postgresql_where=text("not gone and sequence is not null"),
    ),
    Index(
        "ix_task_runs_publish",
        "publish_due",
        sqlite_where=text("publish_due is not null"),
        postgresql_where=text("publish_due is not null"),
    ),
    Index(
        "ix_task_runs_lease",
        "lease_until",
        sqlite_where=text("lease_until is not null"),
        postgresql_where=text("lease_until is not null"),
    ),
    Index(
        "ix_task_runs_inside",
        "inside",
        sqlite_where=text("inside is not null"),
        postgresql_where=text("inside is not null"),
    ),
)

attempts = Table(
    "attempts",
    metadata,
    Column("task_run_id", Text, nullable=False),
    Column("n", Integer, nullable=False),
    Column("execution_id", Text, nullable=False),
    Column("owner", Text),
    Column("state", Text, nullable=False),
    Column("reason", Text),  # LOST, DRAIN, TIMEOUT, OOM, KILLED
    Column("histories", Text, nullable=False),
    Column("log_uri", Text),
    PrimaryKeyConstraint("task_run_id", "n"),
    Index("ix_attempts_execution", "execution_id"),
)

iterations = Table(
    "iterations",
    metadata,
    Column("scope", Text, nullable=False),
    Column("idx", Integer, nullable=False),
    Column("value", Text, nullable=False),
    Column("item", Text),  # of a Loop: [value] or [value, key] as JSON; `value` is its number
    PrimaryKeyConstraint("scope", "idx"),
)

timers = Table(
    "timers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("execution_id", Text),
    Column("kind", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("guard", Integer, nullable=False),
    Column("due", Moment, nullable=False),
    Column("data", MaybeJson),
    Column("failures", Integer, nullable=False, default=0),
    UniqueConstraint("kind", "target", "guard"),
    Index("ix_timers_due", "due"),
    Index("ix_timers_execution", "execution_id"),
)

logs = Table(
    "logs",
    metadata,
    Column("n", RowNumber, primary_key=True, autoincrement=True),
    Column("execution_id", Text),
    Column("task_run_id", Text),
    Column("attempt", Integer),
    Column("seq", Integer),
    Column("task_id", Text),
    Column("trigger_id", Text),
    Column("namespace", Text, nullable=False),
    Column("flow_id", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("level", Integer, nullable=False),  # 0 TRACE, 1 DEBUG, 2 INFO, 3 WARN, 4 ERROR
    Column("thread", Text),
    Column("message", Text, nullable=False),
    UniqueConstraint("task_run_id", "attempt", "seq"),
    Index("ix_logs_execution", "execution_id", "n"),  # who follows asks for what is new
    Index("ix_logs_window", "execution_id", "at", "n"),  # a window deep in a long log walks it
    Index("ix_logs_flow", "namespace", "flow_id", "at"),
    Index("ix_logs_at", "at"),
)

metrics = Table(
    "metrics",
    metadata,
    Column("n", RowNumber, primary_key=True, autoincrement=True),
    Column("execution_id", Text, nullable=False),
    Column("task_run_id", Text),
    Column("attempt", Integer),
    Column("task_id", Text),
    Column("namespace", Text, nullable=False),
    Column("flow_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("value", Float, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_metrics_execution", "execution_id"),
    Index("ix_metrics_flow", "namespace", "flow_id", "name", "at"),
)
