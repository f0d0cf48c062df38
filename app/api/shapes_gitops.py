"""Shapes of GitOps: what its routes answer. What they take are the models of its services."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from app.api.shapes import Optional, Shape
from app.gitops.layout import Kind
from app.service.gitops.bindings import Keys, NewSync
from app.service.gitops.changes import NewChange
from app.service.gitops.folder import Folder
from app.service.gitops.hooks import NewEndpoint, NewSecret
from app.service.gitops.ignoring import NewIgnore
from app.service.gitops.models import (
    BindingOfSource,
    Connection,
    NewBinding,
    NewPin,
    NewPromotion,
    NewSource,
    Notification,
    Pipeline,
    Window,
)

#: what bodies are read with
BODIES: tuple[type[BaseModel], ...] = (
    BindingOfSource, Connection, Folder, Keys, NewBinding, NewChange, NewEndpoint, NewIgnore,
    NewPin, NewPromotion, NewSecret, NewSource, NewSync, Notification, Pipeline, Window,
)  # fmt: skip


class GitBinding(Shape):
    """A folder of a source, and how it stands."""

    id: str
    name: str
    source_id: str
    path: str
    namespace: str
    layout: str
    policy: dict[str, Any]
    suspended: bool
    desired_sha: str | Optional = None
    applied_sha: str | Optional = None
    behind: int | Optional = None
    pinned_sha: str | Optional = None
    pin: dict[str, Any] | Optional = None
    preview: dict[str, Any] | Optional = None
    sync: str
    health: str
    conditions: dict[str, Any]
    problems: list[str]
    synced_at: datetime | Optional = None


class GitSource(Shape):
    """A repository and the ref that is followed, with its bindings."""

    id: str
    name: str
    url: str
    ref: str
    ref_kind: str
    connection: str | Optional = None
    poll_interval: int
    lfs: bool | Optional = None
    auth: dict[str, str] | Optional = None
    verify: dict[str, str] | Optional = None
    suspended: bool
    conditions: dict[str, Any]
    seen_sha: str | Optional = None
    applied_sha: str | Optional = None
    fetched_at: datetime | Optional = None
    next_poll_at: datetime
    fail_count: int
    last_error: str | Optional = None
    working: bool
    bindings: list[GitBinding]


class GitHostKey(Shape):
    """The key that an SSH host shows, of which none is known."""

    host: str
    type: str
    fingerprint: str  #: `SHA256:…`
    line: str  #: for `knownHosts`, once the fingerprint is what the host publishes


class GitTried(Shape):
    """What a remote answered."""

    sha: str | Optional = None
    branches: list[str]
    files: list[str] | Optional = None
    error: str | Optional = None
    advice: str | Optional = None
    host_key: GitHostKey | Optional = None


class GitPlanItem(Shape):
    """One resource of a plan."""

    kind: Kind
    key: str
    action: str
    state: str
    path: str | None
    before_hash: str | None
    after_hash: str | None
    problems: list[str]
    warnings: list[str] | Optional = None
    diff: str | Optional = None


class GitPlan(Shape):
    """What a folder of the client would change, or has changed."""

    status: str
    counts: dict[str, int]
    items: list[GitPlanItem]
    error: str | Optional = None


class GitResourceName(Shape):
    """A resource by its kind and key."""

    kind: Kind
    key: str


class GitPart(Shape):
    """What was chosen of a plan, and how many changes that has."""

    keys: list[GitResourceName]
    of: int | Optional = None


class GitSync(Shape):
    """A sync, or a plan of one."""

    id: str
    binding_id: str
    status: str
    reason: str
    actor: str | Optional = None
    approved_by: str | Optional = None
    from_sha: str | Optional = None
    to_sha: str | Optional = None
    author: str | Optional = None
    message: str | Optional = None
    counts: dict[str, int]
    items: list[GitPlanItem]
    part: GitPart | Optional = None
    digest: str | Optional = None
    error: str | Optional = None
    created_at: datetime
    ended_at: datetime | Optional = None


class GitIgnored(Shape):
    """Who has decided to leave a difference alone."""

    by: str
    at: datetime
    reason: str


class GitResource(Shape):
    """A row of the inventory."""

    kind: Kind
    key: str
    path: str
    blob: str
    hash: str
    commit: str
    revision: int | None
    state: str
    ignored: GitIgnored | Optional = None


class GitPull(Shape):
    """A pull request against a binding."""

    number: int
    sha: str
    source_ref: str
    is_fork: bool
    is_open: bool
    planned: bool
    updated_at: datetime


class GitCheck(Shape):
    """What somebody says of a commit at its host."""

    name: str
    state: Literal["pending", "success", "failure"]
    url: str | Optional = None


class GitChecks(Shape):
    """The checks of a commit at its host, as they were `at` a moment."""

    sha: str
    state: Literal["pending", "success", "failure", "none", "unknown"]
    url: str | Optional = None
    checks: list[GitCheck]
    error: str | Optional = None
    at: datetime


class GitChange(Shape):
    """A change that was proposed to a repository."""

    id: str
    binding_id: str
    base_sha: str
    sha: str
    branch: str
    paths: list[str]
    title: str
    actor: str
    url: str | Optional = None
    number: int | Optional = None
    error: str | Optional = None
    checks: GitChecks | Optional = None
    created_at: datetime


class GitPromotion(Shape):
    """A commit on its way into a stage."""

    id: str
    pipeline: str
    stage: str
    sha: str
    status: str
    gates: list[Any]
    actor: str
    approved_by: str | Optional = None
    url: str | Optional = None
    error: str | Optional = None
    created_at: datetime
    ended_at: datetime | Optional = None


class GitRecord(Shape):
    """A record that is set by hand: its fields are those of its body."""

    id: str
    name: str


class GitConnection(GitRecord):
    """A Git host and how it is spoken to."""

    provider: str


class GitWindow(GitRecord):
    """When syncs may happen, or may not."""

    kind: str


class GitPipeline(GitRecord):
    """Bindings in the order in which a commit goes through them."""

    stages: list[dict[str, Any]]


class GitNotification(GitRecord):
    """Who is told of what."""

    kind: str
    events: list[str]


class GitEvent(Shape):
    """What the outside was told, or is to be."""

    key: str
    kind: str
    payload: dict[str, Any]
    attempts: int
    error: str | Optional = None
    sent_at: datetime | Optional = None
    created_at: datetime


class GitEndpoint(Shape):
    """A webhook endpoint, without its token and secret."""

    id: str
    name: str
    allow_unsigned: bool
    created_at: datetime


class OpenedEndpoint(Shape):
    """A new endpoint; token and secret are shown this once."""

    id: str
    token: str
    url: str
    secret: str | Optional = None


class RotatedEndpoint(Shape):
    """An endpoint that has another secret; it is shown this once."""

    id: str
    secret: str


class GitDelivery(Shape):
    """What a Git host has delivered."""

    endpoint_id: str
    delivery_id: str
    provider: str
    event: str
    pushes: list[dict[str, Any]]
    pulls: list[dict[str, Any]]
    matched: list[str]
    received_at: datetime
    applied_at: datetime | Optional = None
    refused: str | Optional = None  #: why it was not taken
    size_bytes: int | Optional = None


class GitDeliveryContent(Shape):
    """What a delivery brought, without secrets."""

    headers: dict[str, str]
    body: str | Optional = None  #: its first 64 KiB; none of a refused one
    size_bytes: int | Optional = None  #: of the whole body
    refused: str | Optional = None


class Delivered(Shape):
    """What became of a delivery: the names of the sources that it woke."""

    delivery_id: str
    matched_bindings: list[str]


class GitCount(Shape):
    """How many it were."""

    count: int
