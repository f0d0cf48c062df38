"""A folder that a client sends, planned and applied like a binding's, owned by nobody.

What `trunkline plan DIR` and `trunkline apply DIR` do: for a pipeline of CI without a source, and
to try a change before it is pushed. What a Git binding owns is left to it.
"""

import hashlib
import io
from dataclasses import dataclass, field, replace

from pydantic import BaseModel, Field

from app.database import flows as flow_rows
from app.database import git_bindings
from app.database.session import Session
from app.errors import Conflict, TrunklineError
from app.gitops.diff import unified
from app.gitops.layout import Kind, Layout, is_within, place_of
from app.gitops.plan import (
    Action,
    Desired,
    Key,
    Owned,
    Plan,
    Policy,
    States,
    make_plan,
    problems_of,
)
from app.language.parse import Parsed
from app.model.namespace import check_namespace
from app.service import flows
from app.service.gitops.diffs import live_text
from app.service.gitops.models import WIRE
from app.service.gitops.states import live_hashes
from app.service.gitops.texts import with_namespace
from app.service.gitops.writing import FileWriter, store
from app.service.runtime import Runtime
from app.storage.paths import safe_path

_ME = "this folder"


class Folder(BaseModel):
    """Files by their path, and the namespaces that they become."""

    model_config = WIRE

    files: dict[str, str] = Field(max_length=20_000)
    namespace: str = ""
    layout: Layout = Layout.DECLARED
    delete: bool = False
    """Whether flows below the namespace that no file has are deleted."""


@dataclass
class _Reading:
    desired: dict[Key, Desired] = field(default_factory=dict)
    texts: dict[Key, str] = field(default_factory=dict)
    parsed: dict[Key, Parsed] = field(default_factory=dict)


def plan(rt: Runtime, folder: Folder) -> Plan:
    """What applying the folder would change, each item with its diff."""
    found, reading = _plan(rt, folder)
    items = []
    for item in found.items:
        if item.action is not Action.NONE:
            after = reading.texts.get((item.kind, item.key))
            diff = unified(item.path or item.key, live_text(rt, item.kind, item.key), after)
            item = replace(item, diff=diff)
        items.append(item)
    return Plan(tuple(items), found.blocked)


def apply(rt: Runtime, folder: Folder, *, author: str) -> Plan:
    """Applies the folder in one transaction; the plan that was done. Raises Conflict (blocked)."""
    found, reading = _plan(rt, folder)
    if found.blocked:
        raise Conflict(found.refusal)
    uris = {
        item.key: store(rt, io.BytesIO(reading.texts[item.kind, item.key].encode()))
        for item in found.changes
        if item.kind is Kind.FILE
    }
    with rt.database.transaction() as tx:
        files = FileWriter(rt, tx)
        for item in found.changes:
            key = (item.kind, item.key)
            if item.action is Action.DELETE:
                namespace, _, flow_id = item.key.partition("/")
                flows.delete_in(tx, rt, namespace, flow_id, author=author)
            elif item.kind is Kind.FLOW:
                text = reading.texts[key]
                flows.save_in(tx, rt, reading.parsed[key], text, author=author)
        files.put_many(
            (item.key, uris[item.key], None) for item in found.changes if item.kind is Kind.FILE
        )
    rt.publisher.announce("due", {})
    return found


def _plan(rt: Runtime, folder: Folder) -> tuple[Plan, _Reading]:
    reading = _read(rt, folder)
    with rt.database.reading() as tx:
        keys = set(reading.desired)
        if folder.delete:
            keys |= _present(tx, folder)
        live = live_hashes(tx, keys)
        owned = {k: Owned(binding=_ME, path="", hash=h) for k, h in live.items()}
        for kind in Kind:
            names = [name for k, name in keys if k is kind]
            for row in git_bindings.owners(tx, kind.value, names):
                key = (Kind(row.kind), row.key)
                if key in reading.desired or key in owned:
                    owner = {"binding": row.binding_id, "name": row.name}
                    owned[key] = Owned(**owner, path=row.path, hash=row.hash)
    system = rt.settings.system_namespace
    # all that no file has goes, but this: where it is meant, it is named
    protected = () if is_within(folder.namespace, system) else (system,)
    policy = Policy(prune=folder.delete, max_delete_percent=100, protected=protected)
    return make_plan(_ME, States(reading.desired, owned, live), policy), reading


def _present(tx: Session, folder: Folder) -> set[Key]:
    rows = flow_rows.list_latest(tx, prefix=folder.namespace or None)
    return {(Kind.FLOW, f"{row.namespace}/{row.id}") for row in rows}


def _read(rt: Runtime, folder: Folder) -> _Reading:
    reading = _Reading()
    for path, text in sorted(folder.files.items()):
        place = place_of(folder.layout, folder.namespace, path.strip("/"))
        if place is None or place.kind.is_global:
            continue
        try:
            if place.kind is Kind.FILE:
                check_namespace(place.namespace)
                key = (Kind.FILE, f"{place.namespace}:{safe_path(place.path or '')}")
                digest = hashlib.sha256(text.encode()).hexdigest()
            else:
                key, text, parsed = _flow(rt, folder, text, place.namespace)
                reading.parsed[key] = parsed
                digest = flows.document_hash(parsed.data)
        except TrunklineError as error:
            name, problems = (place.kind, path), problems_of(path, error)
            reading.desired[name] = Desired(path=path, blob="", hash=None, problems=problems)
            continue
        problems = (f"{path}: {key[1]} is defined twice",) if key in reading.desired else ()
        shown = None if problems else digest
        reading.desired[key] = Desired(path=path, blob="", hash=shown, problems=problems)
        reading.texts[key] = text
    return reading


def _flow(rt: Runtime, folder: Folder, text: str, namespace: str | None) -> tuple[Key, str, Parsed]:
    if folder.layout is Layout.TREE and namespace is not None:
        text = with_namespace(text, namespace)
    parsed = flows.parse(rt, text)
    found = parsed.flow.namespace
    if namespace is not None and found != namespace:
        raise Conflict(f"its namespace is {found}, its folder says {namespace}")
    if not is_within(found, folder.namespace):
        raise Conflict(f"its namespace {found} is outside of {folder.namespace}")
    return (Kind.FLOW, f"{found}/{parsed.flow.id}"), text, parsed
