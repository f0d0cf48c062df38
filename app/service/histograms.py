"""How what a list finds is spread over time: counts by state or level, in bars of equal length."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.database import statistics
from app.database.logs import LEVELS
from app.errors import Invalid
from app.model.duration import parse_duration
from app.model.filter import Group
from app.model.moment import earlier, read_moment
from app.service.runtime import Runtime
from app.service.search import Wanted, asked, log_conditions

USUAL = timedelta(hours=24)
MOST_BARS = 200
_SHORTEST = timedelta(seconds=1)


@dataclass(frozen=True)
class Histogram:
    """Bars of `step` from `start` on; the counts of each by state or level, empty ones too."""

    start: datetime
    end: datetime
    step: timedelta
    bars: list[dict[str, int]]


def of_executions(rt: Runtime, wanted: Wanted, bars: int) -> Histogram:
    """Executions by state, at the moment when each was created; a day where no range is asked for.

    Raises Invalid for a number of bars that cannot be drawn.
    """
    empty = _empty(rt, wanted.where, bars)
    conditions = wanted.conditions(asked(rt))
    with rt.database.reading() as tx:
        counted = statistics.executions_in_bars(tx, conditions, empty.start, empty.end, empty.step)
    return _filled(empty, {(bar, state): count for bar, state, count in counted})


def of_logs(rt: Runtime, where: Group, bars: int) -> Histogram:
    """Lines by level; a day where no range is asked for. Raises Invalid as `of_executions` does."""
    empty = _empty(rt, where, bars)
    conditions = log_conditions(rt, {"where": where})
    with rt.database.reading() as tx:
        counted = statistics.logs_in_bars(tx, conditions, empty.start, empty.end, empty.step)
    return _filled(empty, {(bar, LEVELS[level]): count for bar, level, count in counted})


def _empty(rt: Runtime, where: Group, bars: int) -> Histogram:
    if not 1 <= bars <= MOST_BARS:
        raise Invalid(f"`bars` must be from 1 to {MOST_BARS}")
    start, end = _range(where, rt.clock())
    step = max((end - start) / bars, _SHORTEST)
    return Histogram(start, end, step, [{} for _ in range(bars)])


def _range(where: Group, now: datetime) -> tuple[datetime, datetime]:
    """The range that a filter names, up to now; the last day where it names none."""
    found: dict[str, Any] = {item.field: item.value for item in where.filters()}
    end = min(read_moment(found["endDate"]), now) if "endDate" in found else now
    if "startDate" in found:
        return min(read_moment(found["startDate"]), end), end
    span = parse_duration(found["timeRange"]) if "timeRange" in found else USUAL
    return earlier(end, span), end


def _filled(empty: Histogram, counted: Mapping[tuple[int, str], int]) -> Histogram:
    last = len(empty.bars) - 1
    for (bar, name), count in counted.items():
        counts = empty.bars[min(bar, last)]
        counts[name] = counts.get(name, 0) + count
    return empty
