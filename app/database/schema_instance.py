"""The tables of an installation: triggers, namespaces, keys, secrets, workers, users, audit."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from app.database.schema import RowNumber, metadata
from app.database.types import JsonText, MaybeJson, Moment

triggers = Table(  # one row per Schedule, polling or realtime trigger (flow language 7.1)
    "triggers",
    metadata,
    Column("namespace", Text, nullable=False),
    Column("flow_id", Text, nullable=False),
    Column("trigger_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("revision", Integer, nullable=False),  # of the flow that its definition comes from
    Column("next_at", Moment),  # when beat looks at it again; None: never
    Column("put_off_until", Moment),  # it could not be fired: its instant waits until then
    Column("waiting_at", Moment),  # the instant that waits for the lock
    Column("definition", Text),  # a hash of its declaration: an equal one keeps its cursor
    Column("last_at", Moment),  # the last instant that fired; the next one is computed from it
    Column("last_triggered_at", Moment),
    Column("execution_id", Text),  # the execution that locks it
    Column("disabled", Boolean, nullable=False, default=False),
    Column("backfill", MaybeJson),
    Column("watches", Text),  # of a Flow trigger: states that are no end, each between blanks
    Column("memory", MaybeJson),  # what a polling trigger remembers between polls
    Column("evaluated_at", Moment),
    Column("updated_at", Moment, nullable=False),
    PrimaryKeyConstraint("namespace", "flow_id", "trigger_id"),
    Index("ix_triggers_next", "next_at"),
    Index("ix_triggers_put_off", "put_off_until"),
    Index("ix_triggers_type", "type"),
    Index("ix_triggers_execution", "execution_id"),
)

schedule_fires = Table(  # an instant fires once: the key says so (guarantee G7)
    "schedule_fires",
    metadata,
    Column("namespace", Text, nullable=False),
    Column("flow_id", Text, nullable=False),
    Column("trigger_id", Text, nullable=False),
    Column("run", Text, nullable=False),  # empty, or the backfill's id
    Column("fire_at", Moment, nullable=False),
    Column("execution_id", Text),
    PrimaryKeyConstraint("namespace", "flow_id", "trigger_id", "run", "fire_at"),
    Index("ix_schedule_fires_at", "fire_at"),
)

hook_marks = Table(  # what proves a webhook's signed delivery: seen again, it is a replay
    "hook_marks",
    metadata,
    Column("trigger", Text, nullable=False),  # namespace/flow/trigger
    Column("mark", Text, nullable=False),  # a hash of its id, or of its signature
    Column("execution_id", Text, nullable=False),
    Column("received_at", Moment, nullable=False),
    PrimaryKeyConstraint("trigger", "mark"),
    Index("ix_hook_marks_received", "received_at"),
)

trigger_windows = Table(  # conditions of a Flow trigger that were met within a time window
    "trigger_windows",
    metadata,
    Column("namespace", Text, nullable=False),
    Column("flow_id", Text, nullable=False),
    Column("trigger_id", Text, nullable=False),
    Column("group_id", Text, nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("met", JSON, nullable=False),  # condition -> {at, execution, flow, outputs}
    PrimaryKeyConstraint("namespace", "flow_id", "trigger_id", "group_id", "starts_at"),
    Index("ix_trigger_windows_ends", "ends_at"),
)

namespaces = Table(
    "namespaces",
    metadata,
    Column("id", Text, primary_key=True),
    Column("description", Text),
    Column("variables", JSON, nullable=False),
    Column("plugin_defaults", JSON, nullable=False),
    Column("settings", JSON, nullable=False),  # what clients store and we only give back
    Column("is_declared", Boolean, nullable=False, default=False),  # made by a user, not implied
    Column("snapshot", BigInteger, nullable=False, default=0),  # grows with each file change
    Column("updated_at", Moment, nullable=False),
)

namespace_files = Table(  # a file is part of snapshot s when since <= s < until
    "namespace_files",
    metadata,
    Column("n", RowNumber, primary_key=True, autoincrement=True),
    Column("namespace", Text, nullable=False),
    Column("path", Text, nullable=False),  # without a leading slash; folders end with one
    Column("version", Integer, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger),  # None: still there
    Column("uri", Text),  # content-addressed; None for a folder
    Column("sha256", Text),
    Column("size", BigInteger, nullable=False),
    Column("git", MaybeJson),
    Column("created_at", Moment, nullable=False),
    Index("ix_namespace_files_path", "namespace", "path", "since"),
)

kv = Table(
    "kv",
    metadata,
    Column("namespace", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("value", JsonText, nullable=False),
    Column("description", Text),
    Column("version", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("expires_at", Moment),
    PrimaryKeyConstraint("namespace", "key"),
)

secrets = Table(
    "secrets",
    metadata,
    Column("namespace", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("key_id", Text, nullable=False),  # which encryption key
    Column("ciphertext", LargeBinary, nullable=False),
    Column("description", Text),
    Column("tags", JSON, nullable=False),
    Column("updated_at", Moment, nullable=False),
    PrimaryKeyConstraint("namespace", "key"),
)

workers = Table(  # every process of ours that runs: worker, beat, api
    "workers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("queues", JSON, nullable=False),
    Column("version", Text, nullable=False),
    Column("state", Text, nullable=False),  # RUNNING, DRAINING, DRAINED, REFUSED, STOPPED
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("figures", MaybeJson),  # slots, load, memoryBytes, pids
)

drains = Table(  # workers that take no work until somebody says so, restarted or not
    "drains",
    metadata,
    Column("name", Text, primary_key=True),  # worker@host, or a host: all of its workers
    Column("since", Moment, nullable=False),
)

queue_pauses = Table(  # queues of which nothing new begins until somebody says so
    "queue_pauses",
    metadata,
    Column("name", Text, primary_key=True),
    Column("since", Moment, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("id", Text, primary_key=True),
    Column("username", Text, nullable=False, unique=True),
    Column("password_hash", Text),
    Column("kind", Text, nullable=False),  # USER or SERVICE_ACCOUNT
    Column("is_admin", Boolean, nullable=False, default=False),
    Column("roles", JSON, nullable=False),  # [{role, namespace}]
    Column("disabled", Boolean, nullable=False, default=False),
    Column("profile", JSON, nullable=False),
    Column("epoch", Integer, nullable=False, default=0),  # grows to end every session
    Column("created_at", Moment, nullable=False),
)

browser_sessions = Table(  # one row per login until it is logged out or has grown too old
    "browser_sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("epoch", Integer, nullable=False),  # of the account when it was opened
    Column("opened_at", Moment, nullable=False),
    Index("ix_browser_sessions_user", "user_id"),
    Index("ix_browser_sessions_opened", "opened_at"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("prefix", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
    Column("extended", Boolean, nullable=False, default=False),
    Column("scopes", MaybeJson),  # [{role, namespace}] it is limited to; NULL: none
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("used_at", Moment),
    Index("ix_api_tokens_user", "user_id"),
)

roles = Table(  # those that users make; the fixed ones are in `model/access.py`
    "roles",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("description", Text),
    Column("permissions", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
)

groups = Table(
    "groups",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("description", Text),
    Column("created_at", Moment, nullable=False),
)

group_members = Table(
    "group_members",
    metadata,
    Column("group_id", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    PrimaryKeyConstraint("group_id", "user_id"),
    Index("ix_group_members_user", "user_id"),
)

bindings = Table(  # a role for a user or a group, in a namespace and below it
    "bindings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("type", Text, nullable=False),  # USER (people and programs) or GROUP
    Column("subject_id", Text, nullable=False),
    Column("role_id", Text, nullable=False),  # of `roles`, or the name of a fixed one
    Column("namespace", Text, nullable=False),  # empty: everywhere
    Column("created_at", Moment, nullable=False),
    Index("ix_bindings_all", "subject_id", "role_id", "namespace", unique=True),
    Index("ix_bindings_role", "role_id"),
)

audit = Table(
    "audit",
    metadata,
    Column("n", RowNumber, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("address", Text),
    Column("namespace", Text),
    Column("detail", MaybeJson),
    Index("ix_audit_at", "at"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("scope", Text, nullable=False),  # the flow, and who asks
    Column("key", Text, nullable=False),
    Column("body_hash", Text, nullable=False),
    Column("execution_id", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    PrimaryKeyConstraint("scope", "key"),
    Index("ix_idempotency_keys_created", "created_at"),
)

task_caches = Table(  # what a task has stored for its next runs
    "task_caches",
    metadata,
    Column("namespace", Text, nullable=False),
    Column("flow_id", Text, nullable=False),
    Column("task_id", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("folder", Text, nullable=False),  # where its files lie in the storage
    Column("stored_at", Moment, nullable=False),
    Column("used_at", Moment, nullable=False),
    Column("expires_at", Moment),
    PrimaryKeyConstraint("namespace", "flow_id", "task_id", "key"),
    Index("ix_task_caches_expires", "expires_at"),
)

instance_settings = Table(
    "instance_settings",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", JSON, nullable=False),
)
