"""Dashboards as resources of Git: by id, written and removed in a larger transaction."""

from collections.abc import Iterable
from pathlib import PurePosixPath

from app.database import dashboards as rows
from app.database.session import Session
from app.errors import Invalid, TrunklineError
from app.language.dashboard import parse_dashboard
from app.service import flows, ownership
from app.service.gitops.texts import without_updated
from app.service.runtime import Runtime


def read(text: str, name: str) -> tuple[str, str]:
    """A dashboard's id (the name of its file where the text has none) and hash. Raises Invalid."""
    parsed, document = parse_dashboard(without_updated(text))
    dashboard_id = parsed.id or PurePosixPath(name).stem
    if not dashboard_id or not dashboard_id.isprintable() or "/" in dashboard_id:
        raise Invalid(f"{dashboard_id[:80]!r} is no id of a dashboard")
    return dashboard_id, flows.document_hash({**document, "id": dashboard_id})


def live_hashes(tx: Session, ids: Iterable[str]) -> dict[str, str]:
    """The hashes of those that exist; what cannot be read any more differs from everything."""
    found = {}
    for dashboard_id in ids:
        row = rows.find(tx, dashboard_id)
        if row is None:
            continue
        try:
            found[dashboard_id] = read(row.source, dashboard_id)[1]
        except TrunklineError:
            found[dashboard_id] = "unreadable"
    return found


def put(
    tx: Session,
    rt: Runtime,
    dashboard_id: str,
    text: str,
    *,
    author: str | None,
    writer: str | None = None,
) -> None:
    """Creates or replaces one. Raises ManagedByGit."""
    now = rt.clock()
    ownership.check(tx, now, "DASHBOARD", dashboard_id, writer=writer)
    text = without_updated(text)
    title = parse_dashboard(text)[0].title
    values = {"title": title, "source": text, "author": author, "updated_at": now}
    if rows.find(tx, dashboard_id) is not None:
        rows.change(tx, dashboard_id, values)
    else:
        rows.add(tx, {**values, "id": dashboard_id, "created_at": now})


def end(tx: Session, rt: Runtime, dashboard_id: str, *, writer: str | None = None) -> None:
    """Removes one. Raises ManagedByGit."""
    ownership.check(tx, rt.clock(), "DASHBOARD", dashboard_id, writer=writer)
    rows.remove(tx, dashboard_id)
