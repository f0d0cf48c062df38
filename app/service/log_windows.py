"""Reading the log of one execution in parts: what a viewer of 200,000 lines asks for."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from app.database import log_windows
from app.database.log_windows import LinesFilter
from app.database.logs import LEVELS
from app.service.runtime import Runtime

MOST_LINES = 5_000  #: in one answer


def read_window(
    rt: Runtime, wanted: LinesFilter, start: int, count: int
) -> tuple[int, Sequence[Row[Any]]]:
    """How many lines fit, and at most `MOST_LINES` of them from number `start` (from 0) on."""
    with rt.database.reading() as tx:
        total = log_windows.count(tx, wanted)
        return total, log_windows.window(tx, wanted, start, min(count, MOST_LINES))


def summarise(rt: Runtime, execution_id: str) -> dict[str, Any]:
    """Counts by level, and by task run."""
    with rt.database.reading() as tx:
        rows = log_windows.counts(tx, execution_id)
    levels = dict.fromkeys(LEVELS, 0)
    runs: dict[str | None, dict[str, Any]] = {}
    for row in rows:
        levels[LEVELS[row.level]] += row.lines
        entry = runs.setdefault(
            row.task_run_id, {"taskRunId": row.task_run_id, "taskId": row.task_id, "levels": {}}
        )
        entry["levels"][LEVELS[row.level]] = row.lines
    return {"levels": levels, "taskRuns": list(runs.values()), "total": sum(levels.values())}


def find_places(
    rt: Runtime, wanted: LinesFilter, text: str, start: int, count: int
) -> tuple[int, list[int]]:
    """How many of the lines that fit hold a text, and the numbers of some of them."""
    with rt.database.reading() as tx:
        return log_windows.places(tx, wanted, text, start, min(count, MOST_LINES))
