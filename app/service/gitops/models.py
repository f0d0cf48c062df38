"""What is asked of GitOps from outside: sources, bindings, connections and the like, validated."""

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from cronsim import CronSim, CronSimError
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic.alias_generators import to_camel

from app.errors import Invalid, TrunklineError, Violation
from app.gitops.layout import Kind, Layout
from app.gitops.plan import EditMode
from app.gitops.ref import RefKind, check_ref
from app.gitops.signature import Verify
from app.gitops.webhook.delivery import Provider
from app.gitops.window import WindowKind, read_rule
from app.model.namespace import LONGEST_NAMESPACE, NAMESPACE_PATTERN
from app.model.property import Duration
from app.trigger.schedule import Schedule

WIRE = ConfigDict(
    frozen=True, extra="forbid", alias_generator=to_camel,
    populate_by_name=True,
)  # fmt: skip
NAME = r"^[a-z0-9][a-z0-9._-]{0,62}$"
_SECRET = Field("", max_length=200)
_SOME_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
M = TypeVar("M", bound=BaseModel)


class Auth(BaseModel):
    """How a remote is answered; values are kept as secrets, here stand their names."""

    model_config = WIRE

    kind: str = Field("", pattern="^(|none|basic|token|ssh|github_app)$")
    """Told from the fields when absent."""
    username: str = ""
    """For http(s): any non-empty name goes with a token."""
    password_secret: str = _SECRET
    """The name of a secret of the system namespace: a password or token."""
    private_key_secret: str = _SECRET
    """The name of a secret of the system namespace: an SSH key, or the key of a GitHub App."""
    passphrase_secret: str = _SECRET
    known_hosts: str = ""
    """Lines of a `known_hosts` file."""
    host_key_checking: str = Field("accept-new", pattern="^(yes|accept-new)$")
    app_id: str = ""
    """Of a GitHub App."""
    installation_id: str = ""


class Identity(BaseModel):
    """Who Trunkline is when it commits."""

    model_config = WIRE

    name: str = Field("Trunkline", pattern=r"^[^<>\x00-\x1f]{1,100}$")
    email: str = Field("trunkline@localhost", pattern=r"^[^<>\s\x00]{1,200}$")


class Connection(BaseModel):
    """A Git host and how it is spoken to, for any number of sources."""

    model_config = WIRE

    name: str = Field(pattern=NAME)
    provider: Provider = Provider.GENERIC
    base_url: str = Field("", pattern=r"^(|https?://[^\s@]+)$")
    """Address of the host's API; the public one of the provider when empty."""
    auth: Auth = Auth()
    ca: str = ""
    """PEM certificates that are trusted besides."""
    proxy: str = Field("", pattern=r"^(|(https?|socks5h?)://[^\s@]+)$")
    identity: Identity = Identity()
    signing_key_secret: str = _SECRET
    """The name of a secret: an SSH key that signs the commits made here."""


class Window(BaseModel):
    """When syncs may happen, or may not."""

    model_config = WIRE

    name: str = Field(pattern=NAME)
    kind: WindowKind
    cron: str = ""
    rrule: str = Field("", max_length=500)
    """In place of `cron`: `DTSTART:20260102T180000 RRULE:FREQ=WEEKLY;BYDAY=FR`."""
    duration: Duration
    timezone: str = "UTC"
    manual_allowed: bool = False
    bindings: tuple[str, ...] = ()
    """Globs of binding names; every binding when empty."""

    @model_validator(mode="after")
    def _has_one(self) -> "Window":
        if bool(self.cron) == bool(self.rrule):
            raise ValueError("needs either `cron` or `rrule`")
        return self

    @field_validator("rrule")
    @classmethod
    def _is_rule(cls, text: str) -> str:
        if text:
            try:
                read_rule(text)
            except (ValueError, TypeError) as error:
                raise ValueError(f"{text[:80]!r} {error}") from None
        return text

    @field_validator("cron")
    @classmethod
    def _is_cron(cls, text: str) -> str:
        if not text:
            return text
        try:
            Schedule.model_validate({"id": "x", "type": Schedule.type_name, "cron": text})
            next(CronSim(text, _SOME_MOMENT))
        except (CronSimError, ValidationError, StopIteration):
            raise ValueError(f"{text[:60]!r} is no cron expression of five fields") from None
        return text

    @field_validator("timezone")
    @classmethod
    def _is_zone(cls, name: str) -> str:
        data = {"id": "x", "type": Schedule.type_name, "cron": "@daily", "timezone": name}
        try:
            Schedule.model_validate(data)
        except ValidationError:
            raise ValueError(f"unknown time zone {name[:60]!r}") from None
        return name

    @field_validator("duration")
    @classmethod
    def _is_long(cls, value: Any) -> Any:
        if not 60 <= value.total_seconds() <= 31 * 86_400:
            raise ValueError("must be between a minute and 31 days")
        return value


class Stage(BaseModel):
    """A binding of a pipeline, with what must hold before it is moved on."""

    model_config = WIRE

    binding: str = Field(pattern=NAME)
    mode: str = Field("pin", pattern="^(pin|branch|pull_request)$")
    """How it is moved: its pin, its branch (fast-forward), a pull request."""
    approval: bool = False
    soak: Duration | None = None
    """How long the commit must have been healthy in the stage before."""
    flows: tuple[str, ...] = ()
    """Flows (`namespace/id` of the stage before) whose executions must have succeeded."""
    successes: int = Field(1, ge=1, le=100)
    """How many of their last executions, of this commit."""


class Pipeline(BaseModel):
    """Bindings in the order in which a commit goes through them."""

    model_config = WIRE

    name: str = Field(pattern=NAME)
    stages: tuple[Stage, ...] = Field(min_length=2, max_length=20)

    @model_validator(mode="after")
    def _are_different(self) -> "Pipeline":
        names = [stage.binding for stage in self.stages]
        if len(set(names)) != len(names):
            raise ValueError("a binding stands in two stages")
        return self


EVENTS = (
    "sync-failed", "sync-succeeded", "drifted", "conflict", "degraded", "verification-failed",
    "awaiting-approval",
)  # fmt: skip


class Notification(BaseModel):
    """Who is told of what."""

    model_config = WIRE

    name: str = Field(pattern=NAME)
    kind: str = Field(pattern="^(webhook|slack|email)$")
    url_secret: str = _SECRET
    """The name of a secret: the address to post to (it is a credential)."""
    url: str = Field("", pattern=r"^(|https?://[^\s@]+)$")
    """The address to post to, where it is none."""
    to: tuple[str, ...] = ()
    """Addresses of an e-mail."""
    secret: str = _SECRET
    """The name of a secret that signs the body of a webhook (`X-Trunkline-Signature`)."""
    events: tuple[str, ...] = EVENTS
    bindings: tuple[str, ...] = ()
    """Globs of binding names; every binding when empty."""

    @model_validator(mode="after")
    def _has_target(self) -> "Notification":
        if self.kind == "email" and not self.to:
            raise ValueError("an e-mail needs `to`")
        if self.kind != "email" and not (self.url or self.url_secret):
            raise ValueError("needs `url` or `urlSecret`")
        unknown = set(self.events) - set(EVENTS)
        if unknown:
            raise ValueError(f"unknown events {sorted(unknown)}, known are {list(EVENTS)}")
        return self


class Retry(BaseModel):
    """How often a sync that failed is tried again, at growing intervals."""

    model_config = WIRE

    limit: int = Field(5, ge=0, le=100)
    interval: Duration = timedelta(seconds=30)
    factor: float = Field(2, ge=1, le=10)
    max_interval: Duration = timedelta(minutes=10)

    def pause(self, failures: int) -> timedelta | None:
        """How long to wait after so many failures in a row; None: no more."""
        if failures > self.limit:
            return None
        seconds = self.interval.total_seconds() * self.factor ** (failures - 1)
        return timedelta(seconds=min(seconds, self.max_interval.total_seconds()))


class NewBinding(BaseModel):
    """A folder of a source, bound to namespaces."""

    model_config = WIRE

    name: str = Field("", pattern=f"(^$)|({NAME})")
    """A plain name; made from the source's and the path's when empty."""
    path: str = Field("", max_length=1000)
    namespace: str = Field("", pattern=f"(^$)|({NAMESPACE_PATTERN})", max_length=LONGEST_NAMESPACE)
    layout: Layout = Layout.DECLARED
    kinds: tuple[Kind, ...] = (Kind.FLOW, Kind.FILE)
    automated: bool = True
    """Whether a new commit is applied by itself."""
    prune: bool = False
    adopt: bool = False
    self_heal: bool = True
    allow_empty: bool = False
    max_delete_percent: int = Field(30, ge=0, le=100)
    max_deletes: int | None = Field(None, ge=0)
    on_invalid: str = Field("FAIL", pattern="^(FAIL|QUARANTINE)$")
    edit_mode: EditMode = EditMode.LOCKED
    require_approval: bool = False
    protected: tuple[str, ...] = ("system",)
    """Namespaces (and all below) in which nothing is deleted."""
    direct_commit: bool = False
    """Whether changes may be committed to the tracked branch without a pull request."""
    previews: bool = False
    """Whether a pull request gets namespaces of its own while it is open."""
    retry: Retry = Retry()
    preview_hours: int = Field(72, ge=1, le=2000)

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, data: Any) -> Any:
        """`policy: {…}`, as it is shown, is taken apart."""
        if isinstance(data, dict) and isinstance(data.get("policy"), dict):
            return {**data["policy"], **{k: v for k, v in data.items() if k != "policy"}}
        return data


class BindingOfSource(NewBinding):
    """A folder of the source that is named."""

    source: str = Field(min_length=1, max_length=100)
    """Name or id of the Git source."""


class NewPin(BaseModel):
    """The commit that a binding is held at."""

    model_config = WIRE

    sha: str = Field(min_length=1, max_length=100)
    """The whole id, or the first seven digits or more of one in the history."""
    reason: str = Field("", max_length=500)
    auto_unpin: bool = False
    """Whether the pin ends at the first commit that is newer than the present head."""


class NewPromotion(BaseModel):
    """A commit to move into a stage of a pipeline."""

    model_config = WIRE

    stage: str = Field(min_length=1, max_length=100)
    """The binding to move."""
    sha: str | None = Field(None, max_length=100)
    """The commit; what the stage before has applied when absent."""


#: fields of a binding that are columns; the others are its policy
PLACE = {"name", "path", "namespace", "layout"}


class Signers(BaseModel):
    """What of a source must be signed, and by whom: public keys."""

    model_config = WIRE

    policy: Verify = Verify.OFF
    gpg: str = Field("", max_length=500_000)
    """Armored GPG public keys."""
    ssh: str = Field("", max_length=100_000)
    """Lines of an SSH allowed-signers file."""


class NewSource(BaseModel):
    """A repository to follow."""

    model_config = WIRE

    name: str = Field(pattern=NAME)
    url: str = Field(max_length=2000)
    ref: str = Field("main", max_length=250)
    ref_kind: RefKind = RefKind.AUTO
    connection: str | None = None
    poll_interval: int = Field(180, ge=2, le=86_400)
    auth: Auth = Auth()
    verify: Signers = Signers()
    lfs: bool = False
    """Whether namespace files that are pointers of Git LFS are fetched; else they are refused."""
    binding: NewBinding | None = None
    sync: bool = True
    """Whether the binding is synced at once; else it is suspended until somebody resumes it."""

    @model_validator(mode="before")
    @classmethod
    def _ref_object(cls, data: Any) -> Any:
        """`ref: {branch: main}` is `ref: main, refKind: branch`."""
        if isinstance(data, dict) and isinstance(data.get("ref"), dict):
            if len(data["ref"]) != 1:
                raise ValueError("`ref` names one of branch, tag, semver, commit")
            ((kind, text),) = data["ref"].items()
            return {**data, "ref": text, "refKind": kind}
        return data

    @model_validator(mode="after")
    def _has_what_waits(self) -> "NewSource":
        if not self.sync and self.binding is None:
            raise ValueError("`sync: false` is about the `binding`, which is missing")
        return self

    @model_validator(mode="after")
    def _is_ref(self) -> "NewSource":
        try:
            check_ref(self.ref_kind, self.ref)
        except TrunklineError as error:
            raise ValueError(str(error)) from None
        return self


def read(data: Any, kind: type[M]) -> M:
    """A model from a body. Raises Invalid naming every field that is wrong."""
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        found = tuple(
            Violation(path=".".join(map(str, e["loc"])), message=e["msg"]) for e in error.errors()
        )
        raise Invalid(f"Invalid {_words(kind.__name__)}", found) from None


def _words(name: str) -> str:
    plain = name.removeprefix("New").lower()
    return f"Git {plain}"
