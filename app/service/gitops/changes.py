"""Changes made here, proposed to Git: a commit over what is applied, a branch, a pull request."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from pydantic import BaseModel, Field, field_validator
from sqlalchemy import Row

from app.database import git_bindings, git_outside
from app.errors import Conflict, Invalid, Unavailable
from app.gitops.cli import GitFailed, RefNotFound
from app.gitops.layout import Kind
from app.gitops.mirror import Mirror
from app.gitops.plan import Key
from app.gitops.plumbing import (
    NewCommit,
    NothingChanged,
    Person,
    PushRejected,
    push,
    write_commit,
)
from app.gitops.provider.base import NewPull, ProviderFailed
from app.gitops.provider.connect import compare_url, connect, has_api
from app.gitops.ref import RefKind, check_ref
from app.gitops.refusal import advice, told
from app.gitops.remote import resolve
from app.model.ids import new_id
from app.service import flows
from app.service.gitops import access, bindings, boards, declared, sources
from app.service.gitops.models import WIRE, Identity
from app.service.gitops.paths import Places
from app.service.runtime import Runtime

MOST_CHANGES = 100


class Edit(BaseModel):
    """One resource as it should become; without content it is deleted."""

    model_config = WIRE

    kind: Kind = Kind.FLOW
    key: str = Field(max_length=1000)
    """`namespace/id` of a flow, `namespace:path` of a file, the id of a dashboard."""
    content: str | None = Field(None, max_length=1_000_000)


class NewChange(BaseModel):
    """A change to propose."""

    model_config = WIRE

    binding: str
    edits: tuple[Edit, ...] = Field(min_length=1, max_length=MOST_CHANGES)
    title: str = Field("", max_length=200)
    body: str = Field("", max_length=10_000)
    direct: bool = False
    """Straight to the tracked branch, where the binding allows it."""
    branch: str = Field("", max_length=200)
    """Name of the new branch; one is made from author and title without it."""
    pull_request: bool = True
    """Whether a pull request is opened; else the branch is pushed only."""

    @field_validator("branch")
    @classmethod
    def _branch(cls, name: str) -> str:
        return check_ref(RefKind.BRANCH, name) if name else name


def propose(rt: Runtime, new: NewChange, author: Person) -> Row[Any]:
    """Commits edits over the applied commit and pushes them; the change that was made.

    Raises Invalid (an edit that is no valid flow, nothing changed), Conflict (nothing applied
    yet, the remote refuses the push), Unavailable (the remote cannot be reached).
    """
    binding, source, branch = _place(rt, new)
    mirror = sources.mirror_of(rt, source.id)
    _check_edits(rt, binding, source, new)
    with access.environment(rt, source) as env:
        with _readable():
            _check_branch(source, branch, env)
            mirror.fetch(source.url, source.ref, binding.applied_sha, env)
            files = _files(rt, binding, mirror, new)
        change_id = new_id()
        named = new.branch or _branch_name(author.name, new, change_id)
        target = branch if new.direct else named
        old = binding.applied_sha if new.direct else None
        try:
            sha = _commit(rt, source, binding, mirror, new, files, author, change_id)
            push(mirror.folder, source.url, sha, target, env, old)
        except (NothingChanged, PushRejected) as error:
            raise Conflict(str(error)) from None
        except GitFailed as error:
            raise Unavailable(str(error)) from None
    if new.direct:
        with suppress(Conflict):  # suspended: it follows what was pushed once it is resumed
            sources.ask_fetch(rt, source.id)
    values = {"id": change_id, "sha": sha, "branch": target, "paths": sorted(files)}
    if new.pull_request and not new.direct:
        values |= _open(rt, source, target, branch, new, author)
    return _keep(rt, binding, new, author, values)


def _keep(
    rt: Runtime, binding: Row[Any], new: NewChange, author: Person, values: dict[str, Any]
) -> Row[Any]:
    common = {"binding_id": binding.id, "base_sha": binding.applied_sha, "title": _title(new)}
    who = {"actor": author.name, "created_at": rt.clock()}
    with rt.database.transaction() as tx:
        git_outside.add_change(tx, {**values, **common, **who})
        return next(iter(git_outside.list_changes(tx, binding.id, 1)))


def _place(rt: Runtime, new: NewChange) -> tuple[Row[Any], Row[Any], str]:
    """The binding, its source and the branch that is followed. Raises Conflict."""
    binding = bindings.find(rt, new.binding)
    source = sources.find(rt, binding.source_id)
    if binding.applied_sha is None:
        raise Conflict(f"the Git binding {binding.name!r} has applied no commit yet")
    branch = source.ref.removeprefix("refs/heads/")
    if source.ref_kind not in ("auto", "branch"):
        raise Conflict("changes are proposed to a branch, and this source follows none")
    if new.direct and not bindings.settings_of(binding).direct_commit:
        raise Conflict(f"the Git binding {binding.name!r} allows no direct commits (directCommit)")
    return binding, source, branch


def _check_branch(source: Row[Any], branch: str, env: Mapping[str, str]) -> None:
    """Raises Conflict when what the source follows is a tag or a commit."""
    try:
        resolve(source.url, branch, env, RefKind.BRANCH)
    except RefNotFound:
        raise Conflict(f"{branch!r} is no branch of the repository") from None


@contextmanager
def _readable() -> Iterator[None]:
    """Raises Unavailable in place of Git's own error, with what to do about it."""
    try:
        yield
    except GitFailed as error:
        words = told(str(error))
        message = f"the repository cannot be read ({words})"
        raise Unavailable(f"{message}: {found}" if (found := advice(words)) else message) from None


def _check_edits(rt: Runtime, binding: Row[Any], source: Row[Any], new: NewChange) -> None:
    """Raises Invalid (InvalidFlow) for an edit that says something else than what it is of."""
    kinds = bindings.settings_of(binding).kinds
    seen: set[Key] = set()
    for edit in new.edits:
        key: Key = (edit.kind, edit.key)
        if key in seen:
            raise Invalid(f"{edit.key!r} is edited twice")
        seen.add(key)
        if edit.kind not in kinds:
            raise Invalid(f"{binding.name} does not take the kind {edit.kind.value}")
        if edit.content is not None and (said := _said(rt, binding, source, edit)) != key:
            kind = said[0].value.lower()
            raise Invalid(f"the content is the {kind} {said[1]}, not {edit.key}")


def _said(rt: Runtime, binding: Row[Any], source: Row[Any], edit: Edit) -> Key:
    """What the content of an edit is. Raises Invalid, InvalidFlow."""
    text = edit.content or ""
    if edit.kind is Kind.FLOW:
        flow = flows.parse(rt, text).flow
        return edit.kind, f"{flow.namespace}/{flow.id}"
    if edit.kind is Kind.DASHBOARD:
        return edit.kind, boards.read(text, f"{edit.key}.yaml")[0]
    if edit.kind in declared.KINDS:
        return declared.read_file(text, binding, source.name)[:2]
    return edit.kind, edit.key


def _files(
    rt: Runtime, binding: Row[Any], mirror: Mirror, new: NewChange
) -> dict[str, bytes | None]:
    """Paths of the repository to their new bytes. Raises Invalid, Conflict, GitFailed."""
    with rt.database.reading() as tx:
        owned = git_bindings.resources(tx, binding.id)
    places = Places.read(binding, owned, mirror, rt.settings.environment)
    found: dict[str, bytes | None] = {}
    for edit in new.edits:
        key: Key = (edit.kind, edit.key)
        path = places.path_of(key)
        if path in found:
            raise Conflict(f"{path}: the edits have two resources for this file")
        if edit.content is None and key not in places.known:
            raise Invalid(f"{binding.name} does not own {edit.key!r}")
        found[path] = None if edit.content is None else places.text_of(key, edit.content).encode()
    places.check_free((edit.kind, edit.key) for edit in new.edits)
    return found


def _commit(
    rt: Runtime,
    source: Row[Any],
    binding: Row[Any],
    mirror: Mirror,
    new: NewChange,
    files: Mapping[str, bytes | None],
    author: Person,
    change_id: str,
) -> str:
    connection = access.connection_of(rt, source)
    identity: Identity = connection.identity
    message = f"{_title(new)}\n\n{new.body}".strip() + f"\n\nTrunkline-Change: {change_id}\n"
    return write_commit(
        mirror.folder,
        NewCommit(
            parent=binding.applied_sha,
            files=files,
            message=message,
            author=author,
            committer=Person(name=identity.name, email=identity.email),
            at=rt.clock(),
            signing_key=access.secret(rt, connection.signing_key_secret, "signing key"),
        ),
    )


def _title(new: NewChange) -> str:
    words = " ".join(new.title.split())
    return words or f"Change {', '.join(edit.key for edit in new.edits[:3])}"[:72]


def _branch_name(user: str, new: NewChange, change_id: str) -> str:
    def slug(text: str) -> str:
        return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].strip("-") or "change"

    return f"trunkline/{slug(user)}/{slug(_title(new))}-{change_id[-8:].lower()}"


def _open(
    rt: Runtime, source: Row[Any], branch: str, target: str, new: NewChange, author: Person
) -> dict[str, Any]:
    """The pull request, or the address where a person opens it."""
    host = access.host_of(rt, source)
    if not has_api(host):
        return {"url": compare_url(host, branch, target)}
    body = f"{new.body}\n\nProposed by {author.name} with Trunkline.".strip()
    wanted = NewPull(branch=branch, target=target, title=_title(new), body=body)
    try:
        opened = connect(host).open_pull(wanted)
    except (ProviderFailed, LookupError, TypeError, ValueError) as error:  # it is pushed already
        is_told = isinstance(error, ProviderFailed)
        words = str(error) if is_told else "the host answered otherwise than expected"
        return {"url": compare_url(host, branch, target), "error": words}
    return {"url": opened.url, "number": opened.number}
