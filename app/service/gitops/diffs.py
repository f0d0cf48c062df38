"""Diffs of a plan's items: what runs against what the commit holds."""

from dataclasses import replace
from itertools import islice

from app.database import dashboards, namespaces
from app.database import flows as flow_rows
from app.errors import TrunklineError
from app.gitops.diff import MOST_BYTES, text_of, unified
from app.gitops.layout import Kind
from app.gitops.plan import Action, Item, Key, Plan, Sync
from app.service.gitops import declared
from app.service.gitops.callers import with_warnings
from app.service.gitops.states import Picture
from app.service.runtime import Runtime

MOST_DIFFS = 200
_WRITES = (Action.CREATE, Action.UPDATE)


def with_diffs(rt: Runtime, plan: Plan, picture: Picture) -> Plan:
    """The plan, the first of its items that change something (or are in conflict) with a diff."""
    shown = list(islice(filter(_differs, plan.items), MOST_DIFFS))
    wanted = [(i.kind, i.key) for i in shown if i.kind is Kind.FILE and i.after is not None]
    files = dict(picture.read_files(wanted, MOST_BYTES))  # one process for all of them
    diffs = {(item.kind, item.key): _diff(rt, item, picture, files) for item in shown}
    items = (replace(item, diff=diffs.get((item.kind, item.key))) for item in plan.items)
    return with_warnings(rt, Plan(tuple(items), plan.blocked), picture)


def _differs(item: Item) -> bool:
    states = (Sync.CONFLICT, Sync.UNOWNED, Sync.DRIFTED, Sync.IGNORED)
    return item.action in (*_WRITES, Action.DELETE) or item.state in states


def _diff(rt: Runtime, item: Item, picture: Picture, files: dict[Key, bytes]) -> str:
    path = item.path or item.key
    before = None if item.before is None else live_text(rt, item.kind, item.key)
    after: str | None = None
    if item.kind is Kind.FILE and item.after is not None:
        data = files.get((item.kind, item.key))
        if data is None:
            return f"--- {path}\n+++ {path}\n(too large to show)\n"
        after = text_of(data)
    elif item.after is not None:
        try:
            loaded = picture.load((item.kind, item.key))
        except TrunklineError as error:
            return f"{error}\n"
        after = loaded.text
    return unified(path, before, after)


def live_text(rt: Runtime, kind: Kind, key: str) -> str | None:
    """What runs, as a text; None when there is nothing."""
    namespace, _, name = key.partition("/" if kind is Kind.FLOW else ":")
    with rt.database.reading() as tx:
        if kind in declared.KINDS:
            return declared.text_of(tx, kind, key)
        if kind is Kind.DASHBOARD:
            board = dashboards.find(tx, key)
            return None if board is None else str(board.source)
        if kind is Kind.FLOW:
            row = flow_rows.revision(tx, namespace, name)
            return None if row is None or row.flow_deleted else str(row.source)
        file = namespaces.find_file(tx, namespace, name)
    if file is None or file.uri is None:
        return None
    with rt.storage.open(file.uri) as stream:
        return text_of(stream.read(MOST_BYTES + 1))
