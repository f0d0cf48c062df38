"""Flows: saved, read, deleted, validated; their compiled form is cached by revision."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Row

from app.database import caches, flows, namespaces, triggers
from app.database.session import Session
from app.engine.index import FlowIndex
from app.errors import Invalid, NotFound, Violation
from app.language.parse import DefaultsOf, Parsed, build_flow, parse_flow
from app.model.flow import Flow
from app.model.task import WorkerGroup
from app.service import flow_cache, ownership, trigger_rows
from app.service.runtime import Runtime


class FlowNotFound(NotFound):
    """No flow with this id exists in this namespace."""

    def __init__(self, namespace: str, flow_id: str, revision: int | None = None) -> None:
        at = f" with revision {revision}" if revision is not None else ""
        super().__init__(f"no flow {flow_id!r} in namespace {namespace!r}{at}")


@dataclass(frozen=True, kw_only=True)
class SavedFlow:
    """A revision as it is stored."""

    namespace: str
    id: str
    revision: int
    source: str
    document: Mapping[str, Any]
    deleted: bool
    disabled: bool
    git: Mapping[str, Any] | None
    is_new: bool = False  #: whether this call made the revision

    @classmethod
    def of(cls, row: Row[Any]) -> "SavedFlow":
        """From a row of `flow_revisions`."""
        return cls(
            namespace=row.namespace,
            id=row.id,
            revision=row.revision,
            source=row.source,
            document=row.document,
            deleted=row.deleted,
            disabled=row.disabled,
            git=row.git,
        )


def document_hash(data: Mapping[str, Any]) -> str:
    """Equal for documents that mean the same; keys' order, comments and revision do not count."""
    kept = {k: v for k, v in data.items() if k not in ("revision", "deleted", "source")}
    text = json.dumps(kept, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def outer_defaults(tx: Session, rt: Runtime, namespace: str) -> tuple[Mapping[str, Any], ...]:
    """Plugin defaults around a flow: its namespace's, its parents', the installation's."""
    return _around(tx, rt, namespace)[0]


def _around(
    tx: Session, rt: Runtime, namespace: str
) -> tuple[flow_cache.Defaults, Mapping[str, Any] | None]:
    """What a flow has from its namespace and the parents of it, the nearest first: plugin defaults
    (those of the installation last) and a worker group."""
    found: list[Mapping[str, Any]] = []
    group: Mapping[str, Any] | None = None
    parts = namespace.split(".")
    for size in range(len(parts), 0, -1):
        if (row := namespaces.find(tx, ".".join(parts[:size]))) is not None:
            found.extend(row.plugin_defaults)
            group = group or row.settings.get("workerGroup")
    return (*found, *rt.settings.plugin_defaults), group


def parse(rt: Runtime, text: str | bytes, around: DefaultsOf | None = None) -> Parsed:
    """The flow of a YAML text, defaults applied. Raises DocumentError or InvalidFlow.

    Who reads many flows gives the defaults `around` them, to ask once for each namespace.
    """
    return parse_flow(text, rt.registry, around or defaults_of(rt))


def defaults_of(rt: Runtime) -> DefaultsOf:
    """Gives the plugin defaults around a flow of a namespace, the nearest first."""
    return partial(_defaults_around, rt)


def _defaults_around(rt: Runtime, namespace: str) -> tuple[Mapping[str, Any], ...]:
    with rt.database.reading() as tx:
        return outer_defaults(tx, rt, namespace)


def save(
    rt: Runtime,
    text: str,
    *,
    author: str | None = None,
    via: str | None = None,
    create: bool | None = None,
    expect: tuple[str, str] | None = None,
    git: Mapping[str, Any] | None = None,
    writer: str | None = None,
    force: bool = False,
) -> SavedFlow:
    """Creates or updates a flow; an equal document keeps its revision.

    `create` True refuses a flow that exists (Invalid), False one that does not (FlowNotFound).
    `expect` is the (namespace, id) that the document must have, `via` what it was saved with.
    `writer` is the Git binding that saves what it owns; for everybody else an owned flow follows
    its binding's `editMode`, unless `force`. Raises ManagedByGit.
    """
    parsed = parse(rt, text)
    with rt.database.transaction() as tx:
        return save_in(
            tx, rt, parsed, text, author=author, via=via, create=create, expect=expect, git=git,
            writer=writer, force=force,
        )  # fmt: skip


def save_in(
    tx: Session,
    rt: Runtime,
    parsed: Parsed,
    text: str,
    *,
    author: str | None = None,
    via: str | None = None,
    create: bool | None = None,
    expect: tuple[str, str] | None = None,
    git: Mapping[str, Any] | None = None,
    writer: str | None = None,
    force: bool = False,
) -> SavedFlow:
    """As `save`, in the caller's transaction and with the document parsed before it."""
    flow = parsed.flow
    if expect is not None:
        _check_same(flow, expect)
    head = flows.lock(tx, flow.namespace, flow.id)
    exists = head is not None and not head.deleted
    _check_exists(flow, exists=exists, create=create)
    digest = document_hash(parsed.data)
    last = flows.revision(tx, flow.namespace, flow.id) if exists else None
    if last is not None and last.hash == digest:
        return SavedFlow.of(last)
    name = f"{flow.namespace}/{flow.id}"
    if ownership.check(tx, rt.clock(), "FLOW", name, writer=writer, force=force):
        git = _detached(last)
    number = (head.revision if head is not None else 0) + 1
    now = rt.clock()
    values = _content(parsed, text, digest) | {"revision": number, "created_at": now}
    values |= {"git": dict(git) if git is not None else None, "author": author, "via": via}
    flows.add_revision(tx, values)
    first = _head(flow, number, now)
    if head is None:
        flows.add_head(tx, flow.namespace, flow.id, first)
    else:
        flows.put_head(tx, flow.namespace, flow.id, first)
    trigger_rows.follow(tx, rt, flow, number)
    return SavedFlow(**{k: values[k] for k in _FIELDS}, is_new=True)


def _content(parsed: Parsed, text: str, digest: str) -> dict[str, Any]:
    return {
        "namespace": parsed.flow.namespace,
        "id": parsed.flow.id,
        "source": text,
        "document": parsed.data,
        "hash": digest,
        "deleted": False,
        "disabled": parsed.flow.disabled,
    }


def _detached(last: Row[Any] | None) -> dict[str, Any]:
    """The origin of a revision that was made behind Git: where the one before it came from."""
    return {**((last.git if last is not None else None) or {}), "detached": True}


_FIELDS = ("namespace", "id", "revision", "source", "document", "deleted", "disabled", "git")


def _check_exists(flow: Flow, *, exists: bool, create: bool | None) -> None:
    if create is True and exists:
        message = f"Flow id already exists: {flow.namespace}.{flow.id}"
        raise Invalid("Invalid Flow", (Violation(path="id", message=message),))
    if create is False and not exists:
        raise FlowNotFound(flow.namespace, flow.id)


def _check_same(flow: Flow, expect: tuple[str, str]) -> None:
    wrong = []
    if flow.id != expect[1]:
        wrong.append(Violation(path="id", message="Illegal flow id update"))
    if flow.namespace != expect[0]:
        wrong.append(Violation(path="namespace", message="Illegal namespace update"))
    if wrong:
        raise Invalid("Invalid Flow", tuple(wrong))


def _head(flow: Flow, revision: int, now: Any) -> dict[str, Any]:
    limit = flow.concurrency
    text = f"{flow.id} {flow.namespace} {flow.description or ''}".lower()
    return {
        "revision": revision,
        "deleted": False,
        "disabled": flow.disabled,
        "labels": dict(flow.labels or {}),
        "concurrency": limit.model_dump(mode="json") if limit else None,
        "search_text": text,
        "updated_at": now,
    }


def get(
    rt: Runtime,
    namespace: str,
    flow_id: str,
    revision: int | None = None,
    *,
    deleted_too: bool = False,
) -> SavedFlow:
    """One revision, the latest by default. Raises FlowNotFound."""
    with rt.database.reading() as tx:
        row = flows.revision(tx, namespace, flow_id, revision)
    if row is None or ((row.deleted or row.flow_deleted) and not deleted_too):
        raise FlowNotFound(namespace, flow_id, revision)
    return SavedFlow.of(row)


def list_revisions(rt: Runtime, namespace: str, flow_id: str) -> list[SavedFlow]:
    """Every revision, the first one first. Raises FlowNotFound for a flow that never was."""
    with rt.database.reading() as tx:
        rows = flows.revisions(tx, namespace, flow_id)
    if not rows:
        raise FlowNotFound(namespace, flow_id)
    return [SavedFlow.of(row) for row in rows]


def delete(
    rt: Runtime,
    namespace: str,
    flow_id: str,
    *,
    author: str | None = None,
    via: str | None = None,
    force: bool = False,
) -> None:
    """A tombstone revision; the history stays readable. Raises FlowNotFound, ManagedByGit."""
    with rt.database.transaction() as tx:
        delete_in(tx, rt, namespace, flow_id, author=author, via=via, force=force)


def delete_in(
    tx: Session,
    rt: Runtime,
    namespace: str,
    flow_id: str,
    *,
    author: str | None = None,
    via: str | None = None,
    writer: str | None = None,
    force: bool = False,
) -> SavedFlow:
    """As `delete`, in the caller's transaction."""
    head = flows.lock(tx, namespace, flow_id)
    row = flows.revision(tx, namespace, flow_id)
    if head is None or head.deleted or row is None:
        raise FlowNotFound(namespace, flow_id)
    now = rt.clock()
    ownership.check(tx, now, "FLOW", f"{namespace}/{flow_id}", writer=writer, force=force)
    values = {**row._mapping, "revision": head.revision + 1, "deleted": True, "created_at": now}
    # not of whom, and of what commit, the revision before was
    values |= {"author": author, "via": via, "git": row.git if writer else None}
    values = {k: v for k, v in values.items() if k not in ("latest", "flow_deleted")}
    flows.add_revision(tx, values)
    changes = {"revision": head.revision + 1, "deleted": True, "updated_at": now}
    flows.put_head(tx, namespace, flow_id, changes)
    for trigger in triggers.list_of_flow(tx, namespace, flow_id):
        triggers.drop(tx, namespace, flow_id, trigger.trigger_id)
    caches.expire_flow(tx, namespace, flow_id, now)
    return SavedFlow(**{k: values[k] for k in _FIELDS})


# -- the compiled form


def index_in(tx: Session, rt: Runtime, namespace: str, flow_id: str, revision: int) -> FlowIndex:
    """The compiled flow of a revision, read in the caller's transaction. Raises FlowNotFound."""
    slot = flow_cache.slot(rt.database.url, namespace, flow_id, revision)
    if (found := slot.fresh()) is not None:
        return found
    defaults, group = _around(tx, rt, namespace)

    def build() -> FlowIndex:
        row = flows.revision(tx, namespace, flow_id, revision)
        if row is None:
            raise FlowNotFound(namespace, flow_id, revision)
        flow = build_flow(row.document, rt.registry, defaults=defaults)
        changes: dict[str, Any] = {"revision": revision}
        if group is not None and flow.worker_group is None and flow.worker_selector is None:
            changes["worker_group"] = WorkerGroup.model_validate(group)
        return FlowIndex.of(flow.model_copy(update=changes), _commit(row.git))

    around = (*defaults, {"workerGroup": group}) if group is not None else defaults
    return slot.filled(around, build)


def _commit(git: Mapping[str, Any] | None) -> str | None:
    return None if git is None or git.get("detached") else git.get("commit")


def index(rt: Runtime, namespace: str, flow_id: str, revision: int) -> FlowIndex:
    """The compiled flow of a revision, cached as long as the defaults around it stay the same.

    Raises FlowNotFound, InvalidFlow.
    """
    found = flow_cache.slot(rt.database.url, namespace, flow_id, revision).fresh()
    if found is not None:
        return found
    with rt.database.reading() as tx:
        return index_in(tx, rt, namespace, flow_id, revision)


def index_of(rt: Runtime, execution: Row[Any]) -> FlowIndex:
    """The compiled flow that an execution is pinned to."""
    return index(rt, execution.namespace, execution.flow_id, execution.revision)


# -- validation
