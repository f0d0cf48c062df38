"""The tables of GitOps: sources, bindings, what they own, what was done, who called."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from app.database.schema import metadata
from app.database.types import Moment

git_sources = Table(  # a repository and the ref that is followed
    "git_sources",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("url", Text, nullable=False),
    Column("url_key", Text, nullable=False),
    Column("ref", Text, nullable=False),
    Column("auth", JSON, nullable=False),  # {kind, username, secret: its name, knownHosts}
    Column("poll_interval_s", Integer, nullable=False),
    Column("suspended", Boolean, nullable=False, default=False),
    Column("seen_sha", Text),  # what the remote had at the last look
    Column("applied_sha", Text),  # every binding has it
    Column("next_poll_at", Moment, nullable=False),
    Column("fail_count", Integer, nullable=False, default=0),
    Column("last_error", Text),
    Column("fetched_at", Moment),
    # work that was asked for, and how much of it is done: a request is a number, so it is never
    # lost and a hundred of them are one piece of work
    Column("requested", BigInteger, nullable=False, default=0),
    Column("handled", BigInteger, nullable=False, default=0),
    Column("requested_at", Moment),
    Column("lease_owner", Text),
    Column("lease_until", Moment),
    Column("created_at", Moment, nullable=False),
    Index("ix_git_sources_key", "url_key"),
    Index("ix_git_sources_poll", "next_poll_at"),
)

git_bindings = Table(  # a folder of a source, as a part of the namespaces
    "git_bindings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("source_id", Text, nullable=False),
    Column("path", Text, nullable=False),  # empty: the whole repository
    Column("namespace", Text, nullable=False),  # its root; empty: all
    Column("layout", Text, nullable=False),
    Column("policy", JSON, nullable=False),
    Column("applied_sha", Text),
    Column("sync_state", Text, nullable=False),  # Synced, OutOfSync, Drifted, Conflict, Unknown
    Column("health", Text, nullable=False),  # Healthy, Progressing, Degraded, Suspended, Missing
    Column("problems", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    Index("ix_git_bindings_source", "source_id"),
)

git_resources = Table(  # the inventory: nothing is owned without a row, and by one binding only
    "git_resources",
    metadata,
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("binding_id", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("blob", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("commit", Text, nullable=False),
    PrimaryKeyConstraint("kind", "key"),
    Index("ix_git_resources_binding", "binding_id"),
)

git_syncs = Table(  # the history of a binding, plans that were asked for too
    "git_syncs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("source_id", Text, nullable=False),
    Column("binding_id", Text, nullable=False),
    Column("is_plan", Boolean, nullable=False, default=False),
    Column("status", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("actor", Text),
    Column("from_sha", Text),
    Column("to_sha", Text),
    Column("author", Text),
    Column("message", Text),
    Column("counts", JSON, nullable=False),
    Column("items", JSON, nullable=False),  # what changed, and every problem
    Column("error", Text),
    Column("created_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Index("ix_git_syncs_binding", "binding_id", "created_at"),
    Index("ix_git_syncs_waiting", "source_id", "status"),
)

git_endpoints = Table(  # where Git hosts deliver
    "git_endpoints",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("secrets", JSON, nullable=False),  # sealed; the present one first
    Column("allow_unsigned", Boolean, nullable=False, default=False),
    Column("created_at", Moment, nullable=False),
)

git_deliveries = Table(
    "git_deliveries",
    metadata,
    Column("endpoint_id", Text, nullable=False),
    Column("delivery_id", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("pushes", JSON, nullable=False),
    Column("matched", JSON, nullable=False),  # ids of the sources that it woke
    Column("received_at", Moment, nullable=False),
    PrimaryKeyConstraint("endpoint_id", "delivery_id"),
    Index("ix_git_deliveries_at", "received_at"),
)

git_fires = Table(  # a commit starts a Push trigger once
    "git_fires",
    metadata,
    Column("source_id", Text, nullable=False),
    Column("commit", Text, nullable=False),
    Column("namespace", Text, nullable=False),
    Column("flow_id", Text, nullable=False),
    Column("trigger_id", Text, nullable=False),
    Column("execution_id", Text, nullable=False),
    UniqueConstraint("source_id", "commit", "namespace", "flow_id", "trigger_id"),
)

TABLES = (
    git_sources,
    git_bindings,
    git_resources,
    git_syncs,
    git_endpoints,
    git_deliveries,
    git_fires,
)
