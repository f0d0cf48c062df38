"""Every setting, in one table: from the environment (`TRUNKLINE_*`) or one YAML file.

A setting `a.b-c` of the file is `TRUNKLINE_A_B_C` in the environment, which wins. The file is named
by `TRUNKLINE_CONFIG`. `docs/settings.md` is generated from this module.
"""

import logging
import os
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from app.errors import Invalid, Violation

PREFIX = "TRUNKLINE_"
log = logging.getLogger(__name__)
#: names of the reference product that its files may still hold
_OLDER = {"kestra_tasks_scripts_docker_volume_enabled": "docker_volume_enabled"}


class RoleGiven(BaseModel):
    """A role for a namespace and those below it; without one, everywhere."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: str
    namespace: str = ""


class SignOn(BaseModel):
    """One way to sign on by a provider of OpenID Connect."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    id: str = Field(pattern=r"^[a-z0-9-]{1,40}$")
    name: str
    issuer: str
    client_id: str
    client_secret: str = Field(repr=False)
    scopes: str = "openid email profile"
    username_claim: str = "email"
    roles_claim: str = ""
    roles: dict[str, list[RoleGiven]] = Field(default_factory=dict)
    """From a value of the claim to the grants it gives; a role by its name or id."""


class Settings(BaseModel):
    """The settings of one process; the docstring below a field is its documentation."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    data_dir: Path = Path(".data")
    """Folder of everything that a standalone server keeps."""
    database_url: str = ""
    """`postgresql://user:password@host/name` or `sqlite:///path`; default: SQLite in data_dir."""
    broker_url: str = ""
    """`redis://…`, `rediss://…` or `amqp://…`; standalone starts its own when empty."""
    storage_url: str = ""
    """`file:///path` or a scheme of an installed extra (`s3://…`); default: data_dir."""
    admin_username: str = "admin@trunkline.local"
    """The user made at the first start."""
    admin_password: str = Field("", repr=False)
    """Its password; when empty one is made up and shown once."""
    auth_enabled: bool = True
    """Whether the API asks for credentials; only ever off on a machine of one's own."""
    session_hours: float = 12.0
    """How long a browser stays logged in."""
    oidc: list[SignOn] = Field(default_factory=list, repr=False)
    """Single sign-on: `[{id, name, issuer, client_id, client_secret, scopes, username_claim,
    roles_claim, roles}]`, `roles` a map from a value of the claim to a list of `{role, namespace}`;
    only in the file."""
    encryption_key: str = Field("", repr=False)
    """32 bytes in base64: SECRET inputs, secrets, sessions. Standalone makes one in data_dir."""
    encryption_keys_old: str = Field("", repr=False)
    """Keys that were in use before, separated by commas: still read, never written."""
    secrets_dir: str = ""
    """A folder of files that are secrets: `KEY` for all namespaces, `namespace/KEY` for one."""
    vault_address: str = ""
    """A server with HashiCorp Vault's KV version 2, for secrets; none is asked when empty."""
    vault_token: str = Field("", repr=False)
    vault_mount: str = "secret"
    vault_prefix: str = ""
    """The keys of a namespace are the fields of `<mount>/<prefix>/<namespace>` there."""
    url: str = ""
    """The address at which people reach the server, for links."""
    trusted_proxies: str = ""
    """Addresses and networks of the proxies before the API, separated by commas: their
    `X-Forwarded-For` and `X-Forwarded-Proto` are believed. Login limits and the audit log tell
    clients apart by them; nobody's are believed when empty."""
    environment: str = ""
    """A name shown in the UI and as `kestra.environment`."""
    environment_color: str = Field("", pattern="^(#[0-9a-fA-F]{6})?$")
    """The colour of that name in the UI, as `#b60402`."""
    timezone: str = "UTC"
    """Zone of dates without one, of cron expressions without one, of `now()`."""
    system_namespace: str = "system"
    """Its flows may use every namespace, and sources find their credentials here."""
    isolated_namespaces: bool = False
    """Tasks use keys, files, flows and executions of their own namespace, of its parents (to read)
    and of what lies below. Otherwise of every namespace that has flows, as in the reference."""
    globals: dict[str, Any] = Field(default_factory=dict)
    """The `globals` of expressions; only in the file."""
    plugin_defaults: list[dict[str, Any]] = Field(default_factory=list)
    """Defaults of task properties for every flow; only in the file."""

    heartbeat_s: float = 3.0
    """How often a worker renews the leases of what it runs."""
    lease_s: float = 15.0
    """How long a claim holds without a renewal."""
    recovery_interval_s: float = 2.0
    republish_s: float = 10.0
    """After this time a published, unclaimed step is published again."""
    chain_links: int = 10
    """The most steps that travel in one Celery chain."""
    fuse_steps: int = 50
    fuse_ms: int = 250
    """A process holds a sequence for this many in-process steps, or this long."""
    worker_groups: str = ""
    """Keys of worker groups that exist although no worker has served them for a day, separated by
    commas. A task that names any other key fails."""
    worker_concurrency: int = 2
    """Pool processes of a worker."""
    worker_max_memory_kb: int = 400_000
    soft_shutdown_s: float = 30.0
    """How long a stopping worker lets its tasks go on before it gives them back."""
    deaf_s: float = 30.0
    """A worker that has a free slot, and for so long hears nothing of work that waits for it,
    opens its connection to the broker anew; after twice as long it ends."""
    database_timeout_s: float = 30.0
    """The longest statement; a connection that is silent for longer is cut."""
    task_events: bool = True
    """Whether workers tell Flower about each job."""

    max_body_bytes: int = 1_000_000
    """Of a flow."""
    max_upload_bytes: int = 5_000_000_000
    """Of a form with files."""
    max_webhook_bytes: int = 5_000_000
    api_threads: int = 128
    """Requests that the API answers at once; an open stream takes one."""
    api_read_s: float = 30.0
    """How long a request may wait for its client in all; each 10 kB that arrive add a second."""
    api_streams: int = 96
    """The most event streams of an API process; over it new ones get 429."""
    api_streams_each: int = 20
    """The most event streams of one caller; as many requests of theirs may wait for an end."""

    api_reads_a_minute: int = 60_000
    """The most reads of one caller in a minute, by API process; over it 429. 0: any number."""
    api_changes_a_minute: int = 60_000
    """As above, of requests that change something."""
    api_starts_a_minute: int = 0
    """As above, of executions and webhooks that are started: what is accepted is only rows."""

    git_max_files: int = 100_000
    """The most files that a binding's folder may hold."""
    git_cache_bytes: int = 2_000_000_000
    """Room on a worker for copies of the repositories that `Clone` has cloned there more than once;
    0: none are kept."""
    git_identity: str = "Trunkline <noreply@localhost>"
    """Who commits for Git tasks that name no author."""
    git_allow_file_protocol: bool = False
    """Whether repositories may lie on the server's own disk (`file://`)."""

    mail_host: str = ""
    """The SMTP server of e-mail notifications; none are sent when empty."""
    mail_port: int = Field(587, ge=0, le=65_535)
    mail_username: str = ""
    mail_password: str = Field("", repr=False)
    mail_from: str = "trunkline@localhost"
    mail_starttls: bool = True
    """Whether the connection to the SMTP server is encrypted."""

    outgoing_allow_private: bool = False
    """Whether HTTP and Git tasks may call private and loopback addresses; standalone allows it."""
    outgoing_allowed: str = ""
    """Networks that tasks may always call, separated by commas: `10.1.0.0/16,fd12::/64`."""
    runners_process_enabled: bool = True
    """Whether scripts may run as processes of the worker."""
    runners_process_forbidden: str = ""
    """Namespaces (with all below them) where they may not, separated by commas."""
    runners_process_shared_user: bool = False
    """Whether scripts may run as the worker's own user; else the worker (as root) switches to a
    user that one script has alone. Standalone sets it."""
    runners_process_users: str = "61000-61999"
    """Numbers of the users that scripts get."""
    runners_process_inherit_env: str = ""
    """Variables that scripts get beside PATH, HOME and the like, separated by commas; `all`: every
    one but the server's own (`TRUNKLINE_*`, `SECRET_*`)."""
    runners_process_warm: bool = True
    """Whether Python scripts run in a fork of an interpreter that is loaded already."""
    runners_process_memory_mb: int = 0
    """Memory of one process; 0: as much as the machine has."""
    runners_process_processes: int = 1024
    """Processes and threads of one script."""
    runners_process_open_files: int = 8192
    runners_process_file_mb: int = 0
    """The largest file that a script may write; 0: any."""
    runners_process_cpu_s: int = 0
    """Processor seconds of one process; 0: any number."""
    docker_host: str = ""
    """The Docker engine of workers; the machine's own socket when empty."""
    docker_volume_enabled: bool = False
    """Whether tasks may bind folders of the engine's machine into containers."""
    docker_privileged_enabled: bool = False
    """Whether tasks may start privileged containers."""
    docker_allow: str = ""
    """What tasks may ask of the engine, for all namespaces or for one and those below it:
    `volumes`, `privileged`, `host-network`, `devices`; e.g. `devices,privileged:company.infra`."""
    docker_pids_limit: int = 4096
    """Processes and threads of one container; 0: any number."""
    docker_reap_s: float = 30.0
    """How often a worker removes containers whose attempt or execution has ended."""

    retention_days: int = 0
    """Ended executions older than this are purged; 0: kept."""
    audit_retention_days: int = 365
    """Lines of the audit log that are older are purged; 0: kept."""
    schedule_recover_missed: str = "ALL"
    """What happens to instants missed while no beat ran: ALL, LAST or NONE."""
    log_level: str = "INFO"
    log_format: str = Field("text", pattern="^(text|json)$")
    """How a process writes its own log: `text`, or `json` with the ids of executions."""
    traces: bool = False
    """Whether spans are sent (extra `otel`); `OTEL_EXPORTER_OTLP_ENDPOINT` says where to."""
    metrics_port: int = Field(0, ge=0, le=65_535)
    """Port of a process's own metrics for Prometheus (`/metrics`), without a password; 0: none."""
    metrics_host: str = "127.0.0.1"
    """Address of that port."""
    pulse: Path | None = None
    """A file that a beat and a worker touch in each round, for probes; none when absent."""
    flower_basic_auth: str = Field("", repr=False)
    """`user:password` that Flower asks for; several separated by commas."""
    flower_url: str = Field("", pattern="^(https?://.+)?$")
    """Where people reach Flower: the link that the API and the UI show."""

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, text: str) -> str:
        for part in filter(None, (piece.strip() for piece in text.split(","))):
            ip_network(part)
        return text

    @property
    def margin_s(self) -> float:
        """A script is killed this long before its lease may be taken as over."""
        return self.lease_s / 5


def load_settings(
    environ: Mapping[str, str] | None = None, overrides: Mapping[str, Any] | None = None
) -> Settings:
    """Settings from the file, then the environment, then `overrides` (flags of a command).

    Raises Invalid naming each setting that is unknown or has a value of another type.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    if path := environ.get(PREFIX + "CONFIG"):
        values.update(_read_file(Path(path)))
    for name in Settings.model_fields:
        text = environ.get(PREFIX + name.upper())
        if text is not None:
            values[name] = text
        elif secret_file := environ.get(PREFIX + name.upper() + "_FILE"):
            values[name] = Path(secret_file).read_text(encoding="utf-8").strip()
    values.update({k: v for k, v in (overrides or {}).items() if v is not None})
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise Invalid(
            "settings",
            tuple(
                Violation(path=".".join(map(str, e["loc"])), message=e["msg"])
                for e in error.errors()
            ),
        ) from None
    return _with_paths(settings)


def _read_file(path: Path) -> dict[str, Any]:
    data = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    if not isinstance(data, dict):
        raise Invalid(f"{path} must hold a map of settings")
    flat = _flatten(data)
    for old, name in _OLDER.items():
        if old in flat:
            log.warning("%s: the setting %s is called %s now", path, old, name)
            flat.setdefault(name, flat.pop(old))
    return flat


def _flatten(data: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """`{runners: {docker: {host: x}}}` as `{runners_docker_host: x}`; maps of a setting stay."""
    flat: dict[str, Any] = {}
    for key, value in data.items():
        name = prefix + str(key).replace("-", "_").replace(".", "_")
        field = Settings.model_fields.get(name)
        if isinstance(value, Mapping) and field is None:
            flat.update(_flatten(value, name + "_"))
        else:
            flat[name] = value
    return flat


def _with_paths(settings: Settings) -> Settings:
    data = settings.data_dir.absolute()
    changes: dict[str, Any] = {"data_dir": data}
    if not settings.database_url:
        changes["database_url"] = f"sqlite:///{data / 'trunkline.db'}"
    if not settings.storage_url:
        changes["storage_url"] = f"file://{data / 'storage'}"
    return settings.model_copy(update=changes)


def settings_page() -> str:
    """The reference of all settings, as Markdown: `docs/settings.md`."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = "" if field.is_required() or field.default_factory else f"`{field.default}`"
        default = "" if field.default in ("", None) else default
        text = " ".join((field.description or "").split()).replace("|", "\\|")
        rows.append(f"| `{PREFIX}{name.upper()}` | {default} | {text} |")
    return "\n".join(
        [_SETTINGS_HEAD, "| setting | default | meaning |", "|---|---|---|", *rows, ""]
    )


_SETTINGS_HEAD = """# Settings

From the environment, or from a YAML file that `TRUNKLINE_CONFIG` names, where `a.b-c` is
`TRUNKLINE_A_B_C`; the environment wins. `TRUNKLINE_<NAME>_FILE` names a file that holds the value.
Made by `trunkline docs settings`.
"""


def secrets_from(environ: Mapping[str, str]) -> dict[str, str]:
    """The encoded values of `SECRET_<NAME>` variables, by upper-case name (base64 text)."""
    return {k[7:].upper(): v for k, v in environ.items() if k.startswith("SECRET_")}


def envs_from(environ: Mapping[str, str]) -> dict[str, str]:
    """What expressions see as `envs`: `ENV_<NAME>` variables by lower-case name."""
    return {k[4:].lower(): v for k, v in environ.items() if k.startswith("ENV_")}
