"""Dates, lists and namespaces that several core tasks read from their properties."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.errors import TrunklineError
from app.expression.dates import parse_date
from app.plugin.context import RunContext
from app.plugin.task import TaskFailed


def moment(ctx: RunContext, value: Any, name: str) -> datetime | None:
    """A rendered ISO date, in the server's zone when it names none. Raises TaskFailed."""
    text = ctx.render(value)
    if text is None or text == "":
        return None
    try:
        zone = ZoneInfo(str(ctx.settings.get("timezone") or "UTC"))
        return parse_date(text, None, zone).astimezone(UTC)
    except TrunklineError:
        raise TaskFailed(f"`{name}` {str(text)[:60]!r} is no ISO-8601 date") from None


def texts(ctx: RunContext, value: Any) -> list[str]:
    """A rendered list of texts; one text is a list of one, a JSON list is read as such."""
    rendered = ctx.render_typed(value)
    if rendered is None:
        return []
    if isinstance(rendered, str) and not rendered.lstrip().startswith("["):
        return [rendered] if rendered else []
    return [str(item) for item in ctx.read(value, list) or []]


def purged_namespaces(ctx: RunContext, names: Any, pattern: Any, children: Any) -> list[str]:
    """The namespaces that a purge reaches: those named, those of a glob, or all of them.

    Raises TaskFailed for both ways at once, NotFound for one that the flow may not reach.
    """
    named, glob = texts(ctx, names), ctx.render(pattern)
    if names is not None and glob:
        raise TaskFailed("`namespaces` and `namespacePattern` cannot be used together")
    for namespace in named:
        ctx.services.check_namespace(ctx.ids.namespace, namespace)
    return list(ctx.services.namespaces(named, glob, children=bool(ctx.read(children, bool))))
