"""What Home and the list of flows show at a glance: last runs, failing flows, durations, counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from app.database import filters
from app.database import glances as rows
from app.database import statistics as statistic_rows
from app.service.runtime import Runtime
from app.service.search import Wanted, asked

MOST_RUNS, MOST_FLOWS, LONGEST_LINE = 50, 50, 300


@dataclass(frozen=True)
class Failing:
    """A flow whose latest ended execution failed."""

    execution: Row[Any]
    since: datetime | None  #: when the first failure after the last good end began
    failures: int  #: since then
    task_id: str | None
    error: str | None  #: the last line that its log has at level ERROR


@dataclass(frozen=True)
class Spread:
    """Durations in seconds: half of the executions took at most p50, 95 of 100 at most p95."""

    count: int
    p50: float | None = None
    p95: float | None = None


def strips(
    rt: Runtime, places: Sequence[tuple[str, str]], runs: int
) -> list[tuple[str, str, Sequence[Row[Any]]]]:
    """The last executions of each flow, the newest first."""
    most = min(max(runs, 1), MOST_RUNS)
    with rt.database.reading() as tx:
        return [(n, i, rows.last_runs(tx, n, i, most)) for n, i in places]


def failing(rt: Runtime, wanted: Wanted, start: datetime) -> list[Failing]:
    """Flows that failed since `start` and have not ended well since, the latest failure first."""
    conditions = [*wanted.conditions(asked(rt)), filters.E.created_at >= start]
    found = []
    with rt.database.reading() as tx:
        for namespace, flow_id in rows.failed_flows(tx, conditions, MOST_FLOWS):
            last = rows.last_ended(tx, namespace, flow_id)
            if last is None or last.state != "FAILED":
                continue
            since, count = rows.failing_since(tx, namespace, flow_id)
            error = rows.last_error(tx, last.id)
            told = (error.task_id, last_line(error.message)) if error is not None else (None, None)
            found.append(Failing(last, since, count, *told))
    return found


def last_line(message: str) -> str | None:
    """The last line with a text: of a traceback the one that says what went wrong."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return lines[-1][:LONGEST_LINE] if lines else None


def counts(rt: Runtime, wanted: Wanted, start: datetime, end: datetime) -> dict[str, int]:
    """How many executions began in a range, by state."""
    with rt.database.reading() as tx:
        return rows.states(tx, _between(rt, wanted, start, end))


def spread(rt: Runtime, wanted: Wanted, start: datetime, end: datetime) -> Spread:
    """How long the executions took that began in a range and have ended."""
    with rt.database.reading() as tx:
        found = statistic_rows.executions_by(tx, _between(rt, wanted, start, end))
    micros = sorted(row.duration_us for row in found if row.duration_us is not None)
    if not micros:
        return Spread(0)
    return Spread(len(micros), _rank(micros, 0.5) / 1e6, _rank(micros, 0.95) / 1e6)


def _rank(ordered: Sequence[int], share: float) -> int:
    """The smallest value that at least this share of all is not above."""
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def _between(rt: Runtime, wanted: Wanted, start: datetime, end: datetime) -> list[Any]:
    column = filters.E.created_at
    return [*wanted.conditions(asked(rt)), column >= start, column <= end]
