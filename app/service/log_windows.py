"""Windows into a long log: lines by number, counts, and where a text stands."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from app.database import search as rows
from app.database.logs import LEVELS
from app.database.session import Session
from app.errors import BadRequest, Invalid
from app.model.pattern import Search
from app.service.runtime import Runtime
from app.service.search import log_conditions

MOST = 5000
MOST_LINES = (
    5_000_000  #: that a window can be moved over; every line of an execution has to be reached
)
MOST_SEARCHED, SEARCH_S = 200_000, 2.0


@dataclass(frozen=True, kw_only=True)
class Find:
    """What a line has to hold: a text, or what a regular expression describes."""

    text: str
    is_pattern: bool = False
    is_exact: bool = False  #: upper and lower case differ

    def matcher(self) -> Callable[[str], bool]:
        """Whether a message fits.

        Raises BadRequest for a wrong pattern; what it gives raises Invalid after two seconds of
        work.
        """
        if self.is_pattern:
            try:
                return Search(self.text, is_exact=self.is_exact, seconds=SEARCH_S).found_in
            except Invalid as error:
                raise BadRequest(f"`regex`: {error}") from None
        if self.is_exact:
            return lambda message: self.text in message
        wanted = self.text.lower()
        return lambda message: wanted in message.lower()


def window(
    rt: Runtime, given: Mapping[str, Any], *, start: int, count: int, find: Find | None = None
) -> tuple[int, Sequence[Row[Any]]]:
    """How many lines fit, and those from number `start` on; with `find` only those that hold it.

    Of the latter the first 200,000 lines are looked at. Raises BadRequest for a wrong pattern,
    Invalid when it takes too long.
    """
    conditions = log_conditions(rt, given)
    with rt.database.reading() as tx:
        if find is None:
            total = rows.count_logs(tx, conditions, MOST_LINES)
            return total, rows.list_logs(tx, conditions, limit=count, offset=start)
        found = numbers_of(tx, conditions, find)
        return len(found), rows.numbered_logs(tx, conditions, found[start : start + count])


def numbers_of(tx: Session, conditions: list[Any], find: Find) -> list[int]:
    """The numbers in the table of those lines that hold what is looked for, in order.

    Raises BadRequest for a wrong pattern, Invalid when it takes too long.
    """
    fits = find.matcher()
    return [n for n, message in rows.list_messages(tx, conditions, MOST_SEARCHED) if fits(message)]


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
    rt: Runtime, given: Mapping[str, Any], find: Find, *, start: int, count: int
) -> tuple[int, list[int]]:
    """How many of the first 200,000 lines hold what is looked for, and the numbers of some of them.

    Raises BadRequest for a wrong pattern, Invalid when it takes too long.
    """
    fits = find.matcher()
    with rt.database.reading() as tx:
        lines = rows.list_messages(tx, log_conditions(rt, given), MOST_SEARCHED)
    found = [i for i, (_, message) in enumerate(lines) if fits(message)]
    return len(found), found[start : start + count]


def errors(
    rt: Runtime,
    given: Mapping[str, Any],
    *,
    start: int,
    count: int,
    after: int | None = None,
    before: int | None = None,
) -> tuple[int, list[int]]:
    """How many of the lines that fit are errors, and the numbers of some of them.

    `after` and `before` a line: only those, the nearest first.
    """
    conditions = log_conditions(rt, given)
    near = {"after": after, "before": before}
    with rt.database.reading() as tx:
        total = rows.count_logs(tx, [*conditions, rows.IS_ERROR], MOST_LINES)
        return total, rows.places_of_errors(tx, conditions, limit=count, offset=start, **near)
