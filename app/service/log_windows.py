"""Windows into a long log: lines by number, counts, and where a text stands."""

from collections.abc import Mapping, Sequence
from typing import Any

import regex
from sqlalchemy import Row

from app.database import search as rows
from app.database.logs import LEVELS
from app.errors import BadRequest, Invalid
from app.service.runtime import Runtime
from app.service.search import log_conditions

MOST = 5000
MOST_LINES = (
    5_000_000  #: that a window can be moved over; every line of an execution has to be reached
)
MOST_SEARCHED, SEARCH_S = 200_000, 2.0


def window(
    rt: Runtime, given: Mapping[str, Any], *, start: int, count: int, pattern: str | None = None
) -> tuple[int, Sequence[Row[Any]]]:
    """How many lines fit, and those from number `start` on.

    Raises BadRequest for a wrong pattern, Invalid when it takes too long.
    """
    conditions = log_conditions(rt, given)
    with rt.database.reading() as tx:
        if pattern is None:
            total = rows.count_logs(tx, conditions, MOST_LINES)
            return total, rows.list_logs(tx, conditions, limit=count, offset=start)
        lines = rows.list_logs(tx, conditions, limit=MOST_SEARCHED)
    found = _matching(lines, pattern)
    return len(found), found[start : start + count]


def _matching(lines: Sequence[Row[Any]], pattern: str) -> list[Row[Any]]:
    try:
        compiled = regex.compile(pattern)
        left = SEARCH_S / max(len(lines), 1)
        return [row for row in lines if compiled.search(row.message, timeout=max(left, 0.01))]
    except TimeoutError:
        raise Invalid("`regex` takes too long on this log") from None
    except regex.error as error:
        raise BadRequest(f"`regex` is no regular expression: {error}") from None


def summary(rt: Runtime, given: Mapping[str, Any]) -> tuple[dict[str, int], dict[str, Any]]:
    """Counts by level, and by task run and level."""
    by_level: dict[str, int] = {}
    by_run: dict[str, dict[str, int]] = {}
    with rt.database.reading() as tx:
        counted = rows.count_logs_by(tx, log_conditions(rt, given))
    for run_id, level, count in counted:
        name = LEVELS[level]
        by_level[name] = by_level.get(name, 0) + count
        if run_id is not None:
            run = by_run.setdefault(run_id, {})
            run[name] = run.get(name, 0) + count
    return by_level, by_run


def matches(
    rt: Runtime, given: Mapping[str, Any], text: str, *, start: int, count: int
) -> tuple[int, list[int]]:
    """How many of the first 200,000 lines hold a text, and the numbers of some of them."""
    with rt.database.reading() as tx:
        lines = rows.list_messages(tx, log_conditions(rt, given), MOST_SEARCHED)
    wanted = text.lower()
    found = [i for i, message in enumerate(lines) if wanted in message.lower()]
    return len(found), found[start : start + count]
