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
    false,
)

from app.database.schema import metadata
from app.database.types import MaybeJson, Moment

git_sources = Table(  # a repository and the ref that is followed
    "git_sources",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("url", Text, nullable=False),
    Column("url_key", Text, nullable=False),
    Column("ref", Text, nullable=False),
    Column("ref_kind", Text, nullable=False),  # auto, branch, tag, semver, commit
    Column("connection", Text),  # name of the connection; `auth` wins where it says something
    Column("auth", JSON, nullable=False),  # {kind, username, secret: its name, knownHosts}
    Column("verify", JSON, nullable=False),  # {policy, gpg, ssh}: what must be signed, by whom
    Column("conditions", JSON, nullable=False),  # Fetched, Verified
    Column("poll_interval_s", Integer, nullable=False),
    Column("lfs", Boolean, nullable=False, server_default=false()),  # fetch what pointers mean
    Column("suspended", Boolean, nullable=False, default=False),
    Column("seen_sha", Text),  # what the remote had at the last look
    Column("seen_at", Moment),  # when it was first heard of, by its push or by a look
    Column("pushed_at", Moment),  # the first push that no look has answered yet
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
    Column("name", Text, nullable=False, unique=True),
    Column("policy", JSON, nullable=False),
    Column("suspended", Boolean, nullable=False, default=False),
    Column("desired_sha", Text),  # what it should be at: the source's commit, or the pin
    Column("applied_sha", Text),
    Column("behind", Integer),  # commits from the applied one to the desired one; none: unknown
    Column("fired_sha", Text),  # the newest applied commit whose push triggers were started
    Column("pin", MaybeJson),  # {sha, until, by, at, reason}
    Column("taken", JSON, nullable=False),  # keys for which somebody decided that Git wins
    Column("preview", MaybeJson),  # of a pull request: {pull, expiresAt}
    Column("config_digest", Text),  # of what maps files to resources; another one: all is read
    Column("compare_at", Moment, nullable=False),  # when it is compared as a whole again
    Column("fail_count", Integer, nullable=False, server_default="0"),
    Column("heal_count", Integer, nullable=False, default=0),  # of drift, without a rest between
    Column("synced_at", Moment),
    Column("conditions", JSON, nullable=False),  # Valid, Applied
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
    Column("revision", Integer),  # of the flow
    Column("state", Text, nullable=False),  # Synced, Drifted, Conflict
    Column("seen", MaybeJson),  # [live, desired]: the hashes that the last comparison saw differ
    Column("ignored", MaybeJson),  # {live, desired, state, by, at, reason}: a difference left alone
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
    Column("part", MaybeJson),  # {keys: [[kind, key]], of}: what was chosen of how many; none: all
    Column("error", Text),
    Column("digest", Text),  # of binding, commit, policy, what is live: equal for equal work
    Column("approved_by", Text),
    Column("approved_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Index("ix_git_syncs_binding", "binding_id", "created_at"),
    Index("ix_git_syncs_waiting", "source_id", "status"),
)

git_endpoints = Table(  # where Git hosts deliver
    "git_endpoints",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
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
    Column("pushes", JSON, nullable=False),  # [{ref, sha, urlKeys}]
    Column("pulls", JSON, nullable=False),  # [{number, sha, …}]
    Column("matched", JSON, nullable=False),  # names of the sources that it woke
    Column("received_at", Moment, nullable=False),
    Column("refused", Text),  # why it was not taken; None: it was
    Column("headers", MaybeJson),  # without secrets
    Column("body", Text),  # its first 64 KiB without secrets; none of a refused one
    Column("size_bytes", BigInteger),  # of the whole body
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

git_records = Table(  # what is set by hand: connections, windows, pipelines, notifications
    "git_records",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("spec", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("kind", "name"),
)

git_pulls = Table(  # pull requests against a binding
    "git_pulls",
    metadata,
    Column("binding_id", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("sha", Text, nullable=False),
    Column("source_ref", Text, nullable=False),
    Column("target_ref", Text, nullable=False),
    Column("is_fork", Boolean, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("planned_sha", Text),  # the head that was planned and told
    Column("comment_id", Text),
    Column("updated_at", Moment, nullable=False),
    PrimaryKeyConstraint("binding_id", "number"),
)

git_changes = Table(  # changes that were proposed to a repository
    "git_changes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("binding_id", Text, nullable=False),
    Column("base_sha", Text, nullable=False),
    Column("sha", Text, nullable=False),
    Column("branch", Text, nullable=False),
    Column("paths", JSON, nullable=False),
    Column("title", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("url", Text),
    Column("number", Integer),
    Column("error", Text),
    Column("checks", MaybeJson),  # what its host said last: {sha, state, url, checks, error, at}
    Column("created_at", Moment, nullable=False),
    Index("ix_git_changes_binding", "binding_id", "created_at"),
)

git_promotions = Table(  # a commit on its way through the stages of a pipeline
    "git_promotions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("pipeline", Text, nullable=False),
    Column("stage", Text, nullable=False),  # name of the binding that is moved
    Column("sha", Text, nullable=False),
    Column("status", Text, nullable=False),  # WAITING SUCCEEDED FAILED SUPERSEDED
    Column("gates", JSON, nullable=False),  # what it waits for
    Column("actor", Text, nullable=False),
    Column("approved_by", Text),
    Column("url", Text),
    Column("error", Text),
    Column("created_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Index("ix_git_promotions_pipeline", "pipeline", "created_at"),
)

git_outbox = Table(  # what the outside is told, at least once
    "git_outbox",
    metadata,
    Column("key", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # status, comment, notify, trigger
    Column("source_id", Text, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("sent_at", Moment),
    Column("error", Text),
    Column("created_at", Moment, nullable=False),
    Index("ix_git_outbox_due", "sent_at", "due_at"),
)

TABLES = (
    git_sources,
    git_bindings,
    git_resources,
    git_syncs,
    git_endpoints,
    git_deliveries,
    git_fires,
    git_records,
    git_pulls,
    git_changes,
    git_promotions,
    git_outbox,
)
