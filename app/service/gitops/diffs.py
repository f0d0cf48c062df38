"""Diffs of a plan's items: what runs against what the commit holds."""

from dataclasses import replace

from app.database import dashboards, namespaces
from app.database import flows as flow_rows
from app.errors import TrunklineError
from app.gitops.diff import MOST_BYTES, text_of, unified
from app.gitops.layout import Kind
from app.gitops.plan import Action, Item, Plan, Sync
from app.service.gitops.callers import with_warnings
from app.service.gitops.states import Picture
from app.service.runtime import Runtime

MOST_DIFFS = 200
_WRITES = (Action.CREATE, Action.UPDATE)


def with_diffs(rt: Runtime, plan: Plan, picture: Picture) -> Plan:
    """The plan, the first of its items that change something (or are in conflict) with a diff."""
    left = MOST_DIFFS
    items = []
    for item in plan.items:
        differs = item.action in (*_WRITES, Action.DELETE) or item.state in (
            Sync.CONFLICT,
            Sync.UNOWNED,
            Sync.DRIFTED,
        )
        if differs and left > 0:
            left -= 1
            item = replace(item, diff=_diff(rt, item, picture))
        items.append(item)
    return with_warnings(rt, Plan(tuple(items), plan.blocked), picture)


def _diff(rt: Runtime, item: Item, picture: Picture) -> str:
    after: str | None = None
    if item.after is not None:
        try:
            loaded = picture.load((item.kind, item.key))
        except TrunklineError as error:
            return f"{error}\n"
        after = loaded.text if item.kind is not Kind.FILE else text_of(loaded.data)
    return unified(item.path or item.key, live_text(rt, item.kind, item.key), after)


def live_text(rt: Runtime, kind: Kind, key: str) -> str | None:
    """What runs, as a text; None when there is nothing."""
    namespace, _, name = key.partition("/" if kind is Kind.FLOW else ":")
    with rt.database.reading() as tx:
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
