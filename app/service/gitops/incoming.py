"""An order of a task, read: what it wants, what runs, what stands in its way."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from app.database import dashboards, git_bindings, namespaces
from app.database import flows as flow_rows
from app.database.session import Session
from app.errors import Conflict, TrunklineError
from app.gitops.layout import Kind
from app.gitops.plan import Desired, Key, Owned
from app.language.parse import Parsed
from app.plugin.exchange import IncomingDashboard, IncomingFlow, Order
from app.service import flows
from app.service.gitops import boards
from app.service.gitops.states import live_hashes
from app.service.gitops.texts import id_of, with_namespace
from app.service.runtime import Runtime
from app.storage.paths import safe_path

ME = "this task"


@dataclass
class Reading:
    """The three states of the comparison, and what is written when it is applied."""

    desired: dict[Key, Desired] = field(default_factory=dict)
    owned: dict[Key, Owned] = field(default_factory=dict)
    live: dict[Key, str] = field(default_factory=dict)
    flows: dict[Key, tuple[str, Parsed]] = field(default_factory=dict)
    files: dict[Key, Path] = field(default_factory=dict)
    dashboards: dict[Key, str] = field(default_factory=dict)
    revisions: dict[Key, int] = field(default_factory=dict)
    displaced: list[Key] = field(default_factory=list)  #: where a folder or a file must come
    drafts: set[Key] = field(default_factory=set)


def read(rt: Runtime, order: Order) -> Reading:
    """Reads an order and what runs. Raises Conflict for what is defined twice."""
    found, wrong = Reading(), list[str]()
    for flow in sorted(order.flows, key=lambda f: f.path):
        _read_flow(rt, order, flow, found, wrong)
    for file in sorted(order.files, key=lambda f: f.path):
        key = (Kind.FILE, f"{file.namespace}:{safe_path(file.name)}")
        if key[1] in order.kept:
            continue
        with file.content.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        _want(found, key, file.path, digest, wrong)
        found.files[key] = file.content
    for board in sorted(order.dashboards, key=lambda d: d.path):
        _read_dashboard(order, board, found, wrong)
    if wrong:
        raise Conflict("; ".join(wrong[:50]))
    with rt.database.reading() as tx:
        _look(tx, order, found)
    return found


def _want(found: Reading, key: Key, path: str, digest: str | None, wrong: list[str]) -> None:
    other = found.desired.get(key)
    if other is not None:
        wrong.append(f"{key[1]} is defined in {other.path} and in {path}")
    found.desired[key] = Desired(path=path, blob="", hash=digest)


def _read_flow(
    rt: Runtime, order: Order, flow: IncomingFlow, found: Reading, wrong: list[str]
) -> None:
    text = flow.text
    try:
        if flow.namespace is not None:
            text = with_namespace(text, flow.namespace)
        parsed = flows.parse(rt, text)
    except TrunklineError as error:
        _refuse(order, flow, str(error), found)
        return
    key = (Kind.FLOW, f"{parsed.flow.namespace}/{parsed.flow.id}")
    if parsed.flow.draft:
        found.drafts.add(key)
    elif key[1] not in order.kept:
        _want(found, key, flow.path, flows.document_hash(parsed.data), wrong)
        found.flows[key] = (text, parsed)


def _read_dashboard(
    order: Order, board: IncomingDashboard, found: Reading, wrong: list[str]
) -> None:
    try:
        dashboard_id, digest = boards.read(board.text, board.path)
    except TrunklineError as error:
        name = PurePosixPath(board.path).stem
        wrong.append(f"Invalid dashboard imported from Git ({name}): {error}")
        return
    if dashboard_id not in order.kept:
        key = (Kind.DASHBOARD, dashboard_id)
        _want(found, key, board.path, digest, wrong)
        found.dashboards[key] = board.text


def _refuse(order: Order, flow: IncomingFlow, reason: str, found: Reading) -> None:
    """The flow cannot be applied; what it stands for stays as it is."""
    flow_id = id_of(flow.text, flow.path)
    problem = order.invalid(flow.path, reason)
    key = (Kind.FLOW, f"{flow.namespace or ''}/{flow_id}")
    if key in found.desired:
        key = (Kind.FLOW, f"{flow.namespace or ''}/{flow.path}")
    found.desired[key] = Desired(path=flow.path, blob="", hash=None, problems=(problem,))


def _look(tx: Session, order: Order, found: Reading) -> None:
    """Reads what runs, of all that is wanted or may have to go."""
    _look_at_flows(tx, order, found)
    keys = set(found.desired) | set(found.revisions)
    places = {namespace for namespace, _ in order.file_folders}
    places |= {key.partition(":")[0] for kind, key in found.desired if kind is Kind.FILE}
    taken = {
        f"{key.partition(':')[0]}:{folder}"
        for kind, key in found.desired
        if kind is Kind.FILE
        for folder in PurePosixPath(key.partition(":")[2]).parents
    }
    for namespace in places:
        paths = [r.path for r in namespaces.list_files(tx, namespace) if r.uri is not None]
        folders = [folder for name, folder in order.file_folders if name == namespace]
        for path in paths:
            key = (Kind.FILE, f"{namespace}:{path}")
            is_ours = any(not f or path.startswith(f + "/") for f in folders)
            if is_ours and key[1] not in order.kept:
                keys.add(key)
            if key not in found.desired and _is_displaced(found, key[1], taken):
                found.displaced.append(key)
    if order.all_dashboards:
        there = [row.id for row in dashboards.list_all(tx) if row.id not in order.kept]
        keys |= {(Kind.DASHBOARD, dashboard_id) for dashboard_id in there}
    found.live = live_hashes(tx, keys)
    found.owned = {k: Owned(binding=ME, path="", hash=h) for k, h in found.live.items()}
    for kind in Kind:
        names = [name for k, name in keys if k is kind]
        for row in git_bindings.owners(tx, kind.value, names):
            owner = {"binding": row.binding_id, "name": row.name}
            found.owned[Kind(row.kind), row.key] = Owned(**owner, path=row.path, hash=row.hash)


def _look_at_flows(tx: Session, order: Order, found: Reading) -> None:
    places = set(order.flow_namespaces)
    for namespace in places:
        for row in flow_rows.list_latest(tx, namespace=namespace):
            key = (Kind.FLOW, f"{namespace}/{row.id}")
            if row.document.get("draft") is True:
                found.drafts.add(key)
            elif key[1] not in order.kept:
                found.revisions[key] = row.revision
    for key in [k for k in found.desired if k[0] is Kind.FLOW and k not in found.revisions]:
        namespace, _, flow_id = key[1].partition("/")
        last = flow_rows.revision(tx, namespace, flow_id)
        if last is not None and not last.deleted and last.document.get("draft") is True:
            found.drafts.add(key)
        elif last is not None:
            found.revisions[key] = last.revision
    for key in found.drafts:
        found.desired.pop(key, None)
        found.revisions.pop(key, None)


def _is_displaced(found: Reading, key: str, taken: set[str]) -> bool:
    """Whether a wanted file lies below this file, or where one of its folders is."""
    namespace, _, path = key.partition(":")
    parents = PurePosixPath(path).parents
    return key in taken or any((Kind.FILE, f"{namespace}:{p}") in found.desired for p in parents)
