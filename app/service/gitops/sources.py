"""Sources and their bindings: registered, looked at, asked for work, removed."""

import random
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from sqlalchemy import Row

from app.database import git_bindings, git_sources
from app.database.session import Session
from app.errors import Conflict, Invalid, NotFound, Violation
from app.gitops.address import check_address, url_key
from app.gitops.credentials import Credentials
from app.gitops.layout import Layout
from app.gitops.mirror import Mirror
from app.gitops.plan import Policy
from app.model.ids import new_id
from app.service import secrets
from app.service.runtime import Runtime

_WIRE = ConfigDict(
    frozen=True, extra="forbid", alias_generator=to_camel, use_attribute_docstrings=True
)
_NAME = r"[a-z0-9][a-z0-9._-]{0,62}"
_NAMESPACE = r"([a-zA-Z0-9][\w-]*(\.[a-zA-Z0-9][\w-]*)*)?"


class Auth(BaseModel):
    """How a source authenticates; values are kept as secrets, here stand their names."""

    model_config = _WIRE

    username: str = ""
    """For http(s): any non-empty name goes with a token."""
    password_secret: str = ""
    """The name of a secret of the system namespace: a password or token."""
    private_key_secret: str = ""
    """The name of a secret of the system namespace: an SSH key."""
    passphrase_secret: str = ""
    known_hosts: str = ""
    """Lines of a `known_hosts` file."""
    host_key_checking: str = Field("accept-new", pattern="yes|accept-new")


class NewBinding(BaseModel):
    """A folder of a source, bound to namespaces."""

    model_config = _WIRE

    path: str = ""
    namespace: str = Field("", pattern=f"^{_NAMESPACE}$")
    layout: Layout = Layout.DECLARED
    prune: bool = False
    adopt: bool = False
    self_heal: bool = True
    allow_empty: bool = False
    max_delete_percent: int = Field(30, ge=0, le=100)
    on_invalid: str = Field("FAIL", pattern="FAIL|QUARANTINE")
    edit_mode: str = Field("LOCKED", pattern="LOCKED|OVERWRITE|BLOCK")


class NewSource(BaseModel):
    """A repository to follow."""

    model_config = _WIRE

    name: str = Field(pattern=f"^{_NAME}$")
    url: str = Field(max_length=2000)
    ref: str = Field("main", pattern=r"^[A-Za-z0-9_][A-Za-z0-9_./-]*$", max_length=250)
    poll_interval: int = Field(180, ge=2, le=86_400)
    auth: Auth = Auth()
    binding: NewBinding | None = None


class SourceNotFound(NotFound):
    """No source has this name or id."""

    def __init__(self, source: str) -> None:
        super().__init__(f"no Git source {source!r}")


class BindingNotFound(NotFound):
    """No binding has this id."""

    def __init__(self, binding: str) -> None:
        super().__init__(f"no Git binding {binding!r}")


def read(data: Any, kind: type[BaseModel]) -> Any:
    """A model from a body. Raises Invalid naming every field that is wrong."""
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        found = tuple(
            Violation(path=".".join(map(str, e["loc"])), message=e["msg"]) for e in error.errors()
        )
        raise Invalid("Invalid Git source", found) from None


def add(rt: Runtime, new: NewSource) -> Row[Any]:
    """Registers a source and asks for its first fetch. Raises Invalid, Conflict."""
    check_address(new.url, allow_local=rt.settings.git_allow_file_protocol)
    now = rt.clock()
    source_id = new_id()
    values = {
        "id": source_id,
        "name": new.name,
        "url": new.url,
        "url_key": url_key(new.url),
        "ref": new.ref,
        "auth": new.auth.model_dump(mode="json"),
        "poll_interval_s": new.poll_interval,
        "suspended": False,
        "next_poll_at": now + spread(new.poll_interval),
        "fail_count": 0,
        "requested": 1,
        "requested_at": now,
        "handled": 0,
        "created_at": now,
    }
    with rt.database.transaction() as tx:
        if git_sources.find(tx, new.name) is not None:
            raise Conflict(f"a Git source {new.name!r} exists already")
        git_sources.add(tx, values)
        if new.binding is not None:
            _bind(tx, rt, source_id, new.binding)
        row = git_sources.find(tx, source_id)
    rt.publisher.wake_source(source_id)
    assert row is not None
    return row


def bind(rt: Runtime, source: str, new: NewBinding) -> Row[Any]:
    """Binds a further folder of a source. Raises SourceNotFound, Invalid."""
    with rt.database.transaction() as tx:
        row = find_in(tx, source)
        binding = _bind(tx, rt, row.id, new)
        git_sources.request(tx, row.id, rt.clock())
    rt.publisher.wake_source(row.id)
    return binding


def _bind(tx: Session, rt: Runtime, source_id: str, new: NewBinding) -> Row[Any]:
    path = new.path.strip("/")
    parts = path.split("/") if path else []
    if any(part in ("", ".", "..") for part in parts) or "\0" in path or "\\" in path:
        where = Violation(path="binding.path", message=f"{new.path!r} is no path of a folder")
        raise Invalid("Invalid Git source", (where,))
    if new.layout is Layout.TREE and not new.namespace:
        where = Violation(path="binding.namespace", message="the layout `tree` needs one")
        raise Invalid("Invalid Git source", (where,))
    binding_id = new_id()
    fields = {"path", "namespace", "layout"}
    git_bindings.add(
        tx,
        {
            "id": binding_id,
            "source_id": source_id,
            "path": path,
            "namespace": new.namespace,
            "layout": new.layout.value,
            "policy": new.model_dump(mode="json", exclude=fields),
            "sync_state": "Unknown",
            "health": "Progressing",
            "problems": [],
            "created_at": rt.clock(),
        },
    )
    row = git_bindings.find(tx, binding_id)
    assert row is not None
    return row


def policy_of(binding: Row[Any]) -> Policy:
    """What a binding may do."""
    given: Mapping[str, Any] = binding.policy
    return Policy(
        prune=given["prune"],
        adopt=given["adopt"],
        self_heal=given["self_heal"],
        allow_empty=given["allow_empty"],
        max_delete_percent=given["max_delete_percent"],
        quarantine=given["on_invalid"] == "QUARANTINE",
        overwrite=given["edit_mode"] == "OVERWRITE",
    )


def spread(seconds: int) -> timedelta:
    """An interval, up to a tenth shorter or longer: many sources do not poll at one moment."""
    return timedelta(seconds=seconds * random.uniform(0.9, 1.1))


def find_in(tx: Session, source: str) -> Row[Any]:
    """A source by id or name. Raises SourceNotFound."""
    row = git_sources.find(tx, source)
    if row is None:
        raise SourceNotFound(source)
    return row


def find(rt: Runtime, source: str) -> Row[Any]:
    """A source by id or name. Raises SourceNotFound."""
    with rt.database.reading() as tx:
        return find_in(tx, source)


def find_binding(rt: Runtime, binding_id: str) -> Row[Any]:
    """A binding. Raises BindingNotFound."""
    with rt.database.reading() as tx:
        row = git_bindings.find(tx, binding_id)
    if row is None:
        raise BindingNotFound(binding_id)
    return row


def list_all(rt: Runtime) -> list[tuple[Row[Any], list[Row[Any]]]]:
    """Every source with its bindings."""
    with rt.database.reading() as tx:
        found = git_sources.list_all(tx)
        return [(row, list(git_bindings.list_of(tx, row.id))) for row in found]


def remove(rt: Runtime, source: str) -> None:
    """Forgets a source; its flows and files stay and are nobody's. Raises SourceNotFound."""
    with rt.database.transaction() as tx:
        git_sources.drop(tx, find_in(tx, source).id)


def suspend(rt: Runtime, source: str, *, suspended: bool) -> Row[Any]:
    """Stops or continues following a source. Raises SourceNotFound."""
    with rt.database.transaction() as tx:
        row = find_in(tx, source)
        git_sources.write(tx, row.id, suspended=suspended)
        if not suspended:
            git_sources.request(tx, row.id, rt.clock())
    if not suspended:
        rt.publisher.wake_source(row.id)
    return find(rt, row.id)


def ask_fetch(rt: Runtime, source: str) -> Row[Any]:
    """Asks for a look at the remote now. Raises SourceNotFound, Conflict while suspended."""
    with rt.database.transaction() as tx:
        row = find_in(tx, source)
        _check_active(row)
        git_sources.request(tx, row.id, rt.clock())
    rt.publisher.wake_source(row.id)
    return row


def ask_sync(rt: Runtime, binding_id: str, *, actor: str, is_plan: bool) -> str:
    """Asks for a sync or a plan of one binding; the id of its row in the history.

    Raises BindingNotFound, Conflict while the source is suspended.
    """
    sync_id = new_id()
    with rt.database.transaction() as tx:
        binding = git_bindings.find(tx, binding_id)
        if binding is None:
            raise BindingNotFound(binding_id)
        _check_active(find_in(tx, binding.source_id))
        values = {
            "id": sync_id,
            "source_id": binding.source_id,
            "binding_id": binding_id,
            "is_plan": is_plan,
            "status": "PENDING",
            "reason": "plan" if is_plan else "manual",
            "actor": actor,
            "counts": {},
            "items": [],
            "created_at": rt.clock(),
        }
        git_bindings.add_sync(tx, values)
        git_sources.request(tx, binding.source_id, rt.clock())
    rt.publisher.wake_source(binding.source_id)
    return sync_id


def _check_active(source: Row[Any]) -> None:
    if source.suspended:
        raise Conflict(f"the Git source {source.name!r} is suspended: resume it first")


def mirror_of(rt: Runtime, source_id: str) -> Mirror:
    """This machine's copy of a source."""
    return Mirror(rt.settings.data_dir / "mirrors" / f"{source_id}.git")


def credentials_of(rt: Runtime, source: Row[Any]) -> Credentials:
    """What a source's remote may ask for. Raises Invalid for a secret that is not there."""
    auth = Auth.model_validate(source.auth, by_name=True)

    def value(name: str, what: str) -> str:
        if not name:
            return ""
        found = secrets.find(rt, rt.settings.system_namespace, name)
        if found is None:
            raise Invalid(f"the secret {name!r} ({what}) does not exist in the system namespace")
        return found

    return Credentials(
        username=auth.username or ("git" if auth.password_secret else ""),
        password=value(auth.password_secret, "password"),
        private_key=value(auth.private_key_secret, "SSH key"),
        passphrase=value(auth.passphrase_secret, "passphrase"),
        known_hosts=auth.known_hosts,
        host_key_checking=auth.host_key_checking,
        known_hosts_file=known_hosts_file(rt.settings.data_dir),
    )


def known_hosts_file(data_dir: Path) -> Path:
    """Where host keys that were accepted on first use are kept."""
    data_dir.mkdir(parents=True, exist_ok=True)
    return data_dir / "known_hosts"
